"""Explained: all that is known of one event, as a program and a person take it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import pandas as pd

from mods.anomaly.events import MISSING, TOO_LITTLE, TOO_MUCH, Event
from mods.anomaly.explanation import Difference, Reason, words
from mods.config import Config
from mods.flows.witness import Told
from mods.series.forecast import Forecast
from mods.timerange import TimeRange
from mods.window import Window

MOST_FEATURES = 6
CALM = "calm"
SEVERITIES = ("severity", "severity_score")


class Grounds(Protocol):
    """What an explanation rests on: a detection by a model, or one without (--online).

    found:  by time the score in thresholds (`anomaly_score`), and whose it is (`feature`)
    seen:  by (time, feature) what the detector saw, as `Detector.explain` tells it
    """

    @property
    def name(self) -> str:
        """Of the model."""

    @property
    def config(self) -> Config:
        """The query that chose the features."""

    @property
    def window(self) -> Window:
        """Of the series."""

    @property
    def series(self) -> pd.DataFrame:
        """What was seen, by time."""

    @property
    def forecast(self) -> Forecast:
        """What was expected of it before."""

    @property
    def found(self) -> pd.DataFrame:
        """The score of each step."""

    @property
    def seen(self) -> pd.DataFrame:
        """The scores of each feature."""

    @property
    def events(self) -> list[Event]:
        """Those that alarm, in order of time."""

    @property
    def silenced(self) -> list[Event]:
        """Those that are expected."""


@dataclass(frozen=True, eq=False)
class Explanation:
    """What is known of one event.

    number:  which of the events it is, the first is 1; 0 where no alarm was raised, or silenced
    series:  the features
    table:  by (time, feature) what the detector saw, as `Detector.explain` tells it
    asked:  the moment, or the stretch, that was asked about
    """

    event: Event
    number: int
    detection: Grounds
    series: pd.DataFrame
    table: pd.DataFrame
    reasons: list[Reason]
    differences: list[Difference] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    told: Told | None = None
    asked: TimeRange | None = None

    @property
    def calm(self) -> bool:
        """Whether it is a step that alarmed of nothing; it has no severity."""
        return self.event.kind == CALM

    def title(self) -> str:
        """The event in a line, each feature with its own direction."""
        event = self.event
        ways: dict[str, list[str]] = {}
        for one in self.reasons:
            ways.setdefault(self.way(one), []).append(words.shown(one.feature))
        names = " and ".join(f"{way} {words.joined(some)}" for way, some in ways.items())
        alarm = "" if self.number else " (no alarm was raised)"
        return f"{names}, {words.until(event.start, event.end)} UTC{alarm}"

    def way(self, one: Reason) -> str:
        """The direction of one feature: the event's of the leading one, of another its own."""
        event = self.event
        if event.direction == MISSING or one.feature == event.features[0]:
            return event.direction
        if not np.isfinite(one.actual):
            return MISSING
        return TOO_LITTLE if one.actual < one.forecast else TOO_MUCH

    def moved(self) -> list[str]:
        """What to say where the moment that was asked about is no step of the event."""
        event, about = self.event, self.asked
        if about is None or (about.begin <= event.end and about.end >= event.start):
            return []
        when = words.minute(pd.Timestamp(about.begin))
        if self.number:
            return [f"Asked was about {when}, which lies in the first window of this event."]
        return [
            f"Of the windows with {when}, which was asked about, this came nearest to an alarm."
        ]

    def sentence(self) -> str:
        """What says most: who is behind it where that is known, else what was seen."""
        told = sorted(self.differences, key=lambda one: not one.clear)
        if told and not told[0].clear and told[0].silent:
            told.sort(key=lambda one: -one.silent)  # of most hosts: that tells most
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
            "event": self.event.record() | (dict.fromkeys(SEVERITIES) if self.calm else {}),
            "number": self.number,
            "of": len(self.detection.events),
            "sentence": self.sentence(),
            "reasons": [one.record() for one in self.reasons],
            "who": [one.record() for one in self.differences],
            "files": 0 if told is None else told.files,
            "rejected": {} if told is None else dict(told.rejected),
            "notes": [*self.moved(), *self.notes],
        }
