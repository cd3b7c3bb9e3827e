"""Answers: JSON, CSV that no spreadsheet executes, PNG; and the answer's schema."""

from __future__ import annotations

import io
from typing import Any

from marshmallow import INCLUDE, Schema, fields

from mods.deepaas import accept, encoded
from mods.flows.output import inert


class _Trusting:
    """What is inside is not looked at again: the worker made it plain."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        return value


class Trusted(_Trusting, fields.List):
    """Such a list."""


class TrustedDict(_Trusting, fields.Dict):
    """Such an object."""


def _number(description: str = "") -> fields.Field:
    return fields.Float(allow_none=True, metadata={"description": description})


def _told(kind: type[fields.Field], description: str, **more: Any) -> fields.Field:
    """A field of the answer, which is always there unless `more` says otherwise."""
    return kind(metadata={"description": description}, **{"required": True, **more})


def _cube(description: str) -> fields.Field:
    return Trusted(_matrix(), required=True, metadata={"description": description})


def _matrix() -> fields.Field:
    return fields.List(fields.List(fields.Float(allow_none=True)))


def _by_name(values: fields.Field, description: str) -> fields.Field:
    return TrustedDict(
        keys=fields.String(),
        values=values,
        required=True,
        metadata={"description": description},
    )


class _Part(Schema):
    class Meta:
        """A newer answer may hold more."""

        unknown = INCLUDE


class ModelIdentity(_Part):
    """Which model answered."""

    name = _told(fields.String, "Its name.")
    model_type = _told(fields.String, "Its network.")
    features = fields.List(fields.String(), required=True)
    window_slide = _told(fields.String, "The windows it was trained on, as in w01h-s10m.")
    sequence_len = _told(fields.Integer, "Steps it looks back on at once.")
    steps_ahead = _told(fields.Integer, "Steps it forecasts.")
    sha256 = _told(fields.String, "Of its file: the same name may later be another model.")


class DataIdentity(_Part):
    """What the forecast was made from."""

    kind = fields.String(
        required=True,
        metadata={"description": "Where from.", "enum": ["datapool", "file", "values"]},
    )
    first = _told(fields.String, "First step read, ISO 8601 UTC.")
    last = _told(fields.String, "Last step read.")
    steps = _told(fields.Integer, "Steps from first to last, gaps included.")
    sha256 = _told(fields.String, "Of an uploaded file.", required=False)
    size = _told(fields.Integer, "Bytes of an uploaded file.", required=False)


class Warned(_Part):
    """A limit that a forecast is likely to cross."""

    origin = _told(fields.String, "From where it was forecast, ISO 8601 UTC.")
    feature = _told(fields.String, "The feature.")
    direction = fields.String(
        required=True, metadata={"description": "Which way.", "enum": ["above", "below"]}
    )
    limit = _told(fields.Float, "The limit, in the feature's units.")
    probability = _told(fields.Float, "That it is crossed by the last lead.")
    lead = _told(fields.Integer, "Steps until it is likely to be.", allow_none=True)
    time = _told(fields.String, "When that is, ISO 8601 UTC.", allow_none=True)
    minutes = _told(fields.Float, "How long until then.", allow_none=True)
    now = _told(fields.Boolean, "It is crossed already.")
    source = fields.String(
        required=True, metadata={"description": "Whose limit.", "enum": ["given", "learnt"]}
    )


class Anomaly(_Part):
    """A time in which reality departed from the forecast."""

    start = _told(fields.String, "First step, ISO 8601 UTC.")
    end = _told(fields.String, "Last step.")
    peak = _told(fields.String, "Step with the largest score.")
    score = _number("Largest score over its threshold: 1 or more.")
    features = fields.List(fields.String(), required=True)
    direction = _told(fields.String, "Too much, too little, or missing.")
    kind = _told(fields.String, "In words.")
    actual = _number("What was, at the peak.")
    forecast = _number("What was expected there.")
    score_kind = _told(
        fields.String, "Which score was highest in the end; empty where data are missing."
    )
    severity = _told(fields.String, "low, medium, high or critical.")
    severity_score = _told(fields.Integer, "The same from 0 to 100.")
    id = _told(fields.String, "By which it can be marked.", required=False)
    mark = _told(fields.String, "What an analyst marked it as.", required=False)
    silenced = _told(fields.String, "Why it raises no alarm, where it does not.", required=False)


class Evaluation(_Part):
    """How good the forecasts were where the truth is known, over the error of persistence."""

    mean = _number("Mean absolute error over that of persistence: below 1 is better.")
    leads = _by_name(fields.Float(allow_none=True), "The same by lead.")
    features = _by_name(fields.Float(allow_none=True), "The same by feature.")
    baselines = _by_name(fields.Dict(), "The same figures of each baseline.")
    targets = _told(fields.Integer, "Forecasts whose truth is known.")
    missing = _told(fields.Integer, "Of these, such without a forecast.")
    mods_smape = _number("Symmetric error in percent, 0 to 200.")
    cover_80 = _number("Share of the truth inside the 80 % intervals.")
    width_80 = _number("Mean width of these, over the error of persistence.")
    cover_95 = _number("Share of the truth inside the 95 % intervals.")
    width_95 = _number("Mean width of these, over the error of persistence.")


class ModelPredictionResponse(Schema):
    """The JSON answer of predict; null stands where no number is known."""

    class Meta:
        """A newer answer may hold more."""

        unknown = INCLUDE

    model = fields.Nested(ModelIdentity, required=True)
    data = fields.Nested(DataIdentity, required=True)
    origins = Trusted(
        fields.String(),
        required=True,
        metadata={"description": "Ends of the last known windows, ISO 8601 UTC."},
    )
    leads = Trusted(fields.Integer(), required=True, metadata={"description": "Steps ahead: 1..k."})
    features = Trusted(
        fields.String(), required=True, metadata={"description": "Names of the features."}
    )
    forecasts = _cube(
        "[origin][lead][feature], in the features' own units, to six significant digits (a CSV"
        " has all); so are intervals, quantiles and baselines."
    )
    lower_80 = _cube("Lower ends of the 80 % intervals.")
    upper_80 = _cube("Upper ends of the 80 % intervals.")
    lower_95 = _cube("Lower ends of the 95 % intervals.")
    upper_95 = _cube("Upper ends of the 95 % intervals.")
    quantiles = _by_name(fields.List(_matrix()), "Quantiles asked for, each as forecasts.")
    baselines = _by_name(fields.List(_matrix()), "What simple rules would have forecast.")
    warnings = Trusted(
        fields.Nested(Warned),
        required=True,
        metadata={"description": "Limits that a forecast is likely to cross, when, how likely."},
    )
    anomalies = Trusted(
        fields.Nested(Anomaly),
        required=True,
        metadata={"description": "Where reality departed in time_range; none without one."},
    )
    evaluation = fields.Nested(Evaluation, required=True)
    notes = Trusted(
        fields.String(),
        required=True,
        metadata={"description": "What to know of the data: too little history, values left out."},
    )


class Refusal(Schema):
    """Why a request was refused.

    Of a single field that is wrong: its name, and a list of reasons with what is allowed.
    """

    class Meta:
        """Names of fields."""

        unknown = INCLUDE

    kind = fields.String(metadata={"description": "usage, input, model, resource or internal"})
    message = fields.String(metadata={"description": "What is wrong."})
    where = fields.String(metadata={"description": "The field, file or model it is about."})
    fix = fields.String(metadata={"description": "What to do."})
    request = fields.String(
        metadata={"description": "Number of the request, as in X-Request-ID and the log."}
    )


def rendered(prediction: Any, kind: str) -> dict[str, Any] | io.BytesIO:
    """A `Prediction` in the kind of answer that was asked for."""
    if kind in accept.CSV:
        return io.BytesIO(inert(prediction.table()).to_csv(index=False).encode())
    if kind == accept.PNG:
        from mods.visualization import plots

        return io.BytesIO(plots.png(prediction.figure()))
    return encoded.suited(prediction.record())
