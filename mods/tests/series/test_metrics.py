import numpy as np
import pandas as pd
import pytest

from mods.series import baselines, figures, metrics
from mods.series.forecast import Forecast

NAN = np.nan


def series(**columns):
    count = len(next(iter(columns.values())))
    index = pd.date_range("2019-06-01", periods=count, freq="10min", tz="UTC", name="time")
    return pd.DataFrame(columns, index, dtype=float)


def forecast(frame, origins, values, **bounds):
    """`values` (origins, leads) of the only feature."""
    values = np.array(values, float)[:, :, None]
    sides = {side: {80: np.array(bound, float)[:, :, None]} for side, bound in bounds.items()}
    names = tuple(frame.columns)
    return Forecast(frame.index[origins], names, pd.Timedelta("10min"), values, **sides)


@pytest.mark.parametrize(
    ("metric", "actual", "guess", "value"),
    [
        (metrics.mods_smape, [0, 10, NAN], [0, 30, 1], 50),
        (metrics.mods_smape, [0, 1], [1, 1], 100),
        (metrics.mods_smape, [NAN], [NAN], NAN),
        (metrics.mods_r2, [1, 2, 3], [1, 2, 4], 0.5),
        (metrics.mods_r2, [2, 2], [2, 2], NAN),
        (metrics.mods_r2, [NAN], [1], NAN),
        (metrics.mods_rmse, [1, 2, NAN], [4, 6, 5], np.sqrt(12.5)),
        (metrics.mods_cosine, [3, 4], [4, 3], 0.96),
        (metrics.mods_cosine, [0, 0], [4, 3], NAN),
        (metrics.mae, [1, NAN, 3], [2, 5, NAN], 1),
    ],
)
def test_by_hand(metric, actual, guess, value):
    assert metric(np.array(actual, float), np.array(guess, float)) == pytest.approx(
        value, nan_ok=True
    )


def test_relative_errors():
    actual, guess = np.array([4.0, 8.0, NAN]), np.array([5.0, 7.0, 1.0])
    assert metrics.mase(actual, guess, np.array([0.0, 2.0, NAN, 1.0, 5.0])) == pytest.approx(1 / 3)
    assert metrics.rel_mae(actual, guess, np.array([2.0, 6.0, 0.0])) == 0.5
    assert metrics.rel_mae(actual, guess, np.array([2.0, NAN, 0.0])) == 0.5
    assert np.isnan(metrics.rel_mae(actual, guess, actual))


def test_a_target_counts_where_it_and_its_origin_are_known():
    frame = series(a=[10, NAN, 30, 20, 20])
    given = forecast(frame, [0, 1, 2, 3], [[1], [2], [22], [20]])
    row = metrics.evaluate(given, frame).iloc[0]
    # 10 -> NaN and NaN -> 30 do not count; 30 -> 20 forecast as 22, 20 -> 20 as 20
    assert (row["targets"], row["missing"]) == (2, 0)
    assert (row["mae"], row["persistence_mae"], row["rel_mae"]) == (1, 5, 0.2)
    assert row["mods_smape"] == pytest.approx(200 * 2 / 42 / 2)
    assert row["mods_rmse"] == pytest.approx(np.sqrt(2))


def test_a_missing_forecast_costs_twice_what_persistence_costs():
    frame = series(a=[10, 20, 24])
    row = metrics.evaluate(forecast(frame, [0, 1], [[NAN], [24]]), frame).iloc[0]
    assert (row["targets"], row["missing"]) == (2, 1)
    assert row["rel_mae"] == pytest.approx(20 / 14) and row["mods_smape"] == pytest.approx(100)


def test_no_missing_forecast_has_more_than_the_largest_smape():
    frame = series(a=[10, 0, 1000, 1])
    row = metrics.evaluate(forecast(frame, [0, 1, 2], [[NAN], [NAN], [NAN]]), frame).iloc[0]
    # twice persistence's errors 10, 1000 and 999 beside 0, 1000 and 1: all beyond 200 %
    assert (row["mods_smape"], row["missing"]) == (200, 3)
    assert np.isnan(row["mods_r2"]) and np.isnan(row["mods_cosine"])


def test_every_figure_is_told_beside_the_others():
    frame = series(a=[0, 1, NAN, 4, 6, 1, 8])
    row = metrics.evaluate(forecast(frame, [4, 5], [[3], [4]]), frame).iloc[0]
    # errors 2 and 4; the steps up to the first origin are 1 (0 to 1) and 2 (4 to 6)
    assert (row["mae"], row["mase"]) == (3, 2)
    assert row["mods_r2"] == pytest.approx(1 - (4 + 16) / (2 * 3.5**2))
    assert row["mods_cosine"] == pytest.approx((1 * 3 + 8 * 4) / np.sqrt(65 * 25))
    alone = metrics.evaluate(forecast(frame, [0], [[3]]), frame)
    told = figures.rows(alone)[0]  # one value has no variance, and the first origin no step before
    assert (told["mods_r2"], told["mase"], told["mods_cosine"]) == (None, None, 1.0)


def test_what_is_too_large_to_square_is_not_told():
    frame = series(a=[1e300, -1e300, 1e300])
    row = figures.rows(metrics.evaluate(forecast(frame, [0, 1], [[0], [0]]), frame))[0]
    assert (row["mods_rmse"], row["mods_r2"], row["rel_mae"]) == (None, None, 0.5)


def test_only_the_targets_asked_for_count():
    frame = series(a=[10, 20, 40, 80])
    given = forecast(frame, [0, 1], [[20, 30], [40, 80]])
    counted = given.reaching(frame.index[2:3])
    table = metrics.evaluate(given, frame, counted=counted)
    assert table["targets"].tolist() == [1, 1] and table["mae"].tolist() == [0, 10]


def test_intervals_cover_what_lies_on_their_bounds():
    frame = series(a=[10, 20, 40, 80])
    bounds = {"lower": [[20], [10], [90]], "upper": [[30], [30], [NAN]]}
    row = metrics.evaluate(forecast(frame, [0, 1, 2], [[20], [20], [80]], **bounds), frame).iloc[0]
    assert row["cover_80"] == pytest.approx(1 / 3)
    assert row["width_80"] == pytest.approx(15 / (70 / 3))


def test_every_baseline_stands_beside_the_forecast():
    frame = series(a=[0, 2, 4, 6, 8], b=[1, 1, 1, 1, 1])
    origins = frame.index[1:4]
    exact = Forecast(
        origins, ("a", "b"), pd.Timedelta("10min"), frame.loc[origins].to_numpy()[:, None] + [2, 0]
    )
    table = metrics.evaluate(exact, frame, baselines.all_of(frame, origins, 1))
    assert table["feature"].tolist() == ["a", "b"]
    assert table["persistence_mae"].tolist() == [2, 0]
    assert table["theta_mae"].iloc[0] < 2 and table["theta_mae"].iloc[1] == 0
    assert {"seasonal_naive_mae", "slot_median_change_mae"} < set(table)
