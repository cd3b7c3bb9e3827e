"""The commands about anomalies: detecting them with a model, or without one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mods import settings
from mods.command import Answer, Command, filed
from mods.errors import UsageError
from mods.flows import output
from mods.request import EventsRequest, OnlineRequest, PredictRequest, Source


def detect(values: dict[str, Any]) -> Answer:
    """Saved model -> anomalies of a period."""
    if settings.build(OnlineRequest, values).online:
        return detect_online(values)
    request, source = settings.build(PredictRequest, values), settings.build(Source, values)
    asked = settings.build(EventsRequest, values)
    output.check(values.get("output"))
    output.check_events(values.get("events"), "--events")
    from mods.flows.detect import detect as flow
    from mods.flows.events import told_of

    detection = flow(request, source, asked.expected)
    written = output.table(detection.table(), values.get("output"))
    told = told_of(detection, asked)
    record = {**detection.record(), "events": [event.record() for event in told]}
    return _listed(record, told, (request.model_name, values.get("events")), written)


def _listed(
    record: dict[str, Any], told: Sequence[Any], events: tuple[str, str | None], written: str | None
) -> Answer:
    """The answer about events; `events` are the model's name and the file to write them to."""
    from mods.flows.events import rows
    from mods.visualization import terminal

    listed = output.events(told, *events)
    text = terminal.table(rows(told)) if told else "no event"
    if listed is not None:
        record, text = {**record, "events_file": listed}, f"{text}\n\nwritten: {listed}"
    return filed(record, text, written)


def detect_online(values: dict[str, Any]) -> Answer:
    """Datapool or file -> its anomalies, learnt as it goes."""
    values = dict(values)
    if "data" not in values and "model_name" in values:
        values["data"] = _data(values.pop("model_name"))
    if "model_name" in values:
        raise UsageError(
            f"--online takes no model, and {values['model_name']!r} is one",
            where="mods detect",
            fix="Give the data alone: mods detect --online --data FILE",
        )
    period = settings.build(PredictRequest, {**values, "model_name": "online"})
    request, source = settings.build(OnlineRequest, values), settings.build(Source, values)
    output.check(values.get("output"))
    output.check_events(values.get("events"), "--events")
    from mods.flows import online
    from mods.timerange import TimeRange

    wanted = None if period.time_range is None else TimeRange.parse(period.time_range)
    asked = settings.build(EventsRequest, values)
    given = wanted, period.time_ranges_excluded, asked.expected
    detection = online.detect(request, source, *given)
    written = output.table(detection.table(), values.get("output"))
    hushed = detection.silenced if asked.silenced else []
    told = [one for _, one in sorted([*detection.events, *hushed], key=lambda pair: pair[0])]
    return _listed(detection.record(), told, (online.ONLINE, values.get("events")), written)


def _data(name: str) -> str:
    """A name that may be data; UsageError for what is neither there nor looks like a file."""
    if not (Path(name).exists() or Path(name).suffix):
        raise UsageError(
            f"--online takes no model, and there is no datapool or file {name!r}",
            where="mods detect",
            fix="Give the data: mods detect --online --data FILE",
        )
    return name


COMMANDS = (
    Command(
        "detect",
        "Saved model (or --online) -> anomalies: where reality departs from what was expected.",
        detect,
        (PredictRequest, Source, OnlineRequest, EventsRequest),
        (
            "mods detect week --data data/features --output anomalies.csv",
            "mods detect week --data data/features --time_range '<2019-04-01,2019-05-01)' --json",
            "mods detect --online --data sensor.csv --alarms_per_week 2 --output anomalies.csv",
        ),
        ("model_name", "data"),
        extra={
            "output": "Write the table here: a .csv or .parquet file.",
            "events": "Write the events here: .jsonl (or .ndjson, ECS fields) or .csv.",
        },
    ),
)
