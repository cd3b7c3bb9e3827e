from __future__ import annotations

import re

import numpy as np
import pytest

from mods.config import Config
from mods.errors import SeriesError
from mods.models import fitting
from mods.models.forecaster import Forecaster
from mods.series import splits
from mods.tests.models.conftest import SMALL, learnable

QUICK = {**SMALL, "num_epochs": 1, "model_type": "MLP"}


def split(series):
    parts = splits.parts(series)
    return parts.train, parts.validation


@pytest.mark.parametrize(("window", "enough"), [("w30m-s10m", 139), ("w10m-s10m", 49)])
def test_the_steps_that_the_default_split_needs_are_told(window, enough):
    series = learnable(enough)
    series.attrs["window"] = window
    with pytest.raises(SeriesError) as caught:
        Forecaster(**QUICK).fit(*split(series[:-1]))
    assert "steps of the validation part are too few" in str(caught.value)
    assert f"at least {enough} steps" in str(caught.value)
    assert "or lower sequence_len or steps_ahead" in str(caught.value)
    assert Forecaster(**QUICK).fit(*split(series)).features == ("conn_in", "ssh_in")


def test_the_steps_that_fit_needs_by_itself_are_told():
    series = learnable(18)  # 11 to train on, 3 of the cut, 4 to validate
    with pytest.raises(SeriesError, match="training part are too few.* at least 18 steps"):
        Forecaster(**QUICK).fit(series[:-1])
    assert Forecaster(**QUICK).fit(series).metrics["samples"] == 2


def test_the_same_number_holds_for_a_series_full_of_gaps(series):
    holed = series[:300].copy()
    holed.iloc[::5] = np.nan
    with pytest.raises(SeriesError, match="too full of gaps.*Give at least 18 steps without a gap"):
        Forecaster(**QUICK).fit(holed)


@pytest.mark.parametrize("size", [1e300, 1.7e308 / 6000])
def test_a_feature_too_large_to_score_is_named(series, size):
    huge = series[:300].assign(ssh_in=series["ssh_in"] * size)
    with pytest.raises(SeriesError, match=r"^ssh_in: holds values as large as .*Scale this column"):
        Forecaster(**QUICK).fit(huge)


def test_large_and_small_features_are_learnt(series):
    sized = series[:300].assign(conn_in=series["conn_in"] * 1e140, ssh_in=series["ssh_in"] * 1e-300)
    sized.attrs = dict(series.attrs)
    forecast = Forecaster(**QUICK).fit(sized).forecast(sized)
    plain = Forecaster(**QUICK).fit(series[:300]).forecast(series[:300])
    assert np.allclose(forecast.values / [1e140, 1e-300], plain.values, rtol=1e-3)


def test_a_value_beyond_all_that_training_saw_is_named(series):
    stray = series[:300].copy()
    stray.iloc[290, 0] = 1e40
    told = re.escape("conn_in: holds values as large as 1.0e+40, where in training it changes by")
    with pytest.raises(SeriesError, match=told):
        Forecaster(**QUICK).fit(stray)


def test_a_huge_value_leaves_the_forecasts_after_it_finite(forecaster, series):
    stray = series.copy()
    stray.iloc[720, 0] = 1e300
    assert np.isfinite(forecaster.backtest(stray, stray.index[719:]).values).all()


def test_a_training_that_runs_away_is_an_error():
    curve = {"loss": [0.9, np.nan], "val_loss": [0.8, np.inf]}
    with pytest.raises(SeriesError, match="after epoch 2.*or lower learning_rate=0.01"):
        fitting._settled(curve, Config(learning_rate=0.01))
