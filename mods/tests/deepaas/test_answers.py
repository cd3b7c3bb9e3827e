import dataclasses
import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from marshmallow import ValidationError

from mods.anomaly.events import Event
from mods.deepaas import answers
from mods.plain import plain


class Asked:
    """What `rendered` needs of a prediction."""

    def __init__(self, features=("conn_in",)):
        self.features = list(features)

    def record(self):
        return {"forecasts": np.array([[[1.5, np.nan]]]), "leads": np.arange(1, 2)}

    def table(self):
        size = len(self.features)
        return pd.DataFrame(
            {
                "origin": ["2019-06-01T01:00:00Z"] * size,
                "lead": [1] * size,
                "feature": self.features,
                "forecast": [-2.5] * size,
            }
        )


def test_numpy_pandas_and_paths_become_plain_json():
    value = {
        "array": np.array([[1.0, np.nan], [np.inf, -2.0]]),
        "number": np.float32(0.5),
        "whole": np.int64(7),
        "flag": np.bool_(True),
        "time": pd.Timestamp("2019-06-01T01:00Z"),
        "never": pd.NaT,
        "path": Path("a") / "b",
        3: (1, {2}),
    }
    assert json.loads(json.dumps(plain(value), allow_nan=False)) == {
        "array": [[1.0, None], [None, -2.0]],
        "number": 0.5,
        "whole": 7,
        "flag": True,
        "time": "2019-06-01T01:00:00+00:00",
        "never": None,
        "path": "a/b",
        "3": [1, [2]],
    }


def test_what_json_cannot_hold_is_an_error_not_a_guess():
    with pytest.raises(TypeError, match="object is nothing that JSON holds"):
        plain({"a": object()})


def test_json_answer_may_hold_more_than_its_schema_but_not_less():
    answer = answers.rendered(Asked(), "application/json")
    assert answer == {"forecasts": [[[1.5, None]]], "leads": [1]}
    schema = answers.ModelPredictionResponse(only=["forecasts", "leads"])
    assert schema.load({**answer, "news": 1})["news"] == 1
    with pytest.raises(ValidationError, match="origins"):
        answers.ModelPredictionResponse().load(answer)


@pytest.mark.parametrize("kind", ["text/csv", "application/csv"])
def test_csv_answer_is_the_table_of_the_contract(kind):
    answer = answers.rendered(Asked(), kind)
    assert isinstance(answer, io.BytesIO)
    assert answer.read() == (b"origin,lead,feature,forecast\n2019-06-01T01:00:00Z,1,conn_in,-2.5\n")


@pytest.mark.parametrize("name", ["=cmd()", "+1", "-1", "@x", "\tx"])
def test_csv_cells_that_a_spreadsheet_would_execute_are_quoted(name):
    table = pd.read_csv(answers.rendered(Asked([name]), "text/csv"))
    assert table["feature"].tolist() == [f"'{name}"]
    assert table["forecast"].tolist() == [-2.5]


def test_every_name_of_an_event_is_in_the_schema_with_its_kind():
    time = pd.Timestamp("2019-06-01T01:00Z")
    told = {
        one.name: None for one in dataclasses.fields(Event) if one.default is dataclasses.MISSING
    }
    told |= {"start": time, "end": time, "peak": time, "score": 2.0, "features": ("conn_in",)}
    told |= {"direction": "too much", "kind": "burst", "id": "a", "mark": "true", "silenced": "x"}
    record = Event(**told).record()
    assert {*record} <= {*answers.Anomaly().fields}
    assert not answers.Anomaly().validate(record)
