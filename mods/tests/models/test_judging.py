from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mods.models import judging
from mods.models.forecaster import Forecaster


def test_a_gain_that_may_be_chance_is_not_believed():
    rng = np.random.default_rng(0)
    chance = rng.normal(0.0, 1.0, (200, 20, 3)) + 0.01
    believed = [judging.trust(gain) for gain in chance]
    assert np.mean([one > 0 for one in believed]) < 0.2
    assert judging.trust(rng.normal(0.5, 1.0, (400, 3))) > 0.95


def test_paths_that_err_alike_count_as_few():
    rng = np.random.default_rng(1)
    blocks = rng.normal(0.3, 1.0, 40)
    alike = np.repeat(np.repeat(blocks, 4)[:, None], 4, axis=1)
    apart = rng.normal(0.3, 1.0, (160, 4))
    assert judging.trust(alike) < judging.trust(apart)


@pytest.mark.parametrize("seed", [0, 1])
def test_a_random_walk_is_forecast_as_well_as_by_persistence(seed):
    values = np.cumsum(np.random.default_rng(seed).standard_normal((1_400, 3)), axis=0)
    days = pd.date_range("2024-01-01", periods=len(values), freq="1D", tz="UTC", name="time")
    walks = pd.DataFrame(values, days, ["a", "b", "c"])
    forecast = Forecaster(steps_ahead=3).fit(walks[:600]).backtest(walks, walks.index[600:-3])
    actual = forecast.actual(walks)
    persistence = np.abs(actual - values[600:-3, None]).mean()
    assert np.abs(actual - forecast.values).mean() < 1.02 * persistence
