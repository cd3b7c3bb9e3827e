"""OnlineDetector: the features of a stream, watched one by one, under one alarm budget."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import pandas as pd

from mods.anomaly.online.feature import SILENT, Outlook, Watcher
from mods.anomaly.online.novelty import Rest
from mods.anomaly.tail import Tail
from mods.errors import ModelError, SeriesError, UsageError

FORMAT = 1
PROBATION = 750
LEAST_PROBATION = 24
REST_SHARE = 0.3
WEEK, REST = 604_800.0, 21_600.0
CLIP = 1.0
USUAL_STEP = 600.0
HALF = 4.0
PEAKS_BASE, PEAKS_MEMORY = 0.004, 4_000.0
LOWEST_LIMIT = 0.3
BELIEF, BELIEF_FROM, BELIEF_STEPS = 1_000.0, 1.5, 50


class Scored(NamedTuple):
    """One row: the score (0..1), the threshold of now, whether an alarm is raised, by whom.

    kind is "surprise", "jump", "novelty" (fast) or "level" (slow); '' where the score is 0.
    """

    anomaly_score: float
    threshold: float
    anomaly: int
    feature: str
    kind: str


class OnlineDetector:
    """Learns as it goes: `update` scores a row by those before it, then learns from it.

    The first `probation` values of a feature score 0; so does a row without a value. The score is
    1 - 2^(-r/4), r the rarity (-log10 of a tail probability) of the rarest feature. The threshold
    is the score that about `alarms_per_week` of the rows of a week reach, judged by those so far.
    After a score only a higher one passes for 0.3 of the probation (less for more alarms a week);
    in between, the rarity of the lasting level is shown, held below that of an alarm.

    >>> detector = OnlineDetector(probation=50)
    >>> for minute in range(300): row = detector.update(minute * 60, {"sent": minute % 7})
    >>> detector.update(18_000, {"sent": 90})[2:]
    (1, 'sent', 'surprise')
    """

    def __init__(self, alarms_per_week: float = 1.0, probation: int = PROBATION) -> None:
        if not (math.isfinite(alarms_per_week) and alarms_per_week > 0):
            raise UsageError(
                f"{alarms_per_week} is no budget", where="alarms_per_week", fix="Give more than 0"
            )
        self.alarms_per_week = float(alarms_per_week)
        self.probation = max(int(probation), LEAST_PROBATION)
        self._watchers: dict[str, Watcher] = {}
        self._peaks = _belief(1)
        steps = REST_SHARE * self.probation / max(self.alarms_per_week, 1.0)
        self._rest = Rest(max(1, int(steps)))
        self._rows, self._first, self._last = 0, math.inf, -math.inf
        self._peak, self._peak_since, self._alarmed = 0.0, -math.inf, -math.inf

    def update(self, time: Any, values: Mapping[str, float | None]) -> Scored:
        """Score one row, then learn from it. `time` is a stamp (UTC unless it says otherwise).

        Stamps may be irregular, come again or go backward: they tell the time of day and week.
        A feature not seen before begins its own probation.
        """
        return self._update(_seconds(time), values)

    def outlook(self, time: Any, feature: str, levels: Iterable[int] = ()) -> Outlook | None:
        """What is expected of a feature at a time to come; None before its probation is over."""
        watcher = self._watchers.get(feature)
        return None if watcher is None else watcher.outlook(_seconds(time), levels)

    def run(self, frame: pd.DataFrame) -> pd.DataFrame:
        """`update` for every row of a frame (index: time, columns: features), in its order."""
        if not isinstance(frame.index, pd.DatetimeIndex):
            raise SeriesError(
                "the index holds no times",
                where="series",
                fix="Use a DatetimeIndex, as pandas.to_datetime(stamps, utc=True) makes it",
            )
        moments = (frame.index.as_unit("us").asi8 / 1e6).tolist()
        names = [str(name) for name in frame.columns]
        rows = frame.to_numpy(float).tolist()
        found = [
            self._update(moment, dict(zip(names, row, strict=True)))
            for moment, row in zip(moments, rows, strict=True)
        ]
        return pd.DataFrame(found, frame.index, list(Scored._fields))

    def _update(self, moment: float, values: Mapping[str, float | None]) -> Scored:
        if not self._rows:
            self._peaks = _belief(max(1, len(values)))
        best, held, name, shown = SILENT, 0.0, "", ""
        for feature, value in values.items():
            if value is None or not math.isfinite(value):
                continue
            opinion = self._watcher(feature).update(moment, float(value))
            if opinion.rarity > best.rarity:
                best, name = opinion, feature
            if opinion.held > held:
                held, shown = opinion.held, feature
        self._rows += 1
        self._first, self._last = min(self._first, moment), max(self._last, moment)
        limit = self._limit()
        alarm = int(self._alarm(moment, best.rarity, limit))
        if best.rarity >= held:
            return Scored(_score(best.rarity), _score(limit), alarm, name, best.kind)
        return Scored(_score(held), _score(limit), alarm, shown, "level")

    def _alarm(self, moment: float, rarity: float, limit: float) -> bool:
        """Whether the row raises an alarm; its rarity then counts for the limits to come.

        Of the rarities within the rest of 6 hours the highest counts, and as little more than the
        limit: an anomaly must not hide the next one.
        """
        fresh = self._rest.passes(rarity) and rarity > 0
        over = abs(moment - self._peak_since) >= REST
        ended = self._peak if over else 0.0
        if fresh:
            self._peak = rarity if over else max(self._peak, rarity)
            self._peak_since = moment if over else self._peak_since
        elif over:
            self._peak = 0.0
        if any(watcher.warm for watcher in self._watchers.values()):
            self._peaks.learn(min(ended, limit + CLIP))
        alarm = fresh and rarity >= limit and abs(moment - self._alarmed) >= REST
        if alarm:
            self._alarmed = moment
        return alarm

    def _watcher(self, feature: str) -> Watcher:
        if feature not in self._watchers:
            self._watchers[feature] = Watcher(self.probation, self._rest.steps)
        return self._watchers[feature]

    def _limit(self) -> float:
        """The rarity that as many rows of a week reach as the budget has alarms."""
        elapsed = self._last - self._first
        step = elapsed / (self._rows - 1) if elapsed > 0 else USUAL_STEP
        wanted = min(self.alarms_per_week * step / WEEK, 0.5)
        return max(self._peaks.level(wanted), LOWEST_LIMIT)

    def state(self) -> dict[str, Any]:
        """All that was learnt, as JSON: a stream goes on from it as if it had never stopped."""
        return {
            "format": FORMAT,
            "alarms_per_week": self.alarms_per_week,
            "probation": self.probation,
            "features": {name: watcher.state() for name, watcher in self._watchers.items()},
            "peaks": self._peaks.state(),
            "rest": self._rest.state(),
            "rows": self._rows,
            "span": [self._first, self._last] if self._rows else None,
            "peak": [self._peak, *map(_finite, (self._peak_since, self._alarmed))],
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> OnlineDetector:
        """The detector that `state` describes; ModelError where it describes none."""
        try:
            if state["format"] != FORMAT:
                raise ValueError(f"format {state['format']}, not {FORMAT}")
            detector = cls(float(state["alarms_per_week"]), int(state["probation"]))
            detector._watchers = {
                str(name): Watcher.from_state(one) for name, one in state["features"].items()
            }
            detector._peaks = Tail.from_state(state["peaks"])
            detector._rest = Rest.from_state(state["rest"])
            detector._rows = int(state["rows"])
            if state["span"]:
                detector._first, detector._last = map(float, state["span"])
            times = (-math.inf if one is None else float(one) for one in state["peak"])
            detector._peak, detector._peak_since, detector._alarmed = times
        except (KeyError, IndexError, TypeError, ValueError, AttributeError, UsageError) as error:
            raise ModelError(
                f"the state cannot be used: {error!r}",
                where="online detector",
                fix="Begin anew: OnlineDetector()",
            ) from None
        return detector


def _belief(features: int) -> Tail:
    """The rarities of alarms before any was seen: in 10^r rows each feature once reaches r."""
    tail = Tail(PEAKS_BASE, PEAKS_MEMORY)
    levels = [BELIEF_FROM + step / 10 for step in range(BELIEF_STEPS)]
    weights = [BELIEF * (10**-level - 10 ** -(level + 0.1)) for level in levels]
    shifted = [level + math.log10(features) for level in levels]
    tail.assume([0.0, *shifted], [BELIEF - sum(weights), *weights])
    return tail


def _finite(moment: float) -> float | None:
    return moment if math.isfinite(moment) else None


def _score(rarity: float) -> float:
    return float(1 - 2 ** (-rarity / HALF))


def _seconds(time: Any) -> float:
    """Seconds since the epoch of a number, a text or any kind of time stamp."""
    if isinstance(time, int | float):
        return float(time)
    if isinstance(time, datetime.datetime) and time.tzinfo is not None:
        return time.timestamp()
    try:
        stamp = pd.Timestamp(time)
    except (ValueError, TypeError) as error:
        raise SeriesError(
            f"{time!r} is no time: {error}", where="time", fix="Give a datetime or epoch seconds"
        ) from None
    if pd.isna(stamp):
        raise SeriesError(f"{time!r} is no time", where="time", fix="Leave the row out")
    return (stamp if stamp.tzinfo else stamp.tz_localize("UTC")).timestamp()
