"""Theta beside the implementation of statsmodels, and what only ours has to do."""

import warnings

import numpy as np
import pandas as pd
import pytest

from mods.series import baselines
from mods.series.theta import ALPHAS, REFIT, fit, theta


def series(values):
    values = np.asarray(values, float)
    index = pd.date_range("2019-06-01", periods=len(values), freq="10min", tz="UTC", name="time")
    return pd.DataFrame({"a": values}, index)


def wave(steps, seed=0, noise=1.0, drift=0.0):
    at = np.arange(steps)
    around = np.random.default_rng(seed).normal(0, noise, steps)
    return series(50 + 10 * np.sin(at * 2 * np.pi / 24) + drift * at + around)


@pytest.mark.parametrize(("noise", "drift"), [(0.1, 0.0), (3.0, 0.05)])
def test_it_forecasts_what_statsmodels_forecasts(noise, drift):
    reference = pytest.importorskip("statsmodels.tsa.forecasting.theta")
    frame = wave(600, noise=noise, drift=drift)
    fitted = fit(frame)
    assert len(fitted.heights) == 24
    model = reference.ThetaModel(frame["a"].to_numpy(), period=24, use_test=False, method="add")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its optimiser complains of where it begins
        theirs = model.fit()
    assert fitted.slope[0] == pytest.approx(theirs.params["b0"])
    assert fitted.alpha[0] == pytest.approx(theirs.params["alpha"], abs=ALPHAS[0] - ALPHAS[1])
    ours = theta(frame, frame.index[-1:], 30).values[0, :, 0]
    np.testing.assert_allclose(ours, theirs.forecast(30), atol=0.05 * max(noise, 1))


def test_between_two_fits_the_level_goes_on_with_every_value():
    frame = series([7.0] * 20 + [8.0] * 30 + [3.0] * 50)
    forecast = theta(frame, frame.index[[40, 99]], 1).values[:, 0, 0]
    np.testing.assert_allclose(forecast, [8, 3], atol=0.1)


def test_it_is_fitted_anew_every_so_many_steps():
    """One block more, in which the rhythm is upside down: known only after the next fit."""
    first, second = wave(REFIT, noise=0.01), wave(REFIT, noise=0.01)
    frame = series(np.concatenate([first["a"], 100 - second["a"], 100 - second["a"]]))
    origins = frame.index[[REFIT, 2 * REFIT + 1]]
    far = theta(frame, origins[:1].append(frame.index[[2 * REFIT - 1]]), 6)
    near = theta(frame, origins, 6)
    missed = [np.abs(one.values - one.actual(frame))[1].mean() for one in (far, near)]
    assert missed[1] < missed[0] / 2


def test_gaps_are_passed_over_and_too_little_is_persistence():
    frame = wave(600, noise=0.01)
    holed = frame.copy()
    holed.iloc[200:230] = np.nan
    whole, gappy = (theta(one, frame.index[-1:], 12).values for one in (frame, holed))
    np.testing.assert_allclose(whole, gappy, atol=0.2)
    short = series([4.0, 9.0])
    assert theta(short, short.index[:1], 2).values.ravel().tolist() == [4, 4]
    assert np.isnan(theta(series([np.nan] * 3), short.index[:1], 1).values).all()


@pytest.mark.parametrize("usual", [0.1, 5.0, 7.3])
def test_what_moved_only_now_is_taken_as_it_is(usual):
    """Every smoothing missed it by as much, so the first counts: the last value is the level."""
    frame = series([usual] * 300 + [usual + 3])
    assert fit(frame).alpha.tolist() == [1.0]


def test_a_theta_forecast_beats_persistence_where_there_is_a_rhythm():
    frame = wave(1500, noise=0.5)
    origins = frame.index[1200:1480]
    made, naive = theta(frame, origins, 6), baselines.persistence(frame, origins, 6)
    actual = made.actual(frame)
    assert np.abs(made.values - actual).mean() < 0.3 * np.abs(naive.values - actual).mean()
