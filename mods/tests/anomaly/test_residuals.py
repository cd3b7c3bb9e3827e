import numpy as np
import pandas as pd
import pytest

from mods.anomaly import residuals
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
    missed = residuals.residuals(frame, persistence(frame))["conn_in"]
    assert missed.isna().tolist() == [True] * 6 + [False] * 2
    assert missed.tolist()[6:] == [64 - 1, 128 - 2]


def test_short_forecast_is_scored_at_its_last_lead():
    frame = series([1, 2, 4, 8])
    missed = residuals.residuals(frame, persistence(frame, leads=2))["conn_in"]
    assert missed.tolist()[2:] == [4 - 1, 8 - 2]


def test_origins_with_holes_leave_their_targets_unscored():
    frame = series([1, 2, 4, 8])
    forecast = persistence(frame, leads=1).at(np.array([0, 2]))
    missed = residuals.residuals(frame, forecast)["conn_in"]
    assert missed.isna().tolist() == [True, False, True, False]


def test_feature_that_never_missed_has_scale_one_and_rare_one_its_mean():
    frame = pd.concat([series([0] * 10), series([0] * 8 + [5, 5], "ssh_in")], axis=1)
    assert residuals.usual_size(frame).to_dict() == {"conn_in": 1.0, "ssh_in": 1.0}
    assert residuals.usual_size(series([0] * 8 + [30, 30])).to_dict() == {"conn_in": 6.0}


def test_feature_without_series_is_named():
    frame = series([1, 2, 3])
    with pytest.raises(SeriesError, match="conn_in: is forecast but not in the series.*ssh_in"):
        residuals.residuals(frame.rename(columns={"conn_in": "ssh_in"}), zeros(frame))


def test_steps_near_missing_data_are_taken_out():
    frame = series([1, 1, 1, np.nan, 1, 1, 1, 1]).assign(ssh_in=2.0)
    quiet = residuals.undisturbed(frame, near=2)
    assert quiet["conn_in"].notna().tolist() == [True] + [False] * 5 + [True] * 2
    assert quiet["ssh_in"].notna().all()
