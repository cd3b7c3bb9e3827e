import numpy as np
import pandas as pd
import pytest

from mods.series import baselines


def series(values, freq="10min"):
    values = np.asarray(values, float)
    index = pd.date_range("2019-06-01", periods=len(values), freq=freq, tz="UTC", name="time")
    return pd.DataFrame({"a": values}, index)


def at(frame, *places):
    return frame.index[list(places)]


def test_persistence_is_the_value_at_the_origin():
    frame = series([1, np.nan, 3])
    forecast = baselines.persistence(frame, at(frame, 0, 1), 2)
    np.testing.assert_equal(forecast.values[:, :, 0], [[1, 1], [np.nan, np.nan]])
    assert forecast.features == ("a",) and forecast.step == pd.Timedelta("10min")


def test_seasonal_naive_goes_back_whole_periods_until_it_is_in_the_past():
    frame = series([1, 2, 3, 4, 5, 6])
    forecast = baselines.seasonal_naive(frame, at(frame, 4), 5, period=2)
    assert forecast.values[0, :, 0].tolist() == [4, 5, 4, 5, 4]


def test_seasonal_naive_is_persistence_where_the_earlier_value_is_missing():
    frame = series([1, np.nan, 3, 4])
    forecast = baselines.seasonal_naive(frame, at(frame, 3, 0), 3, period=3)
    assert forecast.values[:, :, 0].tolist() == [[4, 3, 4], [1, 1, 1]]


def test_the_period_is_found():
    wave = np.sin(np.arange(600) * 2 * np.pi / 24) + np.random.default_rng(0).normal(0, 0.05, 600)
    assert baselines.season(series(wave)) == 24
    wave[100:110] = np.nan
    wave[300] = 100
    assert baselines.season(series(wave)) == 24


@pytest.mark.parametrize("values", [[1.0], [1.0] * 50, [np.nan] * 50, list(range(50))])
def test_no_period_where_nothing_repeats(values):
    frame = series(values)
    assert baselines.season(frame) is None
    forecast = baselines.seasonal_naive(frame, frame.index[-1:], 1) if len(frame) > 1 else None
    if forecast is not None:
        np.testing.assert_equal(forecast.values[0, 0, 0], values[-1])


def test_slot_median_change_adds_what_this_time_of_day_usually_brings():
    frame = series([0, 1, 0, 0] * 2 + [10, 15, 10, 10] + [4, 4], freq="6h")
    forecast = baselines.slot_median_change(frame, at(frame, 8, 12), 2)
    # at 8 the changes so far were +1 and +1 (lead 1), 0 and 0; at 12 they were 1, 1, 5 and 0, 0, 0
    assert forecast.values[:, :, 0].tolist() == [[11, 10], [5, 4]]


def test_slot_median_change_is_persistence_where_no_day_is_known():
    frame = series(range(4), freq="6h")
    assert baselines.slot_median_change(frame, at(frame, 2), 2).values.tolist() == [[[2], [2]]]
    odd = series(range(9), freq="7h")
    assert baselines.slot_median_change(odd, at(odd, 8), 1).values.tolist() == [[[8]]]


@pytest.mark.parametrize("name", ["persistence", "seasonal_naive", "slot_median_change", "theta"])
def test_no_baseline_knows_what_comes_later(name):
    values = np.random.default_rng(1).normal(0, 1, 1500) + np.sin(np.arange(1500) / 5)
    whole, origins = series(values), series(values).index[700:720]
    cut = whole.copy()
    cut.iloc[720:] = 1e9
    before = baselines.all_of(whole, origins, 30)[name].values
    after = baselines.all_of(cut, origins, 30)[name].values
    assert before.shape == (20, 30, 1)
    np.testing.assert_array_equal(before, after)
    np.testing.assert_array_equal(before[:1], baselines.all_of(cut, origins[:1], 30)[name].values)


def test_without_an_origin_there_is_no_forecast():
    frame = series(range(10))
    for forecast in baselines.all_of(frame, frame.index[:0], 3).values():
        assert forecast.values.shape == (0, 3, 1)
