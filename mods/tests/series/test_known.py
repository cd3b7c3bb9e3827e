"""What is known in advance: the clock, and a user's own columns."""

import numpy as np
import pandas as pd
import pytest

from mods.errors import SeriesError
from mods.series import known

STEPS = pd.date_range("2024-03-04T00:10Z", periods=1008, freq="10min")


def test_the_clock_knows_the_time_of_day_and_the_day_of_the_week_and_nothing_else():
    day, week = known.waves(STEPS, "day"), known.waves(STEPS, "week")
    np.testing.assert_allclose(day[:144], day[144:288], atol=1e-9)
    assert len(np.unique(day[:144].round(6), axis=0)) == 144
    assert len(np.unique(week.round(6), axis=0)) == 7, "one for each day"
    assert (week[:144] == week[0]).all(), "the window that ends at midnight is of the day before"
    np.testing.assert_array_equal(known.waves(STEPS + pd.Timedelta("7D"), "week"), week)


def test_a_column_is_scaled_by_training_alone_and_what_is_missing_stays_so():
    series = pd.DataFrame({"a": 1.0, "warm": [1.0, 3.0, np.nan, 9.0]}, STEPS[:4])
    found = known.fit(series.iloc[:3], ["warm"], ["week", "day"])
    assert (found.width, found.calendar) == (11, ("day", "week"))
    values = found.array(series, STEPS[:5])
    np.testing.assert_array_equal(values[:, 0], [-1, 1, np.nan, 7, np.nan])
    assert np.isfinite(values[:, 1:]).all() and known.read(found.state()) == found


def test_a_column_that_is_not_there_or_empty_is_named():
    series = pd.DataFrame({"a": 1.0, "empty": np.nan}, STEPS[:4])
    with pytest.raises(SeriesError, match=r"holiday: is a column known in advance.*has a, empty"):
        known.fit(series, ["holiday"], [])
    with pytest.raises(SeriesError, match=r"empty: has no value in the 4 steps.*--known"):
        known.fit(series, ["empty"], [])
    constant = known.fit(series, ["a"], [])
    assert constant.array(series, STEPS[:1]).tolist() == [[0.0]]
