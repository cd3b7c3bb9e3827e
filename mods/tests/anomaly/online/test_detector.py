"""OnlineDetector: learns as it goes, never looks ahead, in constant memory."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mods import OnlineDetector
from mods.errors import ModelError, SeriesError, UsageError

DAY = 144


def traffic(days: float = 14, seed: int = 0) -> pd.DataFrame:
    """Two features every 10 minutes: one with a rhythm of the day, one without."""
    rng = np.random.default_rng(seed)
    steps = np.arange(int(days * DAY))
    rate = 200 + 100 * np.sin(2 * np.pi * steps / DAY)
    index = pd.date_range("2024-03-04", periods=len(steps), freq="10min", tz="UTC")
    counts = {"conn": rng.poisson(rate), "ssh": rng.poisson(20, len(steps))}
    return pd.DataFrame(counts, index).astype(float)


@pytest.fixture(scope="module")
def calm() -> pd.DataFrame:
    return traffic()


@settings(max_examples=10)
@given(st.integers(1, 1439), st.integers(0, 2**32 - 1))
def test_scrambling_the_future_changes_no_earlier_score(cut, seed):
    """Whatever comes later (other values, gaps, huge numbers): what was said stays said."""
    series = traffic(10)
    other, rng = series.copy(), np.random.default_rng(seed)
    later = other.to_numpy(copy=True)[cut:]
    rng.shuffle(later)
    later = later * rng.choice([1.0, 1.0, 1e6, np.nan], later.shape)
    other.iloc[cut:] = later
    detector = OnlineDetector(probation=100)
    changed = detector.run(other)
    pd.testing.assert_frame_equal(changed[:cut], OnlineDetector(probation=100).run(series[:cut]))


def test_all_rows_at_once_give_the_numbers_of_one_by_one(calm):
    one = OnlineDetector(probation=200)
    rows = [one.update(time, row) for time, row in calm[:800].iterrows()]
    at_once = OnlineDetector(probation=200).run(calm[:800])
    assert [tuple(row) for row in at_once.itertuples(index=False)] == [tuple(row) for row in rows]


@settings(max_examples=6)
@given(st.integers(0, 1150))
def test_a_stream_goes_on_from_its_state_as_if_it_had_never_stopped(cut):
    series = traffic(8)
    whole = OnlineDetector(probation=300).run(series)
    first = OnlineDetector(probation=300)
    first.run(series[:cut])
    resumed = OnlineDetector.from_state(json.loads(json.dumps(first.state())))
    pd.testing.assert_frame_equal(resumed.run(series[cut:]), whole[cut:])


def test_a_burst_is_found_at_once_and_told_with_its_feature(calm):
    calm = calm.copy()
    calm.iloc[1500:1503, 1] += 200
    found = OnlineDetector(probation=300).run(calm)
    assert found["anomaly"].iloc[1500] == 1
    assert found["feature"].iloc[1500] == "ssh"
    assert found["anomaly"].iloc[1501:1536].sum() == 0, "one alarm, then rest"


def test_a_usual_value_at_an_unusual_time_is_found(calm):
    """At the trough of the day as much as at its peak: within the range, against the rhythm."""
    calm = calm.copy()
    trough = 10 * DAY + 108
    calm.iloc[trough : trough + 4, 0] = 300.0
    found = OnlineDetector(probation=300).run(calm)
    assert found["anomaly"].iloc[trough : trough + 4].sum() == 1
    assert (found["kind"].iloc[trough : trough + 4] != "novelty").all()


def test_a_lasting_shift_within_the_range_is_found(calm):
    calm = calm.copy()
    calm.iloc[1600:1700, 1] += 8
    found = OnlineDetector(probation=300).run(calm)
    assert found["anomaly"].iloc[1600:1640].sum() >= 1


def test_probation_gaps_and_rows_without_value_score_zero(calm):
    calm = calm.copy()
    calm.iloc[700:720] = np.nan
    found = OnlineDetector(probation=300).run(calm)
    silent = pd.concat([found[:300], found[700:720]])
    assert (silent["anomaly_score"] == 0).all() and (silent["feature"] == "").all()
    assert found["anomaly_score"].iloc[720:].max() > 0


def test_a_feature_that_begins_late_has_a_probation_of_its_own(calm):
    calm = calm.copy()
    calm.iloc[:1000, 1] = np.nan
    calm.iloc[1200, 1] = 1e6
    calm.iloc[1800, 1] = 1e7
    found = OnlineDetector(probation=300).run(calm)
    assert found["feature"].iloc[1200] != "ssh"
    assert found["feature"].iloc[1800] == "ssh" and found["anomaly"].iloc[1800] == 1


def test_memory_does_not_grow(calm):
    """The state of two months is hardly larger than that of 20 days: histograms fill."""

    def size(days: int) -> int:
        detector = OnlineDetector(probation=300)
        detector.run(traffic(days))
        return len(json.dumps(detector.state()))

    assert size(60) < 1.4 * size(20)


def test_the_memory_of_its_process_does_not_grow_either():
    """Four months of windows: from the second on no more than 2 MiB are added."""
    pytest.importorskip("benchmarks.online", reason="installed without its benchmarks")
    words = [sys.executable, "-m", "benchmarks.online", "--days", "120", "--features", "1"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    rows = [line.strip("| ").split(" | ") for line in done.stdout.splitlines()[2:14]]
    assert rows[-1][0] == "17,280"
    held = [float(one[1]) for one in rows]
    assert held[-1] - held[2] < 2.0, held


@pytest.mark.parametrize("budget", [2.0, 7.0])
def test_the_budget_is_kept_on_calm_data(budget):
    """Eight weeks after probation: not more than one and a half times the alarms asked for."""
    detector = OnlineDetector(budget, probation=DAY * 4)
    raised = detector.run(traffic(60))["anomaly"].to_numpy()
    assert 0 < raised.sum() / 8 <= 1.5 * budget


extreme = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([0.0, 1e308, -1e308, 5e-324, 1e-310]),
)


@given(st.lists(st.tuples(st.integers(-(10**11), 10**11), extreme), min_size=30, max_size=120))
def test_any_values_at_any_stamps_give_finite_scores(rows):
    """Irregular, repeated and backward stamps; missing, infinite and huge values."""
    detector = OnlineDetector(probation=24)
    for moment, value in rows:
        scored = detector.update(moment, {"x": value})
        assert 0 <= scored.anomaly_score <= 1
        assert 0 < scored.threshold <= 1
        assert np.isfinite(value) or scored.anomaly_score == 0


def test_a_budget_a_time_and_a_state_that_cannot_be_meant_are_refused(calm):
    with pytest.raises(UsageError, match="0 is no budget"):
        OnlineDetector(0)
    with pytest.raises(SeriesError, match="'noon' is no time"):
        OnlineDetector().update("noon", {"x": 1.0})
    with pytest.raises(SeriesError, match="holds no times"):
        OnlineDetector().run(calm.reset_index(drop=True))
    with pytest.raises(ModelError, match="Begin anew"):
        OnlineDetector.from_state({"format": 1})
    other = OnlineDetector().state() | {"format": 2}
    with pytest.raises(ModelError, match="format 2"):
        OnlineDetector.from_state(other)
