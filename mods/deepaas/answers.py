"""Answers: JSON, CSV that no spreadsheet executes, PNG; and the answer's schema."""

from __future__ import annotations

import io
from typing import Any

from marshmallow import INCLUDE, Schema, fields

from mods.deepaas import accept
from mods.flows.output import inert
from mods.plain import plain


class Trusted(fields.List):
    """A list whose items are not looked at again: the worker made them plain."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        return value


def _cube(description: str) -> fields.Field:
    number = fields.Float(allow_none=True)
    return Trusted(fields.List(fields.List(number)), metadata={"description": description})


class ModelPredictionResponse(Schema):
    """The JSON answer of predict; null stands where no number is known."""

    class Meta:
        """A newer answer may hold more."""

        unknown = INCLUDE

    model = fields.Dict(metadata={"description": "Which model answered."})
    origins = Trusted(
        fields.String(),
        metadata={"description": "Ends of the last known windows, ISO 8601 UTC."},
    )
    leads = Trusted(fields.Integer(), metadata={"description": "Steps ahead: 1..k."})
    features = Trusted(fields.String(), metadata={"description": "Names of the features."})
    forecasts = _cube("[origin][lead][feature], in the features' own units.")
    lower_80 = _cube("Lower ends of the 80 % intervals.")
    upper_80 = _cube("Upper ends of the 80 % intervals.")
    lower_95 = _cube("Lower ends of the 95 % intervals.")
    upper_95 = _cube("Upper ends of the 95 % intervals.")
    quantiles = fields.Dict(metadata={"description": "Quantiles asked for, each as forecasts."})
    baselines = fields.Dict(metadata={"description": "What simple rules would have forecast."})
    warnings = Trusted(
        fields.Dict(),
        metadata={"description": "Limits that a forecast is likely to cross, when and how likely."},
    )
    anomalies = Trusted(fields.Dict(), metadata={"description": "Where reality departs."})
    evaluation = fields.Dict(metadata={"description": "Errors relative to persistence."})


def rendered(prediction: Any, kind: str) -> dict[str, Any] | io.BytesIO:
    """A `Prediction` in the kind of answer that was asked for."""
    if kind in accept.CSV:
        return io.BytesIO(inert(prediction.table()).to_csv(index=False).encode())
    if kind == accept.PNG:
        from mods.visualization import plots

        return io.BytesIO(plots.png(prediction.figure()))
    answer: dict[str, Any] = plain(prediction.record())
    return answer
