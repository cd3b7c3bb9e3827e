"""Events of a model: listed, marked by an analyst, silenced by a calendar kept with the model."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pandas as pd

from mods.anomaly import expected
from mods.anomaly.events import Event, iso
from mods.anomaly.marks import Mark, meant
from mods.errors import UsageError, offered
from mods.flows.detect import Detection, detect
from mods.flows.model import Model
from mods.models import catalogue, feedback
from mods.request import EventsRequest, MarkRequest, PredictRequest, Source
from mods.request.events import NONE
from mods.series import entities
from mods.visualization import text

NUMBER = "number"
SAID = ("mark", "note")
SHOWN = ("id", "start", "end", "kind", "direction", "severity", "score", "features", *SAID)


@dataclass(frozen=True)
class Events:
    """What was found, and what was kept about it: a mark, a calendar.

    unmatched:  marks of the range on what is no event any more
    """

    model: str
    found: tuple[Event, ...]
    silenced: int
    marked: dict[str, Any] | None
    calendar: tuple[expected.Period, ...]
    unmatched: tuple[Mark, ...] = ()

    def record(self) -> dict[str, Any]:
        """The events as a program reads them."""
        return {
            "model_name": self.model,
            "events": [event.record() for event in self.found],
            "silenced": self.silenced,
            "expected": expected.listed(self.calendar),
            "unmatched": [mark.record() for mark in self.unmatched],
            **({"marked": self.marked} if self.marked else {}),
        }


def listed(
    request: PredictRequest, source: Source, asked: EventsRequest, said: MarkRequest
) -> Events:
    """Keep what was said, then find the events of the range.

    A mark alone on an event that was marked before needs no data. Raises UsageError for the id of
    no event, and what `detect` raises.
    """
    model = catalogue.find(request.model_name, source.models)
    if said.calendar is not None:
        keep(model, said.calendar, Model.load(request.model_name, source.models))
    marked = None if said.mark is None else _marked(said, _known(model, said.mark), model)
    if said.mark is not None and marked is None:
        detection = detect(request, source, asked.expected)
        event = _event(said.mark, detection)
        marked = _marked(said, _mark(event, said), model)
    if marked is not None:
        return Events(request.model_name, (), 0, marked, _calendar(model))
    detection = detect(request, source, asked.expected)
    told = told_of(detection, asked)
    return Events(
        request.model_name,
        tuple(told),
        len(detection.silenced),
        None,
        _calendar(model),
        tuple(detection.unmatched),
    )


def alone(marks: Sequence[Mark]) -> str:
    """The marks that are on no event any more, as people read them.

    A false one is meant to come to that: its like does not alarm.
    """
    told = ", ".join(f"{one.id} ({one.verdict}, {iso(one.start)})" for one in marks)
    return f"marked, and no event any more: {told}"


def told_of(detection: Detection, asked: EventsRequest) -> list[Event]:
    """The events in order of time, with those that are silenced where they are asked for."""
    hushed = detection.silenced if asked.silenced else []
    return sorted([*detection.events, *hushed], key=lambda one: (one.start, one.end))


def rows(events: Sequence[Event]) -> list[dict[str, Any]]:
    """What a person looks at first of each event, with its number; one silenced has none."""
    numbers = count(1)
    told = [{**event.record(), NUMBER: "" if event.silenced else next(numbers)} for event in events]
    hushed = any(event.silenced for event in events)
    names = [NUMBER, *SHOWN, *(["silenced"] if hushed else [])]
    for name in SAID:
        if not any(getattr(event, name) for event in events):
            names.remove(name)
    return [
        {**{name: row.get(name, "") for name in names}, "features": text.few(row["features"])}
        for row in told
    ]


def keep(place: Path, file: str, model: Model) -> None:
    """Keep the expected periods of a file beside the model at `place`, in place of those kept.

    Raises UsageError for one of a feature that the model has not; entities may be new ones.
    """
    periods = () if file == NONE else expected.read(file)
    names = model.forecaster.features
    kinds = entities.kinds(names) if model.config.entities else ()
    new = [
        name
        for one in periods
        for name in one.features
        if entities.parted(name)[0] and entities.parted(name)[1] in kinds
    ]
    expected.check(periods, [*names, *new], file)
    with feedback.changing(place) as kept:
        kept["expected"] = expected.listed(periods)


def _calendar(model: Path) -> tuple[expected.Period, ...]:
    return tuple(expected.Period.of(one, model) for one in feedback.read(model)["expected"])


def _known(model: Path, name: str) -> Mark | None:
    """The mark there is on an event of this id."""
    marks = map(Mark.of, feedback.read(model)["marks"])
    return next((mark for mark in marks if mark.id == name), None)


def _event(name: str, detection: Detection) -> Event:
    """The event that is meant by an id, and that it keeps."""
    there = [*detection.events, *detection.silenced]
    step = pd.Timedelta(seconds=detection.window.slide)
    event = meant(name, detection.name, there, step)
    if event is not None:
        return dataclasses.replace(event, id=name)
    raise UsageError(
        f"{name!r} is no event of this period",
        where="mark",
        fix=offered(name, [event.id for event in there]),
    )


def _mark(event: Event, said: MarkRequest) -> Mark:
    return Mark(event.id, str(said.verdict), event.start, event.end, event.features)


def _marked(said: MarkRequest, mark: Mark | None, model: Path) -> dict[str, Any] | None:
    """Keep the verdict on a stretch (or take it back), and tell it; None where there is none."""
    if mark is None:
        return None
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    told = {**mark.record(), "as": said.verdict, "note": said.note or "", "marked": now}
    with feedback.changing(model) as kept:
        others = [one for one in kept["marks"] if one.get("id") != mark.id]
        kept["marks"] = others if said.verdict == NONE else [*others, told]
    return told
