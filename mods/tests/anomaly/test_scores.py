import numpy as np
import pandas as pd
import pytest

from mods.anomaly import scores
from mods.errors import SeriesError
from mods.series.forecast import Forecast

STEP = pd.Timedelta("10min")


def series(values, name="conn_in", start="2019-04-01"):
    index = pd.date_range(start, periods=len(values), freq=STEP, tz="UTC")
    return pd.DataFrame({name: np.asarray(values, float)}, index)


def zeros(frame, leads=6):
    """A forecast of 0 from every step."""
    shape = (len(frame), leads, frame.shape[1])
    return Forecast(frame.index, tuple(frame.columns), STEP, np.zeros(shape))


def persistence(frame, leads=6):
    values = np.repeat(frame.to_numpy(float)[:, None, :], leads, axis=1)
    return Forecast(frame.index, tuple(frame.columns), STEP, values)


def test_residual_is_against_the_forecast_made_six_steps_before():
    frame = series([1, 2, 4, 8, 16, 32, 64, 128])
    missed = scores.residuals(frame, persistence(frame))["conn_in"]
    assert missed.isna().tolist() == [True] * 6 + [False] * 2
    assert missed.tolist()[6:] == [64 - 1, 128 - 2]


def test_short_forecast_is_scored_at_its_last_lead():
    frame = series([1, 2, 4, 8])
    missed = scores.residuals(frame, persistence(frame, leads=2))["conn_in"]
    assert missed.tolist()[2:] == [4 - 1, 8 - 2]


def test_origins_with_holes_leave_their_targets_unscored():
    frame = series([1, 2, 4, 8])
    forecast = persistence(frame, leads=1).at(np.array([0, 2]))
    missed = scores.residuals(frame, forecast)["conn_in"]
    assert missed.isna().tolist() == [True, False, True, False]


def test_surprise_is_the_residual_in_usual_residuals():
    frame = series([0, 0, 0, 0, 0, 0, 2, -2, 2, -2, 2, 20])
    calm = scores.calm_scale(scores.residuals(frame, zeros(frame)))
    assert calm["conn_in"] == 2
    signed = scores.signed(frame, zeros(frame), calm)
    assert signed[("conn_in", "surprise")].tolist()[6:] == [1, -1, 1, -1, 1, 10]


def test_level_adds_up_what_lasts_and_one_burst_counts_as_two_residuals():
    frame = series([0] * 6 + [1000] + [0] * 5)
    level = scores.signed(frame, zeros(frame), pd.Series({"conn_in": 1.0}))[("conn_in", "level")]
    assert level.iloc[6] == pytest.approx(2 * 2 / 37)
    assert level.iloc[7] == pytest.approx(2 * 2 / 37 * 35 / 37)

    frame = series([0] * 6 + [2] * 200)
    level = scores.signed(frame, zeros(frame), pd.Series({"conn_in": 2.0}))[("conn_in", "level")]
    assert level.iloc[-1] == pytest.approx(1, abs=0.001)


def test_local_scale_follows_a_louder_week_but_not_the_step_itself():
    calm = pd.Series({"conn_in": 1.0})
    frame = series([1] * 80 + [5] * 400)
    local = scores.local_scale(frame, calm)["conn_in"]
    assert local.iloc[:81].tolist() == [1.0] * 81
    assert local.iloc[-1] == 5
    assert scores.local_scale(series([0] * 200), calm)["conn_in"].iloc[-1] == 0.1


def test_gap_warm_up_and_empty_row_score_zero_and_all_is_finite():
    values = np.tile([1.0, -1.0], 60)
    values[50:60] = np.nan
    values[100] = np.inf
    frame = series(values)
    found = scores.scores(frame, zeros(frame), pd.Series({"conn_in": 1.0}))
    assert np.isfinite(found.to_numpy()).all()
    assert (found.to_numpy() >= 0).all()
    silent = found.index[found.sum(axis=1) == 0]
    assert silent.tolist() == frame.index[[*range(6), *range(50, 60), 100]].tolist()


def test_feature_that_never_missed_has_scale_one_and_rare_one_its_mean():
    frame = pd.concat([series([0] * 10), series([0] * 8 + [5, 5], "ssh_in")], axis=1)
    assert scores.calm_scale(frame).to_dict() == {"conn_in": 1.0, "ssh_in": 1.0}
    assert scores.calm_scale(series([0] * 8 + [30, 30])).to_dict() == {"conn_in": 6.0}


def test_future_changes_no_earlier_score():
    rng = np.random.default_rng(1)
    frame = series(rng.gamma(2, 100, 400))
    calm = pd.Series({"conn_in": 100.0})
    before = scores.scores(frame, persistence(frame), calm).iloc[:250]
    frame.iloc[250:] = rng.permutation(frame.iloc[250:].to_numpy()) * 50
    after = scores.scores(frame, persistence(frame), calm).iloc[:250]
    pd.testing.assert_frame_equal(before, after, check_exact=True)


def test_what_lies_further_back_than_the_reach_changes_nothing():
    rng = np.random.default_rng(2)
    frame = series(rng.gamma(2, 100, scores.REACH + 30))
    calm = pd.Series({"conn_in": 100.0})
    whole = scores.scores(frame, persistence(frame), calm).iloc[-20:]
    late = frame.iloc[10:]
    pd.testing.assert_frame_equal(scores.scores(late, persistence(late), calm).iloc[-20:], whole)


def test_feature_without_series_is_named():
    frame = series([1, 2, 3])
    with pytest.raises(SeriesError, match="conn_in: is forecast but not in the series.*ssh_in"):
        scores.residuals(frame.rename(columns={"conn_in": "ssh_in"}), zeros(frame))


def test_steps_near_missing_data_are_taken_out():
    frame = series([1, 1, 1, np.nan, 1, 1, 1, 1]).assign(ssh_in=2.0)
    quiet = scores.undisturbed(frame, near=2)
    assert quiet["conn_in"].notna().tolist() == [True] + [False] * 5 + [True] * 2
    assert quiet["ssh_in"].notna().all()
