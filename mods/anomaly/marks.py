"""What an analyst said of an event: expected, false or true; and which event was meant.

An event found again (after a new training, or with other thresholds) may begin some steps earlier
or later: a mark holds for every event that overlaps the one marked and shares a feature with it.
Where none does, it follows to the nearest one within the rest (6 h): steps that lie nearer are one
event by definition. What is expected is a stretch of time and follows nothing.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from mods.anomaly.events import MISSING, Event, iso
from mods.anomaly.threshold import REST
from mods.errors import ModelError
from mods.request.events import EXPECTED, FALSE, TRUE

KEPT = (EXPECTED, FALSE, TRUE)
LENGTH = 12


@dataclass(frozen=True)
class Mark:
    """A verdict on the stretch of an event; times are window ends in UTC, both in.

    marked:  when it was said, ISO 8601 in UTC
    """

    id: str
    verdict: str
    start: pd.Timestamp
    end: pd.Timestamp
    features: tuple[str, ...]
    note: str = ""
    marked: str = ""

    def meets(self, event: Event) -> bool:
        """Whether the event is the one that was marked, or overlaps it in time and features."""
        overlaps = self.start <= event.end and event.start <= self.end
        return self.id == event.id or (
            overlaps and not set(self.features).isdisjoint(event.features)
        )

    def record(self) -> dict[str, Any]:
        """The mark as JSON."""
        return {
            "id": self.id,
            "as": self.verdict,
            "start": iso(self.start),
            "end": iso(self.end),
            "features": list(self.features),
            "note": self.note,
            "marked": self.marked,
        }

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Mark:
        """The mark that `record` describes; ModelError where it describes none."""
        try:
            start, end = (pd.Timestamp(record[name]).tz_convert("UTC") for name in ("start", "end"))
            verdict, names = str(record["as"]), tuple(map(str, record["features"]))
            if verdict not in KEPT or not names or not start <= end:
                raise ValueError(verdict)
            note, marked = (str(record.get(name, "")) for name in ("note", "marked"))
            return cls(str(record["id"]), verdict, start, end, names, note, marked)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ModelError(f"{record!r} is no mark ({error!r})", where="feedback") from None


def identity(model: str, event: Event) -> str:
    """The name of an event: the same for the same model, start and leading feature."""
    told = "|".join((model, iso(event.start), event.features[0]))
    return hashlib.sha256(told.encode()).hexdigest()[:LENGTH]


def meant(name: str, model: str, events: Sequence[Event], step: pd.Timedelta) -> Event | None:
    """The event of that id, also of one it had before: a ticket outlives a calibration.

    With other thresholds an event is led by another of its features, or begins elsewhere: steps
    from the rest (6 h) before it to its end are tried as its begin, the nearest first.
    """
    for event in events:
        if event.id == name:
            return event
    back = int(REST / step)
    for event in (one for one in events if one.direction != MISSING):
        on = int((event.end - event.start) / step)
        for start in (event.start + k * step for k in sorted(range(-back, on + 1), key=abs)):
            for leading in event.features:
                once = dataclasses.replace(event, start=start, features=(leading,))
                if identity(model, once) == name:
                    return event
    return None


def named(events: Sequence[Event], model: str, marks: Sequence[Mark]) -> list[Event]:
    """The events with their ids, and with the verdict that was given last on each.

    A marked event keeps the id it was marked by, also where it now begins elsewhere, or is led by
    another feature; where it fell apart, the part that has most of it does.
    """
    whole = [dataclasses.replace(event, id=identity(model, event)) for event in events]
    said = followed(whole, marks)
    return [_told(place, whole, said) for place in range(len(whole))]


def _told(place: int, events: Sequence[Event], said: Sequence[list[Mark]]) -> Event:
    """The event at this place with its last verdict, and the id of its mark if it is its heir."""
    one = events[place]
    if not said[place]:
        return one
    last = max(said[place], key=lambda mark: (mark.id == one.id, mark.marked))
    heirs = [at for at, told in enumerate(said) if last in told]
    heir = max(heirs, key=lambda at: (events[at].id == last.id, _shared(last, events[at])))
    name = last.id if heir == place else one.id
    return dataclasses.replace(one, mark=last.verdict, note=last.note, id=name)


def followed(events: Sequence[Event], marks: Sequence[Mark]) -> list[list[Mark]]:
    """The marks on each event, in the order of the events."""
    said: list[list[Mark]] = [[] for _ in events]
    for mark in marks:
        met = [place for place, event in enumerate(events) if mark.meets(event)]
        if not met and mark.verdict != EXPECTED:
            near = {at: _apart(mark, event) for at, event in enumerate(events)}
            near = {at: apart for at, apart in near.items() if apart < REST}
            met = [min(near, key=lambda at: near[at])] if near else []
        for place in met:
            said[place].append(mark)
    return said


def unmatched(events: Sequence[Event], marks: Sequence[Mark]) -> list[Mark]:
    """The marks that are on none of these events, which were looked for wherever the marks are."""
    held = {mark for told in followed(events, marks) for mark in told}
    return [mark for mark in marks if mark not in held]


def _shared(mark: Mark, event: Event) -> pd.Timedelta:
    """How long an event and the one marked are the same time; below 0 where they are apart."""
    return min(mark.end, event.end) - max(mark.start, event.start)


def _apart(mark: Mark, event: Event) -> pd.Timedelta:
    """How far an event is from the one marked; for ever where it can be no part of it."""
    same = event.direction != MISSING and not set(mark.features).isdisjoint(event.features)
    return -_shared(mark, event) if same else pd.Timedelta.max
