"""The page of the service: what DEEPaaS leaves out of the description of predict."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from mods.deepaas import answers, uploads

ABOUT = """Forecasts the next steps of each feature of a saved model, with intervals.

- Nothing but `model_name`: from the last known window of the service's datapool.
- With `time_range`: from each known window in it, with what came true and what departed.
- With `data` (a file) or `values` (JSON): from these instead of the datapool. A short piece is
  joined to the history that the model keeps, where it follows on it.

In a program send the fields as a form, in the query, or as one JSON object. `Accept` chooses the
kind of the answer: JSON, CSV (a row per origin, lead and feature) or a picture."""
CHOOSE = "On this page choose it here, not beside Responses below."
REASONS = {
    "type": "array",
    "items": {"type": "string"},
    "description": "Of a field that is wrong: its name, and the reasons with what is allowed.",
}
NO_TRAINING = "There is no such training."
WORDS = {
    "400": "The request is no proper HTTP, or its body cannot be read.",
    "401": "The service takes a token, and this is none of its.",
    "403": "The token, the page or the name of the service is not one that may ask this.",
    "404": "No model of that name; the answer names those there are.",
    "408": "Only a part of the request came in time.",
    "409": "A training of that model is under way.",
    "413": f"The body has more than {uploads.LARGEST >> 20} MiB, other than as multipart"
    f" {uploads.PARSED >> 20}, or than the operator allows.",
    "415": "A body of that type, or packed so, is not read.",
    "417": "An expectation other than 100-continue.",
    "422": "A field, the file or the data cannot be used: what, why, and what is allowed.",
    "429": "Enough trainings are waiting: ask again later.",
    "431": "The request line or a header is longer than 8 KiB.",
    "503": "The service is busy, its machine lacks something, or the model's file is damaged.",
    "504": "There was no answer in time.",
}
ASKING = ("400", "401", "403", "408", "417", "431", "503", "504")
PREDICT = (*ASKING, "404", "413", "415", "422")
TRAIN = (*ASKING, "409", "413", "415", "422", "429")


def predict(make: Callable[..., Any]) -> Callable[..., Any]:
    """Give the handler of predictions its whole description."""

    @functools.wraps(make)
    def inside(*args: Any) -> Any:
        handler = make(*args)
        told = handler.post.__apispec__
        told["description"] = ABOUT
        told["summary"] = "Forecast with a saved model"
        told["responses"].update(refusals(*PREDICT))
        told["responses"]["200"]["description"] = "The forecast, as the header Accept asks for it."
        fields = told["schemas"][0]["schema"].fields
        # as part of a form there is room for many; it is read from query and JSON, too
        fields["values"].metadata = {**fields["values"].metadata, "location": "form"}
        kind = fields["accept"].metadata
        fields["accept"].metadata = {**kind, "description": f"{kind['description']} {CHOOSE}"}
        return handler

    return inside


def corrected(make: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Give the whole description what DEEPaaS says wrongly of its own answers."""

    @functools.wraps(make)
    def inside(*args: Any) -> dict[str, Any]:
        spec = make(*args)
        known = spec.get("definitions", {})
        if "Location" in known:
            known["Location"]["required"] = ["rel", "href"]
        if "Version" in known:
            known["Version"]["properties"]["links"] = _many("Location")
        if "Versions" in known:
            known["Versions"]["properties"] = {
                "versions": _many("Version"),
                "links": _many("Location"),
            }
        if "Refusal" in known:
            known["Refusal"]["additionalProperties"] = REASONS
        listing = spec.get("paths", {}).get("/v2/models/", {}).get("get")
        if listing:
            models = {"type": "object", "properties": {"models": _many("ModelMeta")}}
            listing["responses"]["200"]["schema"] = models
        return spec

    return inside


def _many(name: str) -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": f"#/definitions/{name}"}}


def refusals(*statuses: str, **other: str) -> dict[str, Any]:
    """The responses to requests that were refused, by status; `other` words as in s404="..."."""
    words = {status: other.get(f"s{status}", WORDS[status]) for status in statuses}
    return {
        status: {"schema": answers.Refusal(), "required": False, "description": text}
        for status, text in words.items()
    }
