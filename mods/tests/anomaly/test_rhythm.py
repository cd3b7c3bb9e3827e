import json
import tracemalloc

import numpy as np
import pandas as pd
import pytest

from mods.anomaly.rhythm import DAYS, Rhythm

STEP = pd.Timedelta("1h")
DAY = pd.Series([1.0] * 8 + [5.0] * 10 + [2.0] * 6)


def hourly(days, start="2019-04-01", noise=0.0, seed=0):
    """The same 24 values every day (2019-04-01 is a Monday), and noise."""
    index = pd.date_range(start, periods=24 * days, freq=STEP, tz="UTC")
    values = np.tile(DAY, days) + noise * np.random.default_rng(seed).normal(size=24 * days)
    return pd.DataFrame({"conn_in": values}, index)


def test_what_was_learnt_is_expected_from_the_first_step_on():
    rhythm = Rhythm.learn(hourly(30), STEP)
    live = hourly(2, start="2019-05-01")
    assert rhythm.expected(live)["conn_in"].tolist() == live["conn_in"].tolist()


def test_own_day_and_later_ones_change_nothing():
    rhythm = Rhythm.learn(hourly(20, noise=0.3), STEP)
    live = hourly(9, start="2019-04-21", noise=0.3, seed=1)
    before = rhythm.expected(live)
    live.iloc[5 * 24 + 7 :] *= 100
    after = rhythm.expected(live)
    pd.testing.assert_frame_equal(before.iloc[: 6 * 24], after.iloc[: 6 * 24], check_exact=True)
    assert not np.allclose(before.iloc[6 * 24 :], after.iloc[6 * 24 :])


def test_shift_of_days_is_ignored_and_one_of_weeks_becomes_usual():
    rhythm = Rhythm.learn(hourly(DAYS), STEP)
    live = hourly(DAYS, start="2019-05-27")
    live *= 3
    expected = rhythm.expected(live)["conn_in"]
    assert expected.iloc[24 * 10 + 3] == 1
    assert expected.iloc[-1] == 3 * 2


def test_days_of_the_series_weigh_as_much_as_learnt_ones():
    """One learnt week of noise is outweighed by the second week that the series shows."""
    learnt = hourly(8)
    live = 4 * hourly(20, start="2019-04-09")
    expected = Rhythm.learn(learnt, STEP).expected(live)["conn_in"]
    assert expected.iloc[0] == 1
    assert expected.iloc[24 * 12] == 4


def test_series_alone_shows_its_rhythm_after_a_week():
    expected = Rhythm.learn(hourly(9), STEP).unlearnt().expected(hourly(9))["conn_in"]
    assert expected.iloc[: 7 * 24].isna().all()
    assert expected.iloc[7 * 24 :].tolist() == [*DAY, *DAY]


def test_weekends_that_differ_are_expected_to():
    series = hourly(28)
    rest = np.asarray(series.index.day_of_week >= 5)
    series.loc[rest] /= 4
    both = series.assign(dns=hourly(28)["conn_in"])
    rhythm = Rhythm.learn(both, STEP)
    assert rhythm.weekly == ("conn_in",)
    live = both.iloc[: 7 * 24].set_axis(both.index[: 7 * 24] + pd.Timedelta("28D"))
    pd.testing.assert_frame_equal(rhythm.expected(live), live, check_freq=False)


def test_few_days_make_no_rhythm_but_a_level():
    rhythm = Rhythm.learn(hourly(3), STEP)
    assert rhythm.expected(hourly(1, start="2019-04-04"))["conn_in"].unique().tolist() == [2.0]


def test_gaps_and_features_without_a_table_are_unknown_not_zero():
    rhythm = Rhythm.learn(hourly(20), STEP)
    live = hourly(10, start="2019-04-21").assign(ssh_in=7.0)
    live.iloc[24:48] = np.nan
    expected = rhythm.expected(live)
    assert expected["conn_in"].tolist() == [*DAY] * 10
    assert expected["ssh_in"].isna().sum() == 8 * 24
    assert expected["ssh_in"].iloc[-1] == 7
    empty = Rhythm.learn(hourly(0), STEP).expected(live)
    assert empty["conn_in"].iloc[-1] == 2


def test_neighbouring_slots_smooth_those_of_ten_minutes():
    index = pd.date_range("2019-04-01", periods=20 * 144, freq="10min", tz="UTC")
    values = np.zeros(len(index))
    values[72::144] = 5.0
    rhythm = Rhythm.learn(pd.DataFrame({"conn_in": values}, index), pd.Timedelta("10min"))
    live = pd.DataFrame({"conn_in": np.zeros(144)}, index[:144])
    assert rhythm.expected(live)["conn_in"].iloc[69:76].tolist() == [0, 1, 1, 1, 1, 1, 0]


@pytest.mark.parametrize("step", ["1min", "7min", "1D"])
def test_any_step_has_its_slots(step):
    index = pd.date_range("2019-04-01", periods=2_000, freq=step, tz="UTC")
    series = pd.DataFrame({"conn_in": np.full(len(index), 3.0)}, index)
    assert (Rhythm.learn(series, pd.Timedelta(step)).expected(series)["conn_in"] == 3).all()


def test_many_features_are_expected_as_each_alone_in_little_more_memory_than_they_take():
    one = hourly(60, noise=0.3)["conn_in"].to_numpy()
    index = hourly(60).index
    live = pd.DataFrame({f"sensor-{n}": np.roll(one, 7 * n) for n in range(96)}, index)
    rhythm = Rhythm.learn(live.iloc[: 20 * 24], STEP)
    tracemalloc.start()
    expected = rhythm.expected(live)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 4 * live.to_numpy().nbytes
    for name in ("sensor-0", "sensor-15", "sensor-16", "sensor-95"):
        alone = rhythm.expected(live[[name]])
        pd.testing.assert_frame_equal(expected[[name]], alone, check_exact=True)


def test_state_travels_as_json():
    rhythm = Rhythm.learn(hourly(30, noise=0.2), STEP)
    again = Rhythm.from_state(json.loads(json.dumps(rhythm.state(), allow_nan=False)))
    live = hourly(10, start="2019-05-01")
    pd.testing.assert_frame_equal(again.expected(live), rhythm.expected(live), check_exact=True)
