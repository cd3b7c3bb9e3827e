from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mods.models import judging
from mods.models.forecaster import Forecaster
from mods.tests.models.conftest import SMALL


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


def test_windows_that_share_panes_count_as_few():
    rng = np.random.default_rng(2)
    gain = np.convolve(rng.normal(0.1, 1.0, 905), np.ones(6) / 6, "valid")[:, None]
    believed = [judging.trust(part, panes=6) for part in np.split(gain, 10)]
    unaware = [judging.trust(part, panes=1) for part in np.split(gain, 10)]
    assert np.mean(believed) < np.mean(unaware)


def test_less_evidence_is_not_more_trust():
    gain = np.array([[0.3], [-0.2], [0.1], [-0.1]])
    assert judging.trust(np.repeat(gain, 12, axis=1)) == 0.0
    assert judging.trust(gain[:1]) == 0.0
    steady = np.array([[0.30], [0.31], [0.29], [0.30]])
    assert judging.trust(np.repeat(steady, 12, axis=1)) > 0.95


def test_what_validation_does_not_show_is_not_believed_nor_certain(series):
    blank = series.iloc[:300].assign(level=7.0)
    blank.loc[blank.index[260:], "ssh_in"] = np.nan
    blank.attrs = dict(series.attrs)
    forecaster = Forecaster(**{**SMALL, "num_epochs": 1}, model_type="MLP").fit(blank)
    state, figures = forecaster.parts().state, forecaster.metrics["validation"]
    spread = np.array(state["spread"]) / state["transform"]["scale"]
    assert state["features"] == ["conn_in", "ssh_in", "level"] and state["trust"][1] == 0.0
    assert np.allclose(spread[:, :, 1], spread[:, :, 0]) and (spread[:, :, 1] > 0).all()
    assert figures["features"]["level"] is None and "ssh_in" not in figures["features"]
    assert figures["mean"] == pytest.approx(figures["features"]["conn_in"])


@pytest.mark.parametrize("seed", [0, 1])
def test_a_random_walk_is_forecast_as_well_as_by_persistence(seed):
    values = np.cumsum(np.random.default_rng(seed).standard_normal((1_400, 3)), axis=0)
    days = pd.date_range("2024-01-01", periods=len(values), freq="1D", tz="UTC", name="time")
    walks = pd.DataFrame(values, days, ["a", "b", "c"])
    forecast = Forecaster(steps_ahead=3).fit(walks[:600]).backtest(walks, walks.index[600:-3])
    actual = forecast.actual(walks)
    persistence = np.abs(actual - values[600:-3, None]).mean()
    assert np.abs(actual - forecast.values).mean() < 1.02 * persistence
