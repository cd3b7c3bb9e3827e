"""The threshold that keeps an alarm budget, learnt from the scores of a calm range.

An alarm is one step at or above the threshold; after it the detector rests. What counts is alarms
per week, not points: without the rest one long anomaly would use up the budget of months, and
merging neighbours would make a detector that never stops look cheap.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

REST = pd.Timedelta("6h")
WEEK = pd.Timedelta("7D")
ENOUGH = 10
TAIL_SHARES = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5)
LEAST_PEAKS = 12
STEEPEST = 0.45


def rest_steps(step: pd.Timedelta, rest: pd.Timedelta = REST) -> int:
    """The rest in steps, one at least."""
    return max(1, round(rest / step))


def alarms(scores: np.ndarray, threshold: float, rest: int) -> np.ndarray:
    """Positions at which an alarm is raised: at or above the threshold, then `rest` steps silence.

    >>> alarms(np.array([0, 5, 6, 0, 7, 1]), 5, rest=3).tolist()
    [1, 4]
    """
    found = []
    free = 0
    for position in np.flatnonzero(scores >= threshold):
        if position >= free:
            found.append(int(position))
            free = int(position) + rest
    return np.array(found, dtype=int)


def learn(
    scores: np.ndarray, alarms_per_week: float, step: pd.Timedelta, rest: pd.Timedelta = REST
) -> float:
    """The lowest threshold that brings at most `alarms_per_week` on scores like these.

    Where the range is long enough to hold ten alarms of the budget they are counted; else the tail
    is extrapolated (`_extrapolate`). NaN steps were not observed and do not count as time.
    """
    quiet = rest_steps(step, rest)
    observed = np.isfinite(scores)
    weeks = observed.sum() * step / WEEK
    known = np.where(observed, scores, -np.inf)
    if not observed.any() or np.ptp(scores[observed]) == 0:
        return _above(float(scores[observed].max(initial=0.0)))
    if alarms_per_week * weeks >= ENOUGH:
        return _count(known, alarms_per_week * weeks, quiet)
    return _extrapolate(known, alarms_per_week * weeks)


def _above(level: float) -> float:
    """A little more than what was always seen: a series that never moved alarms when it does."""
    return level * 1.001 + 1e-6


def _count(scores: np.ndarray, allowed: float, rest: int) -> float:
    """Bisect the observed scores for the lowest threshold with at most `allowed` alarms."""
    levels = np.unique(scores[np.isfinite(scores)])
    low, high = 0, len(levels)
    while low < high:
        middle = (low + high) // 2
        if len(alarms(scores, levels[middle], rest)) <= allowed:
            high = middle
        else:
            low = middle + 1
    return float(levels[low]) if low < len(levels) else _above(float(levels[-1]))


def _extrapolate(scores: np.ndarray, allowed: float) -> float:
    """Peaks over threshold: a generalised Pareto tail fitted to the peaks of separate stretches.

    Shape and scale by moments (Hosking and Wallis 1987), shape within 0..0.45. To the shape 1/n is
    added: for an exponential tail known from n peaks the predictive tail is exactly Pareto with
    shape 1/n, so that a short range gives a higher threshold, not a luckier one.
    """
    base, peaks = _peaks(scores, max(LEAST_PEAKS, 3 * allowed))
    if len(peaks) <= allowed:
        return base
    mean, spread = float(peaks.mean()) - base, float(peaks.var())
    if mean <= 0:
        return _above(base)
    moments = 0.5 * (1 - mean**2 / spread) if spread > 0 else 0.0
    heaviness = min(max(moments, 0.0), STEEPEST)
    shape = heaviness + 1 / len(peaks)
    rarer = len(peaks) / allowed
    return base + mean * (1 - heaviness) / shape * (math.pow(rarer, shape) - 1)


def _peaks(scores: np.ndarray, wanted: float) -> tuple[float, np.ndarray]:
    """Where the tail begins, and the peak of each stretch above it.

    It begins at the highest of a few quantiles above which lie the wanted number of stretches.
    """
    known = scores[np.isfinite(scores)]
    for share in TAIL_SHARES:
        base = float(np.quantile(known, 1 - share))
        above = np.concatenate([[False], scores > base, [False]])
        begins, ends = np.flatnonzero(np.diff(above.astype(int))).reshape(-1, 2).T
        peaks = [scores[begin:end].max() for begin, end in zip(begins, ends, strict=True)]
        if len(peaks) >= wanted:
            break
    return base, np.array(peaks)
