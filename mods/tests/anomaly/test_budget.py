import numpy as np
import pandas as pd
import pytest

from mods.anomaly import budget, rest, threshold

STEP = pd.Timedelta("10min")
WEEK = 1008


def sizes(weeks, seed, names="abcd", degrees=4):
    rng = np.random.default_rng(seed)
    steps = int(weeks * WEEK)
    return pd.DataFrame({name: np.abs(rng.standard_t(degrees, steps)) for name in names})


def per_week(frame, limits):
    high = rest.alarming(frame / limits, 72)
    return len(threshold.alarms(high, True, 36)) / (len(frame) / WEEK)


@pytest.mark.parametrize("weeks", [0.5, 3, 12])
def test_independent_scores_together_keep_the_budget(weeks):
    fresh = sizes(200, seed=0)
    realised = [per_week(fresh, budget.share(sizes(weeks, s), 1, STEP)) for s in range(1, 13)]
    assert 0.4 < np.mean(realised) < (2.5 if weeks < 1 else 1.5)


def test_scores_that_say_the_same_share_one_budget_not_a_quarter_each():
    alone = sizes(12, seed=1, names="a")
    fourfold = pd.concat([alone["a"].rename(name) for name in "abcd"], axis=1)
    together = budget.share(fourfold, 1, STEP)
    assert together["a"] == pytest.approx(threshold.learn(alone["a"].to_numpy(), 1, STEP), rel=0.1)


def test_heavy_tail_raises_its_own_threshold_and_a_part_of_those_of_its_kind():
    light = named(sizes(6, seed=2, names="ab", degrees=30), "level")
    heavy = sizes(6, seed=3, names="h", degrees=1.5)
    alone = budget.share(light, 1, STEP)
    other = budget.share(light.join(named(heavy, "surprise")), 1, STEP)
    same = budget.share(light.join(named(heavy, "level")), 1, STEP)
    assert other["h", "surprise"] > 5 * other["a", "level"]
    assert other["a", "level"] < 1.3 * alone["a", "level"]
    assert same["h", "level"] > 1.5 * same["a", "level"] > 1.5 * alone["a", "level"]


def test_kind_with_twice_the_rate_has_the_lower_thresholds():
    both = named(sizes(6, seed=4, names="a"), "level")
    both["a", "surprise"] = sizes(6, seed=5, names="a")["a"]
    limits = budget.share(both, 1, STEP, {"surprise": 2.0})
    assert limits["a", "surprise"] < limits["a", "level"]


def test_column_that_never_moved_alarms_at_once_and_lowers_nobody():
    moved = named(sizes(6, seed=6, names="ab"), "level")
    alone = budget.share(moved, 1, STEP)
    silent = pd.DataFrame({("c", "level"): np.zeros(len(moved))})
    with_silent = budget.share(moved.join(silent), 1, STEP)
    assert with_silent["c", "level"] < 1e-5
    assert with_silent["a", "level"] == pytest.approx(alone["a", "level"], rel=0.15)


def named(frame, kind):
    return frame.set_axis(pd.MultiIndex.from_product([frame.columns, [kind]]), axis=1)
