import numpy as np
import pandas as pd
import pytest

import mods
from mods.errors import SeriesError, UsageError
from mods.series import splits

HOUR = pd.Timedelta("1h")


def month(days=10, window="w01h-s10m"):
    """Every window of w01h-s10m that starts in the first days of June, or a plain file's rows."""
    first = pd.Timestamp("2019-06-01", tz="UTC") + (HOUR if window else pd.Timedelta(0))
    index = pd.date_range(first, periods=144 * days, freq="10min", name="time")
    series = pd.DataFrame({"a": np.arange(len(index), dtype=float)}, index)
    if window:
        series.attrs["window"] = window
    return series


def ranged(text):
    return mods.TimeRange.parse(text)


def test_a_cut_keeps_out_the_windows_that_lie_across_it():
    before, between, after = mods.split(month(), "2019-06-04", "2019-06-07T12:00+02:00")
    assert before.index[-1] == pd.Timestamp("2019-06-04T00:00Z")
    assert between.index[0] == pd.Timestamp("2019-06-04T01:00Z")
    assert between.index[-1] == pd.Timestamp("2019-06-07T10:00Z")
    assert after.index[0] - between.index[-1] == HOUR
    assert before.attrs == {"window": "w01h-s10m"}


def test_the_window_can_be_given_for_a_series_that_does_not_name_it():
    before, after = mods.split(month(window=None), "2019-06-04", window=mods.Window(3600, 600))
    assert after.index[0] - before.index[-1] == HOUR
    before, after = mods.split(month(window=None), "2019-06-04")
    assert after.index[0] - before.index[-1] == pd.Timedelta("10min")


def test_cuts_that_make_no_sense_are_refused():
    with pytest.raises(UsageError, match="do not follow each other"):
        mods.split(month(), "2019-06-07", "2019-06-04")
    with pytest.raises(UsageError, match="'monday' is no moment. Use ISO 8601"):
        mods.split(month(), "monday")
    with pytest.raises(SeriesError, match="0 steps are too few for the part from the begin"):
        mods.split(month(), "2018-06-04")


def test_by_default_the_last_fifth_is_the_test_and_a_tenth_of_the_rest_validation():
    series = month()
    parts = splits.parts(series)
    assert parts.test is not None
    assert len(parts.test) == 288 and parts.test.index[-1] == series.index[-1]
    assert len(parts.validation) == 114  # a tenth of 1152, less the 5 windows across the cut
    assert parts.test.index[0] - parts.validation.index[-1] == HOUR
    assert parts.validation.index[0] - parts.train.index[-1] == HOUR
    assert parts.train.index[0] == series.index[0] and parts.calm is parts.validation


def test_ranges_select_by_window_start_and_training_gives_way_to_the_test():
    parts = splits.parts(
        month(), train=ranged("<2019-06-01,2019-06-06)"), test=ranged("<2019-06-06,2019-06-07>")
    )
    assert parts.test is not None
    assert parts.test.index[0] == pd.Timestamp("2019-06-06T01:00Z") and len(parts.test) == 288
    assert parts.validation.index[-1] == pd.Timestamp("2019-06-06T00:00Z")


def test_a_test_before_the_training_is_left_alone_too():
    parts = splits.parts(
        month(), train=ranged("<2019-06-05,2019-06-09)"), test=ranged("<2019-06-01,2019-06-05)")
    )
    assert parts.test is not None and len(parts.test) == 4 * 144
    assert parts.train.index[0] - parts.test.index[-1] == HOUR


def test_a_file_is_selected_by_its_stamps_and_touches_without_a_gap():
    parts = splits.parts(
        month(window=None),
        train=ranged("<2019-06-01,2019-06-06)"),
        test=ranged("<2019-06-06,2019-06-07>"),
    )
    assert parts.test is not None
    assert parts.test.index[0] == pd.Timestamp("2019-06-06T00:00Z")
    assert parts.validation.index[-1] == pd.Timestamp("2019-06-05T23:50Z")


def test_with_a_train_range_alone_there_is_no_test():
    parts = splits.parts(month(), train=ranged("<2019-06-01,2019-06-06)"))
    assert parts.test is None and len(parts.validation) == 72
    assert parts.validation.index[-1] == pd.Timestamp("2019-06-06T00:50Z")


def test_with_a_test_range_alone_training_ends_where_it_begins():
    parts = splits.parts(month(), test=ranged("<2019-06-06,2019-06-07)"))
    assert parts.train.index[0] == month().index[0]
    assert parts.validation.index[-1] == pd.Timestamp("2019-06-06T00:00Z")


def test_what_is_excluded_is_missing_in_its_own_part_only():
    day, other = ranged("<2019-06-02,2019-06-02>"), ranged("<2019-06-09T00:00,2019-06-09T01:00)")
    parts = splits.parts(month(), train_excluded=[day], test_excluded=[day, other])
    assert parts.test is not None
    assert parts.train["a"].isna().sum() == 144 and parts.test["a"].isna().sum() == 6
    assert (parts.train.index[1:] - parts.train.index[:-1] == pd.Timedelta("10min")).all()


def test_calm_has_a_range_of_its_own():
    parts = splits.parts(month(), calm=ranged("<2019-06-03,2019-06-03>"))
    assert len(parts.calm) == 144 and parts.calm.index[0] == pd.Timestamp("2019-06-03T01:00Z")


def test_overlapping_or_empty_ranges_are_refused():
    june = ranged("<2019-06-01,2019-06-06>")
    with pytest.raises(UsageError, match="overlap. Give ranges that do not share a moment"):
        splits.parts(month(), train=june, test=ranged("<2019-06-06,2019-06-07>"))
    with pytest.raises(SeriesError, match="no step lies in <2020,2021>. It reaches from 2019-06"):
        splits.parts(month(), train=ranged("<2020,2021>"))


@pytest.mark.parametrize("count", [0, 1, 5, 13])
def test_too_few_steps_are_an_error(count):
    with pytest.raises(SeriesError, match="too few|no step|is empty"):
        splits.parts(month()[:count])


def test_the_steps_inside_a_range_or_up_to_its_end():
    day = ranged("<2019-06-02,2019-06-02>")
    assert len(splits.inside(month(), day)) == 144
    assert len(splits.inside(month(), day, until_end=True)) == 288
    assert len(splits.inside(month(), None)) == 1440
