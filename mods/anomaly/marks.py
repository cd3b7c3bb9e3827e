"""What an analyst said of an event: expected, false or true; and which event was meant.

An event found again (after a new training, or with other thresholds) may begin some steps earlier
or later: a mark holds for every event that overlaps the one marked and shares a feature with it.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from mods.anomaly.events import Event, iso
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


def named(events: Sequence[Event], model: str, marks: Sequence[Mark]) -> list[Event]:
    """The events with their ids, and with the verdict that was given last on each.

    A marked event keeps the id it was marked by, also where it now begins elsewhere; where it fell
    apart, its first part does.
    """
    found: list[Event] = []
    for event in events:
        one = dataclasses.replace(event, id=identity(model, event))
        said = [mark for mark in marks if mark.meets(one)]
        last = max(said, key=lambda mark: (mark.id == one.id, mark.marked), default=None)
        if last is not None:
            taken = last.features[0] != one.features[0] or last.id in {other.id for other in found}
            one = dataclasses.replace(one, mark=last.verdict, id=one.id if taken else last.id)
        found.append(one)
    return found
