import numpy as np
import pandas as pd
import pytest

import mods
from mods.errors import SeriesError
from mods.series import contract, gaps, ranges


def frame(stamps, values=None):
    index = pd.DatetimeIndex(pd.to_datetime(stamps, utc=True, format="ISO8601"), name="time")
    return pd.DataFrame(
        {"a": np.arange(len(index)) if values is None else values}, index, dtype=float
    )


TEN = [f"2019-06-01T00:{m:02d}" for m in range(0, 60, 10)]


def test_a_series_passes_as_it_is():
    series = frame(TEN)
    assert contract.check(series) is series
    assert contract.step(series) == pd.Timedelta("10min")
    assert contract.window(series) == mods.Window(600, 600)


@pytest.mark.parametrize("kind", ["int64", "uint8", "Int64", "bool"])
def test_whole_numbers_and_truth_values_become_floats(kind):
    given = frame(TEN, [0, 1, 1, 0, 1, 0])
    told = given.astype(kind)
    told.attrs["window"] = "w10m-s10m"
    checked = contract.check(told)
    pd.testing.assert_frame_equal(checked, given)
    assert checked.attrs == told.attrs and told.dtypes.tolist() == [kind]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (frame(TEN).tz_localize(None), "not in UTC"),
        (frame(TEN).reset_index(drop=True), "not in UTC"),
        (frame(TEN).astype("float32"), "a: is float32, not float64"),
        (frame(TEN)[[]], "one or more columns"),
        (frame(TEN)[["a", "a"]], "name of its own"),
        (frame(TEN).drop(frame(TEN).index[2]), "one exact step"),
        (frame(TEN[::-1]), "one exact step"),
        (frame([TEN[0], TEN[0]]), "one exact step"),
    ],
)
def test_each_broken_promise_has_its_answer(broken, reason):
    with pytest.raises(SeriesError, match=reason):
        contract.check(broken)


def test_a_hole_becomes_a_missing_value():
    series = contract.regular(frame([*TEN[:2], *TEN[4:]]))
    np.testing.assert_equal(series["a"].to_numpy(), [0, 1, np.nan, np.nan, 2, 3])
    assert contract.check(series) is series


def test_stamps_that_tremble_go_to_the_nearest_step_and_the_last_of_two_counts():
    trembling = ["2019-06-01T00:00", "2019-06-01T00:10:01", "2019-06-01T00:19:59"]
    series = contract.regular(frame([*trembling, *TEN[3:], TEN[3]]))
    np.testing.assert_equal(series["a"].to_numpy(), [0, 1, 2, 6, 4, 5])
    assert series.index[0] == pd.Timestamp("2019-06-01T00:00Z")


def test_a_stray_first_stamp_does_not_move_the_grid():
    series = contract.regular(frame(["2019-05-31T23:51", *TEN]))
    assert [f"{t:%H:%M}" for t in series.index[:2]] == ["23:50", "00:00"]


def test_one_stamp_far_away_is_an_error_not_a_billion_gaps():
    far = ["1970-01-01T00:00", *(f"2019-06-01T00:00:{s:02d}" for s in range(10))]
    with pytest.raises(SeriesError, match="stray stamps"):
        contract.regular(frame(far))


def test_no_step_without_two_stamps():
    with pytest.raises(SeriesError, match="1 rows have no step"):
        contract.regular(frame(TEN[:1]))
    with pytest.raises(SeriesError, match="1 rows have no step"):
        contract.step(frame(TEN[:1]))


def test_a_named_window_gives_step_length_and_starts():
    series = frame(TEN)[:1]
    series.attrs["window"] = "w01h-s10m"
    assert contract.step(series) == pd.Timedelta("10min")
    assert contract.window(series) == mods.Window(3600, 600)
    assert ranges.starts(series)[0] == pd.Timestamp("2019-05-31T23:00Z")


def test_ranges_select_by_stamp_where_no_window_is_named():
    chosen = ranges.held(frame(TEN), "<2019-06-01T00:10,2019-06-01T00:30)")
    assert chosen["a"].tolist() == [1, 2]
    with pytest.raises(SeriesError, match="from 2019-06-01T00:00Z to 2019-06-01T00:50Z"):
        ranges.held(frame(TEN), "<2020,2021)")


def test_what_is_left_out_is_missing_and_the_series_itself_stays():
    series = frame(TEN)
    left = ranges.without(series, ["(2019-06-01T00:00,2019-06-01T00:20>"])
    np.testing.assert_equal(left["a"].to_numpy(), [0, np.nan, np.nan, 3, 4, 5])
    assert series.notna().all(axis=None) and contract.check(left) is left


def test_runs_of_what_is_known():
    series = frame(TEN, [1, np.nan, 3, 4, np.nan, np.nan]).assign(b=1.0)
    assert gaps.runs(gaps.known(series)).tolist() == [[0, 1], [2, 4]]
    assert gaps.runs(np.array([], bool)).shape == (0, 2)


@pytest.mark.parametrize(
    ("how", "limit", "filled"),
    [
        ("last", None, [np.nan, 1, 1, 1, 4, 4]),
        ("last", 1, [np.nan, 1, 1, np.nan, 4, 4]),
        ("linear", None, [np.nan, 1, 2, 3, 4, np.nan]),
        ("zero", None, [0, 1, 0, 0, 4, 0]),
    ],
)
def test_gaps_are_filled_by_name(how, limit, filled):
    series = frame(TEN, [np.nan, 1, np.nan, np.nan, 4, np.nan])
    np.testing.assert_equal(gaps.fill(series, how, limit)["a"].to_numpy(), filled)


def test_an_unknown_filling_is_told_the_known_ones():
    with pytest.raises(mods.ModsError, match="Known are last, linear, zero"):
        gaps.fill(frame(TEN), "guess")
