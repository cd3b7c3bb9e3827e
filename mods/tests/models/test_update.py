"""A model that goes on learning keeps what it is, and costs less than a new one."""

from __future__ import annotations

import numpy as np
import pytest

from mods.errors import SeriesError, UsageError
from mods.models import learning
from mods.models.forecaster import Forecaster
from mods.tests.models.conftest import SMALL, learnable


@pytest.fixture(scope="module")
def shifted():
    """The same rhythm, in which bursts now leave twice as slowly: another law to learn."""
    later = learnable(1500, seed=7).iloc[900:]
    noise = np.random.default_rng(3).normal(0, 1, later.shape).cumsum(axis=0)
    moved = later * 2.5 + 300 * np.sin(np.arange(len(later)) / 3)[:, None] + 20 * noise
    moved.attrs = dict(later.attrs)
    return moved


def error(forecaster, series):
    """Mean |error| over that of persistence, on the last 200 steps."""
    forecast = forecaster.backtest(series, series.index[-203:-3])
    actual = forecast.actual(series)
    now = series.loc[forecast.origins].to_numpy()[:, None]
    missed = np.abs(actual - forecast.values).mean(axis=(0, 1))
    return float((missed / np.abs(actual - now).mean(axis=(0, 1))).mean())


@pytest.fixture(scope="module")
def stale():
    """What it learnt on moved by chance alone, and taught it that nothing can be forecast."""
    walk = learnable(700)
    walk[:] = 1000 + np.random.default_rng(3).normal(0, 9, walk.shape).cumsum(axis=0)
    return Forecaster(model_type="MLP", **SMALL).fit(walk)


def test_it_beats_the_stale_model(stale, series):
    begin = series.iloc[:600]
    updated = stale.update(begin, num_epochs=8)
    assert error(stale, series) > 0.97 and error(updated, series) < 0.8


def test_it_takes_fewer_epochs_than_a_new_one(forecaster, series):
    begin, told, anew = series.iloc[200:600], [], []
    forecaster.update(begin, watch=lambda _, error: told.append(error), num_epochs=8)
    fresh = Forecaster(**{**SMALL, "model_type": "MLP", "num_epochs": 8})
    fresh.fit(begin, watch=lambda _, error: anew.append(error))
    reached = next(epoch for epoch, one in enumerate(told, 1) if one <= min(anew[:4]) * 1.1)
    assert reached < 4


def test_what_it_is_stays(forecaster, shifted):
    before = forecaster.parts()
    updated = forecaster.update(shifted.iloc[:300], num_epochs=1)
    after = updated.parts()
    assert after.state["transform"] == before.state["transform"]
    kept = updated.config.blocks, updated.config.num_epochs, updated.config.learning_rate
    assert kept == (8, 1, 0.01)
    assert forecaster.parts().state == before.state and forecaster.config.num_epochs == 4
    assert updated._trained.tail.index[-1] == shifted.index[299]


def test_the_tenth_time_it_learns_on_is_trained_like_the_first(forecaster):
    config, rates = forecaster.config, []
    for _ in range(10):
        config, now = learning.onward(config, {"num_epochs": 3})
        rates.append(now.learning_rate)
    assert rates == [0.0025] * 10 and (config.learning_rate, config.num_epochs) == (0.01, 3)
    config, now = learning.onward(config, {"learning_rate": 0.5})
    assert (config.learning_rate, now.learning_rate) == (0.01, 0.5)


def test_where_no_epoch_improves_the_old_weights_stay(forecaster, series):
    wild = forecaster.update(series.iloc[700:], num_epochs=2, learning_rate=1.0)
    old, new = (one.parts().weights for one in (forecaster, wild))
    names = [name for name in old if name.startswith("network/")]
    assert all(np.array_equal(old[name], new[name]) for name in names)


def test_other_features_are_refused_in_one_line(forecaster, series):
    told = "the series has conn_in, other, the model wants conn_in, ssh_in"
    with pytest.raises(SeriesError, match=rf"^ssh_in: {told}\. Select the features the model"):
        forecaster.update(series.rename(columns={"ssh_in": "other"}))


def test_what_makes_the_network_cannot_change(forecaster, series):
    with pytest.raises(UsageError, match=r"^blocks: stays as it is.*It may change num_epochs"):
        forecaster.update(series, blocks=16)
