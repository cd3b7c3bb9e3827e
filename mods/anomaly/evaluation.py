"""What a detector finds of injected anomalies, at which budget: counterfactual, without labels.

Nobody has labelled the data, and they hold bursts of their own. So thresholds are set on the clean
scores, as high as brings so many alarms a week, and an anomaly counts as found only by an alarm
where the clean series has none, within 12 hours of its start. At a budget an alarm is a score at
the threshold or above it, then 6 hours of rest; the detector's own are those that it raises.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mods.anomaly import threshold
from mods.anomaly.injection import KINDS, Anomaly
from mods.request.experiments import OWN

DEADLINE = pd.Timedelta("12h")
DRAWS = 20


@dataclass(frozen=True, eq=False)
class Scores:
    """Scores of the steps of a range, and where the detector itself raises its alarms."""

    values: np.ndarray
    raised: np.ndarray

    @classmethod
    def of(cls, found: pd.DataFrame) -> Scores:
        """Those in the rows of a detector."""
        return cls(found["anomaly_score"].to_numpy(float), found["anomaly"].to_numpy() == 1)

    def hot(self, limit: float) -> np.ndarray:
        """Where the score reaches a threshold; the detector's own alarms for the limit `OWN`."""
        return self.raised if limit == OWN else np.asarray(self.values >= limit)


@dataclass(frozen=True, eq=False)
class Trial:
    """One series with anomalies of one magnitude in it, scored."""

    magnitude: float
    anomalies: Sequence[Anomaly]
    scores: Scores


@dataclass(frozen=True, eq=False)
class Scene:
    """The clean range: its scores from the first step that could be scored on."""

    clean: Scores
    first: int
    step: pd.Timedelta

    @property
    def rest(self) -> int:
        """Steps of rest after an alarm."""
        return threshold.rest_steps(self.step)

    @property
    def weeks(self) -> float:
        """How long the range is scored."""
        return float((len(self.clean.values) - self.first) * self.step / threshold.WEEK)

    def alarms(self, limit: float) -> int:
        """Alarms raised on the clean range."""
        hot = self.clean.hot(limit)[self.first :]
        if limit == OWN:
            return int(hot.sum())
        return len(threshold.alarms(hot.astype(float), 1.0, self.rest))

    def limit(self, budget: float) -> float:
        """The lowest threshold that raises at most `budget` alarms a week on the clean range."""
        return _limit(self.clean.values[self.first :], budget * self.weeks, self.rest)


def found(scene: Scene, trials: Sequence[Trial], budgets: Sequence[float]) -> pd.DataFrame:
    """A row per budget, kind and magnitude: events, found, and the median delay in minutes.

    The first rows, of budget 0, are of the alarms that the detector itself raises. `random` is the
    share found by chance: by random scores at the same budget.
    """
    asked = [(OWN, OWN, scene.alarms(OWN) / scene.weeks)]
    asked += [(budget, scene.limit(budget), budget) for budget in budgets]
    rows = []
    for budget, limit, rate in asked:
        chance = _chance(scene, trials, rate)
        clean = scene.clean.hot(limit)
        delays: dict[tuple[str, float], list[float]] = {}
        for trial in trials:
            raised = trial.scores.hot(limit) & ~clean
            for one in trial.anomalies:
                delays.setdefault((one.kind, trial.magnitude), []).append(
                    _delay(one, raised, scene)
                )
        for (kind, magnitude), late in _sorted(delays):
            seen = [delay for delay in late if np.isfinite(delay)]
            rows.append(
                {
                    "budget": budget,
                    "kind": kind,
                    "magnitude": magnitude,
                    "events": len(late),
                    "found": len(seen),
                    "delay_minutes": float(np.median(seen)) if seen else np.nan,
                    "random": chance[kind, magnitude],
                }
            )
    return pd.DataFrame(rows)


def precision(scene: Scene, trials: Sequence[Trial]) -> pd.DataFrame:
    """Per magnitude the area under precision and recall over all steps, and that of chance."""
    rows = []
    for magnitude in sorted({trial.magnitude for trial in trials}):
        same = [trial for trial in trials if trial.magnitude == magnitude]
        scores = np.concatenate([trial.scores.values[scene.first :] for trial in same])
        labels = np.concatenate([_labels(trial)[scene.first :] for trial in same])
        area = _area(scores, labels)
        rows.append({"magnitude": magnitude, "auc_pr": area, "random": float(labels.mean())})
    return pd.DataFrame(rows)


def _sorted(
    delays: dict[tuple[str, float], list[float]],
) -> Iterator[tuple[tuple[str, float], list[float]]]:
    yield from sorted(delays.items(), key=lambda pair: (KINDS.index(pair[0][0]), pair[0][1]))


def _delay(one: Anomaly, raised: np.ndarray, scene: Scene) -> float:
    """Minutes from the first window that changed to the first alarm; infinite for none in time."""
    last = min(one.end, one.start + int(DEADLINE / scene.step))
    hits = np.flatnonzero(raised[one.start : last + 1])
    return float(hits[0] * scene.step / pd.Timedelta("1min")) if len(hits) else np.inf


def _chance(scene: Scene, trials: Sequence[Trial], rate: float) -> dict[tuple[str, float], float]:
    """The share that random scores find at this rate of alarms a week, mean of 20 draws."""
    rng = np.random.default_rng(0)
    hits: dict[tuple[str, float], list[bool]] = {}
    size = len(scene.clean.values)
    for _ in range(DRAWS):
        clean = rng.random(size)
        limit = _limit(clean[scene.first :], rate * scene.weeks, scene.rest)
        for trial in trials:
            raised = (rng.random(size) >= limit) & (clean < limit)
            for one in trial.anomalies:
                seen = bool(np.isfinite(_delay(one, raised, scene)))
                hits.setdefault((one.kind, trial.magnitude), []).append(seen)
    return {key: float(np.mean(seen)) for key, seen in hits.items()}


def _limit(scores: np.ndarray, allowed: float, rest: int) -> float:
    """Bisect the scores for the lowest threshold with at most `allowed` alarms."""
    levels = np.unique(scores)
    low, high = 0, len(levels)
    while low < high:
        middle = (low + high) // 2
        if len(threshold.alarms(scores, float(levels[middle]), rest)) <= allowed:
            high = middle
        else:
            low = middle + 1
    return float(levels[low]) if low < len(levels) else float(np.nextafter(levels[-1], np.inf))


def _labels(trial: Trial) -> np.ndarray:
    labels = np.zeros(len(trial.scores.values), bool)
    for one in trial.anomalies:
        labels[one.start : one.end + 1] = True
    return labels


def _area(scores: np.ndarray, labels: np.ndarray) -> float:
    """Average precision; steps of the same score count together.

    >>> round(_area(np.array([3.0, 2.0, 1.0]), np.array([True, False, True])), 3)
    0.833
    """
    if not labels.any():
        return float("nan")
    order = np.argsort(-scores, kind="stable")
    ends = np.flatnonzero(np.diff(scores[order], append=np.nan) != 0)
    hits = np.cumsum(labels[order])[ends]
    recalled = np.diff(hits, prepend=0) / labels.sum()
    return float((hits / (ends + 1)) @ recalled)
