"""Kinds of events: told from shapes made by hand, and from shapes put into noisy traffic."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pandas as pd
import pytest

from mods.anomaly import kinds
from mods.anomaly.events import Event

STEP = pd.Timedelta("10min")
START = pd.Timestamp("2024-03-04T00:00:00Z")
DAY, HOUR = 144, 6
FEATURES = ("conn_in", "conn_out", "dns", "ssh")
BEGIN = 10 * DAY + 60


def traffic(noise: float = 0.0, seed: int = 0, days: int = 16) -> pd.DataFrame:
    """Sums over an hour of four features with a rhythm of a day; noise in shares of the mean."""
    rng = np.random.default_rng(seed)
    panes = np.arange(days * DAY + HOUR - 1)
    table = {}
    for name, size in zip(FEATURES, (900.0, 400.0, 120.0, 60.0), strict=True):
        rate = size * (1 + 0.4 * np.sin(2 * np.pi * panes / DAY))
        spread = noise * size * np.sqrt(HOUR) * rng.normal(size=len(panes))
        table[name] = np.convolve(rate + spread, np.ones(HOUR), "valid").clip(0).round()
    return pd.DataFrame(table, pd.date_range(START, periods=days * DAY, freq=STEP))


def hours(raw: np.ndarray) -> np.ndarray:
    """What hour windows see of an activity: a sixth of each of the last six slides."""
    return np.convolve(raw, np.ones(HOUR) / HOUR)[: len(raw)]


def put(series: pd.DataFrame, name: str, raw: np.ndarray, times: float) -> pd.DataFrame:
    """The series with so many median hours more of a feature (less where negative)."""
    activity = np.zeros(len(series))
    activity[BEGIN : BEGIN + len(raw)] = raw
    changed = series.copy()
    changed[name] += times * series[name].median() * hours(activity)
    return changed.clip(lower=0)


def event(
    feature: str, direction: str = "too much", first: int = 0, last: int = 6, peak: int = 2
) -> Event:
    """What a detector sees of it, in steps after its begin."""
    at = [START + (BEGIN + step) * STEP for step in (first, last, first + peak)]
    return Event(at[0], at[1], at[2], 3.0, (feature,), direction, "")


def told(series: pd.DataFrame, one: Event) -> str:
    (named,) = kinds.told([one], series, STEP)
    assert (named.start, named.features, named.score) == (one.start, one.features, one.score)
    return named.kind


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_a_scan_that_comes_and_goes_is_a_burst(noise):
    series = put(traffic(noise), "conn_in", np.ones(4), 2.0)
    assert told(series, event("conn_in", last=9)) == "burst"


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_a_short_lack_of_one_feature_is_a_dip(noise):
    series = put(traffic(noise), "dns", np.ones(6), -0.5)
    assert told(series, event("dns", "too little", last=9)) == "dip"


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_guesses_that_grow_over_hours_and_stop_are_a_ramp(noise):
    series = put(traffic(noise), "ssh", np.linspace(0, 1, 30), 2.0)
    assert told(series, event("ssh", first=12, last=34)) == "ramp"


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_a_tunnel_that_grows_over_a_day_is_a_slow_rise(noise):
    series = put(traffic(noise), "dns", np.linspace(0, 1, DAY), 2.0)
    assert told(series, event("dns", first=50, last=DAY)) == "slow rise"
    falling = put(traffic(noise), "dns", np.linspace(0, 1, DAY), -0.8)
    assert told(falling, event("dns", "too little", first=50, last=DAY)) == "slow fall"


@pytest.mark.parametrize("noise", [0.0, 0.1])
@pytest.mark.parametrize(("times", "direction"), [(1.0, "too much"), (-0.5, "too little")])
def test_a_new_level_for_days_is_a_level_shift_though_its_event_is_over_sooner(
    noise, times, direction
):
    series = put(traffic(noise), "conn_out", np.ones(3 * DAY), times)
    assert told(series, event("conn_out", direction, last=40)) == "level shift"


@pytest.mark.parametrize("left", [0.0, 0.3])
def test_all_features_together_too_little_are_an_outage(left):
    series = traffic(0.1)
    series.iloc[BEGIN : BEGIN + 12] *= left
    assert told(series, event("ssh", "too little", last=17)) == "outage"


def test_one_feature_that_falls_to_nothing_is_out_too():
    series = traffic(0.1)
    series.iloc[BEGIN : BEGIN + 12, 2] = 0.0
    assert told(series, event("dns", "too little", last=17)) == "outage"
    assert told(series, event("conn_in", "too little", last=17)) != "outage"


@pytest.mark.parametrize(("left", "kind"), [(0.0, "outage"), (0.3, "dip")])
def test_two_hours_without_one_feature_are_an_outage_though_windows_fall_slowly(left, kind):
    series, gone = traffic(0.1), np.zeros(16 * DAY)
    gone[BEGIN : BEGIN + 2 * HOUR] = 1 - left
    series["dns"] = (series["dns"] * (1 - hours(gone))).round()
    assert told(series, event("dns", "too little", first=2, last=18, peak=6)) == kind


def test_one_value_again_and_again_is_a_flat_line_where_there_was_movement():
    series = traffic(0.1)
    series.iloc[BEGIN : BEGIN + 40, 0] = series.iloc[BEGIN, 0]
    assert told(series, event("conn_in", first=20, last=40)) == "flat line"


def test_a_feature_that_always_stood_still_has_no_flat_lines():
    series = traffic(0.0)
    series["ssh"] = 2.0
    series.iloc[BEGIN : BEGIN + 3, 3] = 9.0
    assert told(series, event("ssh", last=9)) == "burst"


def test_what_has_just_begun_is_told_from_what_is_known():
    series = put(traffic(0.1), "conn_in", np.ones(300), 2.0).iloc[: BEGIN + 4]
    assert told(series, event("conn_in", last=3)) == "burst"


def test_without_a_week_before_it_the_kind_is_told_all_the_same():
    series = put(traffic(0.1), "conn_in", np.ones(4), 3.0).iloc[BEGIN - 20 : BEGIN + 60]
    assert told(series, event("conn_in", last=9)) == "burst"


@pytest.mark.parametrize(("times", "direction"), [(2.0, "too much"), (-0.5, "too little")])
@pytest.mark.parametrize("peak", [0, 800, 1_619])
def test_an_event_of_eleven_days_is_a_level_shift_wherever_its_peak_lies(times, direction, peak):
    series = put(traffic(0.1, days=24), "conn_out", np.ones(1_615), times)
    assert told(series, event("conn_out", direction, last=1_619, peak=peak)) == "level shift"


def test_a_day_of_windows_every_ten_seconds_is_told_as_fast_as_one_every_ten_minutes():
    """What a shape is fitted over is as long at any step: beyond it memory would grow squared."""
    step, day = pd.Timedelta("10s"), 8_640
    rng = np.random.default_rng(0)
    values = 900 + 90 * rng.normal(size=10 * day)
    values[8 * day : 9 * day] *= 2
    index = pd.date_range(START, periods=len(values), freq=step)
    at = [index[position] for position in (8 * day, 9 * day - 1, 8 * day + 9)]
    one = Event(*at, 3.0, ("conn_in",), "too much", "")
    tracemalloc.start()
    (named,) = kinds.told([one], pd.DataFrame({"conn_in": values}, index), step)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert named.kind == "level shift" and most < 64 * 1024**2


def test_missing_stretches_stay_missing_and_values_without_end_break_nothing():
    gap = event("conn_in", "missing")
    assert kinds.told([gap], traffic(), STEP) == [gap]
    wild = traffic()
    wild.iloc[BEGIN] = np.inf
    wild.iloc[BEGIN + 1] = 1e308
    wild.iloc[BEGIN + 2 : BEGIN + 5] = np.nan
    assert told(wild, event("conn_in", last=9)) in kinds.KINDS


def test_injected_shapes_are_told_apart_in_noisy_traffic():
    """Twenty of each, as large as the median hour (ramps twice), in windows that share panes."""
    shapes = {
        "burst": ("conn_in", np.full(3, 2.0), 0, 8, "too much"),
        "ramp": ("ssh", np.linspace(0, 2, 40), 20, 44, "too much"),
        "slow rise": ("dns", np.linspace(0, 1, 180), 90, 184, "too much"),
        "level shift": ("conn_out", np.ones(2 * DAY), 0, 40, "too much"),
    }
    for kind, (name, raw, first, last, way) in shapes.items():
        found = [
            told(put(traffic(0.15, seed), name, raw, 1.0), event(name, way, first, last))
            for seed in range(20)
        ]
        assert found.count(kind) >= 17, (kind, found)
