import numpy as np
import pandas as pd
import pytest

from mods.anomaly import surprise


def missed(*values):
    index = pd.date_range("2019-04-01", periods=len(values), freq="10min", tz="UTC")
    return pd.DataFrame({"conn_in": np.asarray(values, float)}, index)


def test_surprise_is_the_residual_in_usual_ones_and_keeps_its_sign():
    found = surprise.signed(missed(2, -2, 20, np.nan, np.inf), pd.Series({"conn_in": 2.0}))
    assert found["conn_in"].tolist()[:3] == [1, -1, 10]
    assert found["conn_in"].isna().tolist()[3:] == [True, True]


def test_scale_goes_half_the_way_of_a_louder_week_and_leaves_the_step_out():
    calm = pd.Series({"conn_in": 1.0})
    local = surprise.local_scale(missed(*[1] * 80, *[9] * 400), calm)["conn_in"]
    assert local.iloc[:81].tolist() == [1.0] * 81
    assert local.iloc[-1] == pytest.approx(3)


def test_silent_week_leaves_the_scale_at_a_third_of_the_calm_one():
    local = surprise.local_scale(missed(*[0] * 200), pd.Series({"conn_in": 1.0}))["conn_in"]
    assert local.iloc[-1] == pytest.approx(0.1**0.5)
