import numpy as np
import pandas as pd
import pytest

from mods.anomaly import budget, threshold

STEP = pd.Timedelta("10min")
WEEK = 1008


def sizes(weeks, seed, names="abcd", degrees=4):
    rng = np.random.default_rng(seed)
    steps = int(weeks * WEEK)
    return pd.DataFrame({name: np.abs(rng.standard_t(degrees, steps)) for name in names})


def per_week(frame, limits):
    merged = (frame / limits).max(axis=1).to_numpy()
    return len(threshold.alarms(merged, 1.0, 36)) / (len(frame) / WEEK)


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


def test_heavy_tail_raises_its_own_threshold_only():
    light = sizes(6, seed=2, names="ab", degrees=30)
    heavy = pd.DataFrame({"heavy": sizes(6, seed=3, names="h", degrees=1.5)["h"]})
    before, after = budget.share(light, 1, STEP), budget.share(light.join(heavy), 1, STEP)
    assert after["heavy"] > 5 * after["a"]
    assert after["a"] < 1.3 * before["a"]
