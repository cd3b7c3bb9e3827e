"""NAB's scoring (Lavin and Ahmad 2015), and the area under the precision-recall curve of points.

A window is found by its first alarm, the earlier the better: a sigmoid of the place in the window,
1 at its begin. A missed window costs the weight of a false negative, an alarm outside (each row!)
that of a false positive, less where it comes shortly after a window. One threshold serves all
files; the sum is scaled so that no alarm at all is 0 and the perfect detector 100.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from benchmarks.nab.corpus import Labelled


class Profile(NamedTuple):
    """What a found window, a missed one and a false alarm weigh."""

    found: float
    missed: float
    false: float


PROFILES = {
    "standard": Profile(1.0, 1.0, 0.11),
    "low_fp": Profile(1.0, 1.0, 0.22),
    "low_fn": Profile(1.0, 2.0, 0.11),
}


@dataclass(frozen=True, eq=False)
class Curve:
    """Scores over all thresholds, the highest first: those of a profile, and of single points."""

    thresholds: np.ndarray
    scores: dict[str, np.ndarray]
    precision: np.ndarray
    recall: np.ndarray

    def best(self, profile: str = "standard") -> float:
        """The threshold of the highest score."""
        return float(self.thresholds[int(np.argmax(self.scores[profile]))])

    def at(self, threshold: float, profile: str = "standard") -> float:
        """The score at a threshold; 0 where nothing reaches it."""
        reached = np.flatnonzero(self.thresholds >= threshold)
        return float(self.scores[profile][reached[-1]]) if len(reached) else 0.0

    @property
    def auc_pr(self) -> float:
        """Average precision of the points, all files together: never point-adjusted."""
        return float(np.sum(np.diff(self.recall, prepend=0.0) * self.precision))


def curve(corpus: Sequence[Labelled], scores: Sequence[np.ndarray]) -> Curve:
    """All thresholds at once; `scores` are one array per file, one number per row."""
    parts = [_steps(one, np.asarray(own, float)) for one, own in zip(corpus, scores, strict=True)]
    columns = zip(*parts, strict=True)
    score, gain, first, false, inside = (np.concatenate(column) for column in columns)
    order = np.argsort(-score, kind="stable")
    score, last = score[order], np.append(np.diff(score[order]) != 0, True)
    gained, found, wrong, true = (
        np.cumsum(column[order])[last] for column in (gain, first, false, inside)
    )
    windows = sum(len(one.windows) for one in corpus)
    reachable = int(first.sum())
    counts = np.flatnonzero(last) + 1
    return Curve(
        score[last],
        {
            name: 100
            * (gained * one.found + one.missed * found + one.false * wrong)
            / (windows * one.found + one.missed * reachable)
            for name, one in PROFILES.items()
        },
        true / counts,
        true / max(inside.sum(), 1),
    )


def _steps(one: Labelled, score: np.ndarray) -> tuple[np.ndarray, ...]:
    """Per scored row: its score, and what alarming there too adds as the threshold falls.

    The gain of its window, whether that is found by it, the cost as a false alarm, and whether it
    lies in a window.
    """
    if score.shape != (len(one),) or not np.isfinite(score).all():
        raise ValueError(f"{one.name}: {score.shape} scores, or some that are no numbers")
    rows = np.arange(len(one))
    gain, first, inside = np.zeros(len(one)), np.zeros(len(one)), np.zeros(len(one))
    false = np.full(len(one), -1.0)
    for begin, end in one.windows:
        inside[begin : end + 1] = 1
        later = rows[end + 1 :]
        false[later] = _sigmoid((later - end) / max(end - begin, 1))
        reached = rows[max(begin, one.probation) : end + 1]
        if not len(reached):
            continue
        value = _sigmoid((reached - end - 1) / (end - begin + 1)) / _sigmoid(np.array(-1.0))
        falling = np.argsort(-score[reached], kind="stable")
        gain[reached[falling]] = np.diff(np.maximum.accumulate(value[falling]), prepend=0.0)
        first[reached[falling[0]]] = 1
    false[inside == 1] = 0.0
    kept = rows >= one.probation
    return tuple(column[kept] for column in (score, gain, first, false, inside))


def _sigmoid(place: np.ndarray) -> np.ndarray:
    """1 well before the end of the window (place < 0), 0 at it, -1 far behind."""
    value = 2 / (1 + np.exp(np.minimum(5 * place, 700.0))) - 1
    return np.where(place > 3, -1.0, value)
