import json

import numpy as np
import pandas as pd
import pytest

from mods.anomaly.drift import CLIP, MEMORY, Drift

STEP = pd.Timedelta("1h")


def steady(days, size=100.0, start="2019-04-01", seed=0):
    index = pd.date_range(start, periods=24 * days, freq=STEP, tz="UTC")
    noise = np.random.default_rng(seed).normal(0, 0.05, len(index))
    return pd.DataFrame({"conn_in": size * np.exp(noise)}, index)


@pytest.fixture(scope="module")
def drift():
    return Drift.learn(steady(60), STEP)[0]


def test_history_is_scored_against_the_days_before_once_there_are_enough():
    _, scores = Drift.learn(steady(60), STEP)
    assert scores.iloc[: 28 * 24].isna().all(axis=None)
    assert 0.2 < scores.abs().median()["conn_in"] < 1


def test_doubling_and_halving_weigh_the_same(drift):
    live = steady(2, start="2019-06-01")
    more, less = (drift.signed(live * factor)["conn_in"].iloc[-1] for factor in (2, 0.5))
    assert more > 5
    assert less == pytest.approx(-more, rel=0.1)


def test_a_rhythm_known_from_weeks_is_kept_where_the_history_has_but_days(drift):
    night = steady(3, size=50.0, start="2019-06-01")
    kept, scores = Drift.learn(night, STEP, drift.rhythm)
    assert kept.rhythm is drift.rhythm and kept.level["conn_in"] < 60
    assert scores["conn_in"].iloc[-1] == pytest.approx(-1, abs=0.1)
    assert Drift.learn(steady(15), STEP, drift.rhythm)[0].rhythm.days == 15
    assert Drift.learn(steady(5), STEP, Drift.learn(night, STEP)[0].rhythm)[0].rhythm.days == 5


def test_one_step_says_only_so_much_and_fades(drift):
    live = steady(2, start="2019-06-01", seed=1)
    calm = drift.signed(live)["conn_in"]
    live.iloc[24] = 1e9
    after = drift.signed(live)["conn_in"]
    weight = 2 / (MEMORY + 1)
    assert after.iloc[24] - calm.iloc[24] <= weight * 2 * CLIP
    assert after.iloc[24] > calm.iloc[24] + 0.7
    assert after.iloc[24 + 2 * MEMORY - 13] - calm.iloc[47] < 0.2


def test_slow_rise_adds_up_before_it_doubled(drift):
    live = steady(3, start="2019-06-01", seed=2)
    live["conn_in"] *= np.linspace(1, 1.6, len(live))
    assert drift.signed(live)["conn_in"].iloc[-1] > 5


def test_negative_values_are_compared_by_their_difference():
    series = steady(30).assign(change=np.random.default_rng(1).normal(0, 1, 30 * 24))
    drift, _ = Drift.learn(series, STEP)
    assert drift.plain == ("change",)
    live = series.iloc[:48].assign(change=-20.0)
    assert drift.signed(live)["change"].iloc[-1] < -5
    assert np.isfinite(drift.signed(live.assign(conn_in=-5.0))["conn_in"]).all()


def test_silent_feature_and_gaps_are_no_trouble(drift):
    quiet = steady(30).assign(ssh_in=0.0)
    found = Drift.learn(quiet, STEP)[0].signed(quiet)
    assert (found["ssh_in"] == 0).all()
    live = steady(2, start="2019-06-01")
    live.iloc[5:9] = np.nan
    live.iloc[20] = np.inf
    scored = drift.signed(live)["conn_in"]
    assert np.flatnonzero(scored.isna()).tolist() == [5, 6, 7, 8, 20]


def test_new_feature_like_another_is_scored_after_a_week_of_its_own(drift):
    wider = drift.alike("conn_out", {"conn_in": 2.0, "unheard": 1.0})
    live = steady(9, start="2019-06-01").assign(conn_out=lambda one: one["conn_in"] * 2)
    live.iloc[-12:, 1] *= 3
    found = wider.signed(live)["conn_out"]
    assert found.iloc[: 7 * 24].isna().all()
    assert found.iloc[-1] > 5


def test_state_travels_as_json(drift):
    again = Drift.from_state(json.loads(json.dumps(drift.state(), allow_nan=False)))
    live = steady(3, start="2019-06-01")
    pd.testing.assert_frame_equal(again.signed(live), drift.signed(live), check_exact=True)
