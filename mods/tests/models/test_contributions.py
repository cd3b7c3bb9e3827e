"""The parts of a forecast add up to it."""

from __future__ import annotations

import pytest

from mods.features.datapool import Datapool
from mods.flows.saved import load
from mods.models import catalogue


@pytest.mark.parametrize("lead", [1, 3])
def test_the_parts_of_a_forecast_add_up_to_it(pool, shelf, lead):
    forecaster, _ = load(catalogue.find("small", str(shelf)))
    series = Datapool(pool).select(forecaster.config.query)
    origin = series.index[-50]
    told = forecaster.backtest(series, series.index[[-50]])
    parts = forecaster.contributions(series, origin, lead)
    assert set(parts) == set(forecaster.features)
    for number, name in enumerate(forecaster.features):
        one, forecast = parts[name], told.values[0, lead - 1, number]
        assert one.base == series[name].loc[origin]
        assert one.forecast == pytest.approx(forecast, rel=1e-5)
        assert one.base + sum(one.parts.values()) == pytest.approx(forecast, rel=1e-5)
        assert {"leaving", "level", "rhythm", "network"} <= set(one.parts)
        assert sum(abs(part) for part in one.parts.values()) > 0
