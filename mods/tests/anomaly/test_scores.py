import numpy as np
import pandas as pd

from mods.anomaly import scores
from mods.anomaly.drift import Drift
from mods.anomaly.residuals import residuals
from mods.series.forecast import Forecast

STEP = pd.Timedelta("10min")
CALM = pd.Series({"conn_in": 100.0})


def series(steps, seed=1):
    index = pd.date_range("2019-04-01", periods=steps, freq=STEP, tz="UTC")
    values = np.random.default_rng(seed).gamma(2, 100, steps)
    return pd.DataFrame({"conn_in": values}, index)


def persistence(frame, leads=6):
    values = np.repeat(frame.to_numpy(float)[:, None, :], leads, axis=1)
    return Forecast(frame.index, tuple(frame.columns), STEP, values)


def signed(frame, drift=None):
    learnt = drift or Drift.learn(series(20 * 144, seed=9), STEP)[0]
    return scores.signed(frame, persistence(frame), CALM, learnt)


def test_gap_warm_up_and_empty_row_are_not_scored_and_the_rest_is_finite():
    frame = series(200)
    frame.iloc[50:60] = np.nan
    frame.iloc[100] = np.inf
    found = signed(frame)
    assert found.columns.tolist() == [("conn_in", "surprise"), ("conn_in", "level")]
    level = found[("conn_in", "level")]
    assert np.flatnonzero(level.isna()).tolist() == [*range(6), *range(50, 60), 100]
    surprise = found[("conn_in", "surprise")].isna()
    assert surprise.equals(residuals(frame, persistence(frame))["conn_in"].isna())


def test_future_changes_no_earlier_score():
    frame = series(2_000)
    before = signed(frame).iloc[:1_250]
    rng = np.random.default_rng(0)
    frame.iloc[1_250:] = rng.permutation(frame.iloc[1_250:].to_numpy()) * 50
    pd.testing.assert_frame_equal(before, signed(frame).iloc[:1_250], check_exact=True)


def test_what_lies_further_back_than_the_reach_changes_nothing():
    frame = series(57 * 144 + scores.REACH + 40)
    drift = Drift.learn(series(20 * 144, seed=9), STEP)[0]
    whole = signed(frame, drift).iloc[-20:]
    late = signed(frame.iloc[10:], drift).iloc[-20:]
    pd.testing.assert_frame_equal(late, whole)
