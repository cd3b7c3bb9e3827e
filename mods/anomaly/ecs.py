"""Events for a SIEM: in the fields of the Elastic Common Schema, and as rows of a table.

https://www.elastic.co/guide/en/ecs/8.17/; what has no field there is under `mods`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from mods import __version__
from mods.anomaly.events import MISSING, TOO_MUCH, Event, iso
from mods.anomaly.explanation.words import amount
from mods.plain import plain

VERSION = "8.17.0"
SLOW = "level"
COLUMNS = (
    *("id", "model", "start", "end", "peak", "kind", "direction", "severity", "severity_score"),
    *("score", "score_kind", "features", "actual", "forecast", "mark", "note", "silenced"),
    "message",
)


def document(event: Event, model: str) -> dict[str, Any]:
    """The event as one document: an alert of the rule that its kind is."""
    record = event.record()
    own = {name: value for name, value in record.items() if name not in ("start", "end", "id")}
    return {
        "@timestamp": iso(event.start),
        "ecs": {"version": VERSION},
        "event": {
            "id": event.id,
            "kind": "alert",
            "category": ["network"],
            "type": ["info"],
            "action": event.kind.replace(" ", "-"),
            "dataset": "mods.events",
            "module": "mods",
            "provider": "mods",
            "start": iso(event.start),
            "end": iso(event.end),
            "duration": int((event.end - event.start) / pd.Timedelta("1ns")),
            "severity": event.severity_score,
            "risk_score": float(event.severity_score),
        },
        "rule": {
            "name": f"mods {event.kind}",
            "category": event.direction,
            "ruleset": model,
        },
        "message": message(event),
        "labels": {"model": model, "severity": event.severity, "feature": event.features[0]},
        "observer": {
            "name": model,
            "product": "mods",
            "type": "anomaly-detector",
            "version": __version__,
        },
        "mods": plain({**own, "model": model}),
    }


def message(event: Event) -> str:
    """The event in one sentence."""
    names, until = ", ".join(event.features), f"{iso(event.start)} to {iso(event.end)}"
    if event.direction == MISSING:
        return f"no data of {names}, {until}"
    kind = event.kind or "departure"
    return (
        f"{kind} ({event.direction}) of {names}, {until}{_seen(event)}; severity {event.severity}"
    )


def _seen(event: Event) -> str:
    """What was seen and expected at the peak; '' where either is not known.

    A slow departure adds up over hours: the forecast follows it, and may lie on its far side.
    """
    if event.actual is None or event.forecast is None:
        return ""
    numbers = f"{amount(event.actual)} seen, {amount(event.forecast)} expected at the peak"
    slow = event.score_kind == SLOW and (
        (event.direction == TOO_MUCH) != (event.actual > event.forecast)
    )
    return f": hours off the usual add up ({numbers})" if slow else f": {numbers}"


def table(events: Sequence[Event], model: str) -> pd.DataFrame:
    """One row per event; names of features are joined by blanks."""
    rows = [
        {
            **one.record(),
            "features": " ".join(one.features),
            "model": model,
            "message": message(one),
        }
        for one in events
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))
