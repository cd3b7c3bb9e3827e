"""What a calibration answers: old and new thresholds, the alarms they bring, what was left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mods.anomaly.events import Event, iso
from mods.anomaly.marks import Mark
from mods.flows.calm import named

Limits = Mapping[str, Mapping[str, float]]
MOST_EVENTS = 10


@dataclass(frozen=True)
class Calibration:
    """Thresholds before and after, and the alarms the new ones bring on the calm range.

    foreseen:  alarms a week in the calm range with thresholds learnt from what lies before it,
        where that is more; `reached` is with those kept, which have seen it
    rhythm_days:  days that the rhythm was learnt on; kept: before, since the data hold too few
    unmarked:  events of the calm range of which nobody said anything; left_out: those of them that
        were not learnt from
    unheard:  marks of true events in that range of which the new thresholds do not alarm
    """

    name: str
    period: tuple[str, str]
    old: Limits
    new: Limits
    budget: float
    foreseen: float
    alarms: int
    weeks: float
    counted: Mapping[str, int]
    rhythm_days: int
    kept: bool
    unmarked: Sequence[Event] = ()
    left_out: Sequence[Event] = ()
    unheard: Sequence[Mark] = ()

    @property
    def reached(self) -> float:
        """Alarms a week on the calm range, without what was left out of it."""
        return self.alarms / self.weeks if self.weeks else 0.0

    def rows(self) -> list[dict[str, Any]]:
        """Old and new threshold of each feature and kind of score, in usual residuals."""
        return [
            {"feature": name, "score": kind, "old": self.old.get(name, {}).get(kind), "new": new}
            for name, kinds in self.new.items()
            for kind, new in kinds.items()
        ]

    def record(self) -> dict[str, Any]:
        """What was done, as a program reads it."""
        return {
            "model_name": self.name,
            "calm": list(self.period),
            "thresholds": self.rows(),
            "alarms_per_week": self.budget,
            "foreseen": self.foreseen,
            "reached": round(self.reached, 3),
            "weeks": round(self.weeks, 2),
            "marks": dict(self.counted),
            "rhythm": {"days": self.rhythm_days, "kept": self.kept},
            "unheard": [mark.record() for mark in self.unheard],
            "unmarked": [
                {**one.record(), "left_out": one in self.left_out} for one in self.unmarked
            ],
        }

    def lines(self) -> list[str]:
        """What was done, beside the thresholds, as a person reads it."""
        marks = ", ".join(f"{count} {name}" for name, count in self.counted.items())
        kept = ", kept: the data hold less than two weeks" if self.kept else ""
        out, calm = self.left_out, [one for one in self.unmarked if one not in self.left_out]
        told = [
            f"calm: {' to '.join(self.period)}, {self.weeks:.1f} weeks",
            f"alarms a week: {self.budget:g} asked for, {self.foreseen:.2f} to expect, "
            f"{self.reached:.2f} on the calm range that the thresholds were learnt from",
            f"rhythm: learnt on {self.rhythm_days} days{kept}",
            f"marked events: {marks}",
        ]
        if self.unheard:
            few = ", ".join(f"{one.id} ({iso(one.start)})" for one in self.unheard[:MOST_EVENTS])
            told.append(f"marked true, and no alarm with these thresholds: {few}")
        if out:
            told.append(
                f"unmarked and severe, left out of the calm range: {named(out, MOST_EVENTS)}"
            )
        if calm:
            told.append(
                f"unmarked, taken for calm, which raises thresholds: {named(calm, MOST_EVENTS)}"
            )
        if out or calm:
            told.append(
                f"Say what they are and calibrate again: mods events {self.name} --mark ID "
                "--as true, false or expected"
            )
        return told
