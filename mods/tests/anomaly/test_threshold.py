import numpy as np
import pandas as pd
import pytest

from mods.anomaly.threshold import alarms, learn

STEP = pd.Timedelta("10min")
WEEK = 1008
REST = 36


def noise(weeks, seed, kind="residual"):
    """Sizes of window residuals (heavy tails, six steps of overlap), or of their slow mean."""
    rng = np.random.default_rng(seed)
    sums = np.convolve(rng.standard_t(3, int(weeks * WEEK) + 5), np.ones(6), "valid")
    if kind == "residual":
        return np.abs(sums)
    return pd.Series(sums).clip(-6, 6).ewm(span=36, adjust=False).mean().abs().to_numpy()


def test_after_an_alarm_comes_silence():
    scores = np.zeros(100)
    scores[[10, 11, 45, 46, 90]] = 5
    assert alarms(scores, 5, REST).tolist() == [10, 46, 90]
    assert alarms(np.full(WEEK, 9.0), 5, REST).size == 28


def test_long_calm_range_is_counted_and_keeps_its_budget():
    calm = noise(20, seed=1)
    limit = learn(calm, 2, STEP)
    assert len(alarms(calm, limit, REST)) <= 40
    assert len(alarms(calm, limit * 0.98, REST)) > 36


@pytest.mark.parametrize("kind", ["residual", "level"])
@pytest.mark.parametrize("days", [1.5, 7, 21])
def test_budget_holds_on_fresh_noise_however_short_the_calm_range(kind, days):
    """Realised alarms over many calm ranges: near the budget of 1 a week, never far above."""
    fresh = noise(200, seed=0, kind=kind)
    limits = [learn(noise(days / 7, seed, kind), 1, STEP) for seed in range(1, 31)]
    realised = [len(alarms(fresh, limit, REST)) / 200 for limit in limits]
    assert np.mean(realised) < 2
    assert days < 7 or np.median(realised) > 0.2


def test_extrapolation_goes_beyond_what_was_seen():
    calm = noise(1 / 7, seed=3)
    assert learn(calm, 0.1, STEP) > calm.max()


def test_one_extreme_value_does_not_decide_alone():
    calm = noise(4, seed=4)
    usual = learn(calm, 1, STEP)
    calm[2000] = calm.max() * 10
    assert learn(calm, 1, STEP) < calm[2000] / 2
    assert learn(calm, 1, STEP) >= usual


def test_smaller_budget_means_higher_threshold():
    calm = noise(3, seed=5)
    limits = [learn(calm, budget, STEP) for budget in (0.1, 0.5, 1, 2, 7, 28)]
    assert limits == sorted(limits, reverse=True)


def test_unobserved_steps_are_not_calm_time():
    calm = noise(1, seed=6)
    diluted = np.concatenate([calm, np.full(50 * WEEK, np.nan)])
    assert learn(diluted, 1, STEP) == learn(calm, 1, STEP)


def test_series_that_never_moved_alarms_when_it_does():
    assert 0 < learn(np.zeros(WEEK), 1, STEP) < 0.01
    assert 3 < learn(np.full(WEEK, 3.0), 1, STEP) < 3.1
    assert learn(np.full(5, np.nan), 1, STEP) > 0
