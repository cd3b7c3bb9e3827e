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
    of the network's change that is forecast, per feature; figures: errors beside persistence,
    None for what never moves
    """

    spread: np.ndarray
    trust: np.ndarray
    figures: dict[str, Any]


def judged(
    answers: runtime.Answers, prepared: Prepared, rows: np.ndarray, features: tuple[str, ...]
) -> Judged:
    """Hold the network's answers for the rows of validation, one at least, against persistence.

    Of a feature without a row nothing is known: it is forecast as persistence does, with the
    median spread of the others in units of the scale.
    """
    came = prepared.changes(rows)
    told = runtime.answers(answers, prepared, rows) - (prepared.paths(rows) - came)
    feature = rows // prepared.steps
    spread = np.full((len(LEVELS), prepared.steps_ahead, len(features)), np.nan)
    trusted, relative = np.zeros(len(features)), {}
    for number, name in enumerate(features):
        mine = feature == number
        if mine.any():
            same = np.abs(came[mine])
            gain = same - np.abs(came[mine] - told[mine])
            trusted[number] = trust(gain, prepared.transform.panes)
            missed = np.abs(came[mine] - trusted[number] * told[mine])
            spread[:, :, number] = intervals.quantiles(missed)
            relative[name] = _relative(missed, same)
    spread = np.where(np.isnan(spread), _usual(spread), spread)
    spread *= np.asarray(prepared.transform.scale)
    return Judged(spread, trusted, _figures(relative))


def trust(gain: np.ndarray, panes: int = 1) -> float:
    """The share of a forecast change to believe, from what it gained on persistence (n, leads).

    0 where the mean gain is less than 1.5 times its standard error, and nearly 1 from three times
    on: a positive-part shrinkage as James and Stein's (1961), but steeper. Overlapping paths, and
    windows that share panes, err alike, so the standard error is that of means over blocks as long
    as the longer of the two; of few errors over three shorter ones.

    >>> trust(np.ones((60, 2))), trust(-np.ones((60, 2)))
    (1.0, 0.0)
    """
    blocks = max(len(gain) // max(gain.shape[1], panes), FEWEST)
    if len(gain) < FEWEST:
        return 0.0
    means = [block.mean(dtype=float) for block in np.array_split(gain, blocks)]
    mean = float(np.mean(means))
    if mean <= 0:
        return 0.0
    error = float(np.std(means, ddof=1)) / blocks**0.5
    return float(max(0.0, 1.0 - (DOUBT * error / mean) ** 4))


def _usual(spread: np.ndarray) -> np.ndarray:
    """The median spread of what moves (levels, leads, 1); one usual change where nothing does."""
    moving = spread[:, :, (spread > 0).any(axis=(0, 1))]
    return np.asarray(np.median(moving, axis=2, keepdims=True) if moving.size else np.ones(1))


def _relative(missed: np.ndarray, same: np.ndarray) -> np.ndarray:
    """MAE over that of persistence by lead; NaN where nothing ever moves."""
    error, persistence = missed.mean(axis=0, dtype=float), same.mean(axis=0, dtype=float)
    relative = np.divide(error, persistence, out=np.full_like(error, np.nan), where=persistence > 0)
    return np.asarray(relative)


def _figures(relative: dict[str, np.ndarray]) -> dict[str, Any]:
    """Means over features and leads, by lead and by feature, of what moves at all."""
    table = np.array(list(relative.values()))
    return {
        "mean": _mean(table),
        "leads": {str(lead): _mean(one) for lead, one in enumerate(table.T, start=1)},
        "features": {name: _mean(one) for name, one in relative.items()},
    }


def _mean(errors: np.ndarray) -> float | None:
    """The mean of those that are known, None without any."""
    known = errors[np.isfinite(errors)]
    return float(known.mean()) if known.size else None
