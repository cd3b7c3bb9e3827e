import numpy as np
import pandas as pd
import pytest

from mods.anomaly import evaluation
from mods.anomaly.evaluation import Scene, Scores, Trial
from mods.anomaly.injection import BURST, SHIFT, Anomaly
from mods.request.experiments import OWN

STEP = pd.Timedelta("10min")
WEEK = 1008


def scores(values, own=1.0):
    values = np.asarray(values, float)
    return Scores(values, values >= own)


def clean(weeks=2, peaks=()):
    values = np.full(weeks * WEEK, 0.1)
    for at, height in peaks:
        values[at] = height
    return values


def anomaly(kind, start, end):
    return Anomaly(kind, ("conn",), start, end, end - start, 1.0, True)


def test_the_threshold_brings_the_budget_on_the_clean_range():
    # four alarms; the two peaks 10 steps apart are one, for six hours of rest lie between alarms
    peaks = [(100, 0.9), (110, 0.9), (500, 0.8), (900, 0.7), (1300, 0.6)]
    scene = Scene(scores(clean(2, peaks)), 0, STEP)
    assert scene.limit(1) == 0.8
    assert scene.limit(2) == 0.6
    assert scene.alarms(0.7) == 3
    assert 0.9 < scene.limit(0.4) < 1
    assert scene.alarms(OWN) == 0


def test_found_is_an_alarm_in_time_where_the_clean_range_has_none():
    base = clean(2, [(300, 0.9), (900, 0.8)])
    scene = Scene(scores(base), 0, STEP)
    changed = base.copy()
    changed[103] = 0.85
    changed[700:740] = 0.3
    changed[780] = 0.95
    events = [
        anomaly(BURST, 100, 110),  # seen at 103
        anomaly(BURST, 298, 310),  # alarm only where the clean range alarms as well
        anomaly(SHIFT, 700, 1000),  # seen at 780, and 900 in the clean range: after 12 hours
    ]
    rows = evaluation.found(scene, [Trial(1.0, events, scores(changed))], [1.0])
    told = rows[rows["budget"] == 1.0].set_index("kind")
    assert told["events"].to_dict() == {BURST: 2, SHIFT: 1}
    assert told["found"].to_dict() == {BURST: 1, SHIFT: 0}
    assert told["delay_minutes"][BURST] == 30
    own = rows[rows["budget"] == OWN].set_index("kind")
    assert own["found"].to_dict() == {BURST: 0, SHIFT: 0}


def test_the_own_alarms_are_those_raised_not_the_scores_at_the_threshold():
    """A shifted level stays at the threshold for a day; the detector says so once."""
    values = clean(2)
    values[200:344] = 2.0
    table = pd.DataFrame({"anomaly_score": values, "threshold": 1.0, "anomaly": 0})
    table.loc[200, "anomaly"] = 1
    scene = Scene(Scores.of(table), 0, STEP)
    assert scene.alarms(OWN) == 1 and scene.alarms(1.0) == 4
    late = Trial(1.0, [anomaly(SHIFT, 210, 400)], Scores.of(table.assign(anomaly=0)))
    seen = Trial(
        1.0,
        [anomaly(SHIFT, 210, 400)],
        Scores.of(table.assign(anomaly=table["anomaly"].shift(13, fill_value=0))),
    )
    found = [evaluation.found(scene, [trial], [])["found"].item() for trial in (late, seen)]
    assert found == [0, 1]


def test_random_scores_find_no_more_than_the_random_row_says():
    rng = np.random.default_rng(5)
    size = 8 * WEEK
    events = [anomaly(SHIFT, at, at + 300) for at in range(100, size - 400, 500)]
    scene = Scene(scores(rng.random(size)), 0, STEP)
    trials = [Trial(1.0, events, scores(rng.random(size))) for _ in range(30)]
    rows = evaluation.found(scene, trials, [7.0]).query("budget == 7")
    assert rows["found"].sum() / rows["events"].sum() == pytest.approx(
        rows["random"].item(), abs=0.08
    )


def test_area_under_precision_and_recall_by_hand():
    base = clean(1)
    changed = base.copy()
    changed[10:12], changed[50] = [0.9, 0.7], 0.8
    trial = Trial(1.0, [anomaly(BURST, 10, 11)], scores(changed))
    areas = evaluation.precision(Scene(scores(base), 0, STEP), [trial])
    # recall 1/2 at precision 1, then 1 at precision 2/3
    assert areas["auc_pr"].item() == pytest.approx((1 + 2 / 3) / 2)
    assert areas["random"].item() == pytest.approx(2 / WEEK)


def test_scores_that_never_move_find_nothing():
    scene = Scene(scores(clean(1)), 0, STEP)
    trial = Trial(2.0, [anomaly(BURST, 10, 20)], scores(clean(1)))
    rows = evaluation.found(scene, [trial], [1.0, 7.0])
    assert rows["found"].sum() == 0 and rows["delay_minutes"].isna().all()
    areas = evaluation.precision(scene, [trial])
    assert areas["auc_pr"].item() == pytest.approx(areas["random"].item())
