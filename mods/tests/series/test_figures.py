"""The figures that are shown of an evaluation, in numbers worked out by hand."""

import json

import numpy as np
import pandas as pd
import pytest

from mods.series import baselines, figures, metrics
from mods.series.forecast import Forecast

BESIDE = ("mean", "leads", "features")
TEN = pd.Timedelta("10min")


def series(**columns):
    count = len(next(iter(columns.values())))
    index = pd.date_range("2019-06-01", periods=count, freq="10min", tz="UTC", name="time")
    return pd.DataFrame(columns, index, dtype=float)


def test_each_baseline_is_told_as_the_model_is_by_lead_and_by_feature():
    frame = series(a=[10, 20, 40, 80, 90])
    given = Forecast(frame.index[:2], ("a",), TEN, np.full((2, 1, 1), 20.0))
    rivals = {
        "persistence": given,
        "theta": Forecast(given.origins, ("a",), TEN, np.array([[[np.nan]], [[35.0]]])),
    }
    told = figures.summary(metrics.evaluate(given, frame, rivals))
    # persistence misses by 10 and 20; theta by 20, twice that where it says nothing, and by 5
    assert told["baselines"]["theta"]["mean"] == pytest.approx(25 / 30)
    assert told["baselines"]["theta"]["leads"].keys() == {"1"}
    assert told["baselines"]["theta"]["features"]["a"] == pytest.approx(25 / 30)


def test_the_summary_is_json_with_none_for_what_is_not_known():
    frame = series(a=[10, 20, 40, 80, 90], b=[1, 1, 1, 1, 1])
    given = baselines.persistence(frame, frame.index[:2], 3)
    table = metrics.evaluate(given, frame, {"persistence": given})
    told = figures.summary(table)
    assert told["features"] == {"a": 1.0, "b": None} and told["targets"] == 12
    assert told["mean"] == 1.0 and told["leads"] == {"1": 1.0, "3": 1.0}  # b never changes
    assert told["baselines"] == {"persistence": {key: told[key] for key in BESIDE}}
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    rows = figures.rows(table)
    assert rows[0]["rel_mae"] == 1.0 and rows[3]["rel_mae"] is None
    assert json.loads(json.dumps(rows, allow_nan=False)) == rows
