"""The commands about what people say of events: marks, calendars, and thresholds that follow."""

from __future__ import annotations

from typing import Any

from mods import settings
from mods.commands.anomalies import ONLINE_ONLY, detect_online, none_of
from mods.commands.command import Answer, Command, filed
from mods.flows import output
from mods.request import (
    CalibrateRequest,
    EventsRequest,
    MarkRequest,
    OnlineRequest,
    PredictRequest,
    Source,
)

NO_MODEL = "Marks and calendars are kept with a model: train one, or give --expected"
KEPT = dict.fromkeys(("mark", "verdict", "note", "calendar"), NO_MODEL)


def events(values: dict[str, Any]) -> Answer:
    """Saved model (or --online) -> its events; what is said about those of a model is kept."""
    if settings.build(OnlineRequest, values).online:
        return _online(values)
    none_of(ONLINE_ONLY, values, "a model")
    request, source = settings.build(PredictRequest, values), settings.build(Source, values)
    asked, said = settings.build(EventsRequest, values), settings.build(MarkRequest, values)
    output.check_events(values.get("output"))
    from mods.flows.events import alone, listed, rows
    from mods.visualization import terminal

    found = listed(request, source, asked, said)
    if found.marked is not None:
        one = found.marked
        return Answer(found.record(), f"{one['id']} ({one['start']}): {one['as']}")
    written = output.events(found.found, found.model, values.get("output"))
    text = terminal.table(rows(found.found)) if found.found else "no event"
    if found.silenced and not asked.silenced:
        text += f"\n{found.silenced} silenced: --silenced tells them"
    if found.unmatched:
        text += f"\n{alone(found.unmatched)}"
    return filed(found.record(), text, written)


def _online(values: dict[str, Any]) -> Answer:
    """The same events as `mods detect --online` tells, without its table."""
    none_of(KEPT, values, "--online")
    path = values.get("output")
    output.check_events(path)
    moved = {name: value for name, value in values.items() if name != "output"}
    return detect_online(moved if path is None else {**moved, "events": path})


def calibrate(values: dict[str, Any]) -> Answer:
    """Saved model -> the same with thresholds that heed what was said."""
    request, source = settings.build(CalibrateRequest, values), settings.build(Source, values)
    from mods.flows.calibrate import calibrate as flow
    from mods.visualization import terminal

    done = flow(request, source)
    text = "\n".join([terminal.table(done.rows()), "", *done.lines()])
    return Answer(done.record(), text)


COMMANDS = (
    Command(
        "events",
        events,
        (PredictRequest, Source, EventsRequest, MarkRequest, OnlineRequest),
        (
            "mods events week --data data/features --mark 3f9ac2d1e07b --as false --note backup",
            "mods events week --data data/features --calendar maintenance.toml --silenced",
            "mods events week --data data/features --output events.jsonl",
            "mods events --online --data sensor.csv --output events.jsonl",
        ),
        ("model_name", "data"),
        {"verdict": ("--as",)},
        {"output": "Write the events here: .jsonl (or .ndjson, ECS fields) or .csv."},
    ),
    Command(
        "calibrate",
        calibrate,
        (CalibrateRequest, Source),
        (
            "mods calibrate week --data data/features --calm_time_range"
            " '<2024-05-01,2024-05-15)' --alarms_per_week 2",
        ),
        ("model_name", "data"),
    ),
)
