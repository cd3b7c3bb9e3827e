"""From scored steps to what a person reads: since when, until when, which features, which way.

Steps at or above the threshold that lie less than the rest (6 h) apart are one event, if one of
them alarms (detector.events). An event may alarm again, after the rest and where its score reaches
a height that it had not in the twelve hours before (rest.py); so there are never more events than
alarms and the budget holds for both.

What an event is, is read from its first steps, as many as the forecast looks ahead: those were
forecast before it began. Later forecasts have seen it, and are surprised when it ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mods.anomaly import severity
from mods.anomaly.threshold import REST

TOO_MUCH, TOO_LITTLE, MISSING = "too much", "too little", "missing"
OUTAGE = "outage"


@dataclass(frozen=True)
class Event:
    """One anomaly. Times are window ends in UTC; both `start` and `end` are in.

    peak, score:  the largest score / threshold of its first steps; 0 for a missing stretch
    features:  those that departed, the one of the peak first, then by how far
    direction:  "too much", "too little" or "missing", of the first feature at the peak
    kind:  in words, as in "burst" (mods.anomaly.kinds); '' where nothing was read from the shape
    score_kind:  which score was highest in the end; '' for a missing stretch
    id:  the same wherever it is found again; mark:  what an analyst said of it, if anything
    silenced:  why it raises no alarm, '' where it does
    """

    start: pd.Timestamp
    end: pd.Timestamp
    peak: pd.Timestamp
    score: float
    features: tuple[str, ...]
    direction: str
    kind: str
    actual: float | None = None
    forecast: float | None = None
    score_kind: str = ""
    id: str = ""
    mark: str = ""
    silenced: str = ""

    @property
    def severity_score(self) -> int:
        """0..100, by rarity, duration, number of features and kind (mods.anomaly.severity)."""
        gone = self.kind == OUTAGE
        return severity.number(self.score, self.end - self.start, len(self.features), gone)

    @property
    def severity(self) -> str:
        """The same in words: low, medium, high or critical."""
        return severity.word(self.severity_score)

    def record(self) -> dict[str, Any]:
        """The event as JSON: times as ISO 8601 UTC, null where there is no number.

        id, mark and silenced stand there only where they say something.
        """
        times = {name: iso(getattr(self, name)) for name in ("start", "end", "peak")}
        told = {name: getattr(self, name) for name in ("id", "mark", "silenced")}
        return {
            **times,
            "score": round(self.score, 4),
            "features": list(self.features),
            "direction": self.direction,
            "kind": self.kind,
            "actual": self.actual,
            "forecast": self.forecast,
            "score_kind": self.score_kind,
            "severity": self.severity,
            "severity_score": self.severity_score,
            **{name: value for name, value in told.items() if value},
        }


def iso(time: pd.Timestamp) -> str:
    """ISO 8601 in UTC."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def join(ratios: pd.DataFrame, rest: int, lead: int) -> list[Event]:
    """Events of signed scores divided by their thresholds: 1 or more, or -1 or less, alarms.

    Columns (feature, kind); `rest` in steps; NaN is a step that could not be scored; the scores
    are of forecasts made `lead` steps before.
    """
    sizes = ratios.abs().fillna(0.0)
    hot = np.flatnonzero(sizes.to_numpy().max(axis=1, initial=0.0) >= 1)
    return [
        _event(ratios.iloc[a : b + 1], sizes.iloc[a : b + 1], lead) for a, b in stretches(hot, rest)
    ]


def stretches(positions: np.ndarray, rest: int = 2) -> Iterator[tuple[int, int]]:
    """First and last of each run of positions less than `rest` apart.

    >>> list(stretches(np.array([3, 4, 9])))
    [(3, 4), (9, 9)]
    """
    if len(positions):
        breaks = np.flatnonzero(np.diff(positions) >= rest) + 1
        for run in np.split(positions, breaks):
            yield int(run[0]), int(run[-1])


def _event(ratios: pd.DataFrame, sizes: pd.DataFrame, lead: int) -> Event:
    first, highest = sizes.iloc[:lead], _ranked(sizes)
    leading = _ranked(first).index[0]
    peak = first[leading].idxmax()
    names = [leading[0], *(name for name, _ in highest.index[highest.to_numpy() >= 1])]
    return Event(
        start=ratios.index[0],
        end=ratios.index[-1],
        peak=peak,
        score=float(first.loc[peak, leading]),
        features=tuple(dict.fromkeys(map(str, names))),
        direction=TOO_MUCH if ratios.loc[peak, leading] > 0 else TOO_LITTLE,
        kind="",
        score_kind=str(highest.index[0][1]),
    )


def _ranked(sizes: pd.DataFrame) -> pd.Series:
    """The largest of each column, the highest first."""
    return sizes.max().sort_values(ascending=False, kind="stable")


def missing(series: pd.DataFrame, step: pd.Timedelta) -> list[Event]:
    """Stretches without data where data were expected: after a feature's first value.

    Features that are missing over the same stretch make one event. They cost no alarm budget.
    """
    if series.empty:
        return []
    regular = series.reindex(pd.date_range(series.index[0], series.index[-1], freq=step))
    begun = regular.notna().cummax()
    absent = regular.isna() & begun
    found: dict[tuple[int, int], list[str]] = {}
    for name in absent.columns:
        for stretch in stretches(np.flatnonzero(absent[name].to_numpy())):
            found.setdefault(stretch, []).append(str(name))
    times = regular.index
    return [
        Event(times[a], times[b], times[a], 0.0, tuple(names), MISSING, MISSING)
        for (a, b), names in sorted(found.items())
    ]


__all__ = [
    "MISSING",
    "REST",
    "TOO_LITTLE",
    "TOO_MUCH",
    "Event",
    "iso",
    "join",
    "missing",
    "stretches",
]
