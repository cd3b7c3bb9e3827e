"""Explained: all that is known of one event, as a program and a person take it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from mods.anomaly.events import MISSING, Event
from mods.anomaly.explanation import Difference, Reason, words
from mods.flows.detect import Detection
from mods.flows.witness import Told

MOST_FEATURES = 6


@dataclass(frozen=True, eq=False)
class Explanation:
    """What is known of one event.

    number:  which of the events it is, the first is 1; 0 where no alarm was raised, or silenced
    series:  the features
    table:  by (time, feature) what the detector saw, as `Detector.explain` tells it
    """

    event: Event
    number: int
    detection: Detection
    series: pd.DataFrame
    table: pd.DataFrame
    reasons: list[Reason]
    differences: list[Difference] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    told: Told | None = None

    def title(self) -> str:
        """The event in a line."""
        event = self.event
        names = words.joined([words.shown(name) for name in event.features[:MOST_FEATURES]])
        alarm = "" if self.number else " (no alarm was raised)"
        return f"{event.direction} {names}, {words.until(event.start, event.end)} UTC{alarm}"

    def sentence(self) -> str:
        """What says most: who is behind it where that is known, else what was seen."""
        told = sorted(self.differences, key=lambda one: not one.clear)
        named = [one.who() for one in told]
        expected = [one.sentences()[0] for one in self.reasons]
        if self.event.direction == MISSING:
            name = words.shown(self.reasons[0].feature)
            span = words.until(self.event.start, self.event.end)
            expected = [f"There are no data from {span}; of {name} {self.reasons[0].hoped()}."]
        said = next(filter(None, named), []) or [*expected, *self.notes][:1]
        rising = [one for each in self.differences for one in each.rising()]
        return " ".join([*said[:1], *(one for one in rising[:1] if one not in said[:1])])

    def record(self) -> dict[str, Any]:
        """The explanation as a program reads it; texts of logs as they are."""
        told = self.told
        return {
            "event": self.event.record(),
            "number": self.number,
            "of": len(self.detection.events),
            "sentence": self.sentence(),
            "reasons": [one.record() for one in self.reasons],
            "who": [one.record() for one in self.differences],
            "files": 0 if told is None else told.files,
            "rejected": {} if told is None else dict(told.rejected),
            "notes": self.notes,
        }
