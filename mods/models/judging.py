"""Judging: what the validation part says of a trained network, and how far to believe it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mods.models import intervals, runtime
from mods.models.prepared import Prepared
from mods.series.forecast import LEVELS

DOUBT = 1.5
FEWEST = 3


@dataclass(frozen=True, eq=False)
class Judged:
    """What validation taught.

    spread: quantiles of |error| in the features' units (levels, leads, features); trust: the share
    of the network's change that is forecast, per feature; figures: errors beside persistence
    """

    spread: np.ndarray
    trust: np.ndarray
    figures: dict[str, Any]


def judged(
    answers: runtime.Answers, prepared: Prepared, rows: np.ndarray, features: tuple[str, ...]
) -> Judged:
    """Hold the network's answers for the rows of validation against persistence."""
    came = prepared.changes(rows)
    told = runtime.answers(answers, prepared, rows) - (prepared.paths(rows) - came)
    feature = rows // prepared.steps
    spread = np.zeros((len(LEVELS), prepared.steps_ahead, len(features)))
    trusted, figures = np.ones(len(features)), {}
    for number, name in enumerate(features):
        mine = feature == number
        if mine.any():
            same = np.abs(came[mine])
            trusted[number] = trust(same - np.abs(came[mine] - told[mine]))
            missed = np.abs(came[mine] - trusted[number] * told[mine])
            spread[:, :, number] = intervals.quantiles(missed) * prepared.transform.scale[number]
            figures[name] = _relative(missed, same)
    by_lead = np.mean(list(figures.values()), axis=0)
    means = {
        "mean": float(by_lead.mean()),
        "leads": {str(lead): float(one) for lead, one in enumerate(by_lead, start=1)},
        "features": {name: float(one.mean()) for name, one in figures.items()},
    }
    return Judged(spread, trusted, means)


def trust(gain: np.ndarray) -> float:
    """The share of a forecast change to believe, from what it gained on persistence (n, leads).

    0 where the mean gain is less than 1.5 times its standard error, and nearly 1 from three times
    on: a positive-part shrinkage as James and Stein's (1961), but steeper. Overlapping paths err
    alike, so the standard error is that of means over blocks as long as a path.

    >>> trust(np.ones((60, 2))), trust(-np.ones((60, 2)))
    (1.0, 0.0)
    """
    leads = gain.shape[1]
    blocks = max(len(gain) // leads, 1)
    means = [block.mean(dtype=float) for block in np.array_split(gain, blocks)]
    mean = float(np.mean(means))
    if mean <= 0 or blocks < FEWEST:
        return float(mean > 0)
    error = float(np.std(means, ddof=1)) / blocks**0.5
    return float(max(0.0, 1.0 - (DOUBT * error / mean) ** 4))


def _relative(missed: np.ndarray, same: np.ndarray) -> np.ndarray:
    """MAE over that of persistence by lead; 1 where nothing ever moves."""
    error, persistence = missed.mean(axis=0, dtype=float), same.mean(axis=0, dtype=float)
    relative = np.divide(error, persistence, out=np.ones_like(error), where=persistence > 0)
    return np.asarray(relative)
