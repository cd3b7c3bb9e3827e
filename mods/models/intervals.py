"""Intervals: how far off the forecast may be, learnt from the errors already seen.

The score of a forecast is its |error| over a local error: the mean of two exponentially weighted
means of past |errors| (half-lives 18 and 144 steps). An interval is the quantile of the last
2,016 scores times the local error of now. An error at lead k is known k steps later: not before.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from mods.series.forecast import LEVELS

HALF_LIVES = (18, 144)
SCORES = 2_016
ENOUGH = 200
ROLL = 50
WARM_UP = SCORES + 4 * HALF_LIVES[-1]


def widths(
    missed: np.ndarray, usual: np.ndarray, at: np.ndarray | None = None
) -> dict[int, np.ndarray]:
    """Half the width of each interval, per level (n, leads, features); only those of origins `at`.

    missed:  |error| of shape (n, leads, features) from n origins one step apart, NaN if unknown
    usual:  quantiles of |error| of shape (levels, leads, features), taken where too little is known
    """
    n, leads, features = missed.shape
    at = np.arange(n) if at is None else at
    local = _local(missed)
    scores = _late(missed / local)
    levels = [level / 100 for level in LEVELS]
    rolled = _each(scores, levels, at) if ROLL * len(at) < n else _all(scores, levels, at)
    result = {}
    for number, level in enumerate(LEVELS):
        learnt = rolled[number].reshape(len(at), leads, features) * local[at]
        result[level] = np.where(np.isfinite(learnt), learnt, usual[number])
    return result


def _all(scores: pd.DataFrame, levels: list[float], at: np.ndarray) -> list[np.ndarray]:
    """The quantiles of the last scores at these origins, by a window that rolls over all."""
    rolling = scores.rolling(SCORES, min_periods=ENOUGH)
    return [rolling.quantile(level).to_numpy()[at] for level in levels]


def _each(scores: pd.DataFrame, levels: list[float], at: np.ndarray) -> list[np.ndarray]:
    """The same, one origin after the other: faster where they are few."""
    values = scores.to_numpy()
    found = np.full((len(levels), len(at), values.shape[1]), np.nan)
    for number, origin in enumerate(at):
        known = np.sort(values[max(origin + 1 - SCORES, 0) : origin + 1], axis=0)  # NaN goes last
        count = np.isfinite(known).sum(axis=0)
        for level, share in enumerate(levels):
            place = share * np.maximum(count - 1, 0)
            below = place.astype(int)
            low, high = (
                np.take_along_axis(known, np.minimum(one, len(known) - 1)[None], axis=0)[0]
                for one in (below, np.minimum(below + 1, np.maximum(count - 1, 0)))
            )
            value = low + (high - low) * (place - below)
            found[level, number] = np.where(count >= ENOUGH, value, np.nan)
    return list(found)


def quantiles(missed: np.ndarray) -> np.ndarray:
    """Plain quantiles of |error| of shape (n, leads): (levels, leads)."""
    return np.asarray(np.quantile(missed, [level / 100 for level in LEVELS], axis=0))


def _local(missed: np.ndarray) -> np.ndarray:
    """The error of these days, as known at each origin."""
    seen = _late(missed)
    means = [seen.ewm(halflife=half, ignore_na=True).mean().to_numpy() for half in HALF_LIVES]
    local = (means[0] + means[1]) / 2
    return np.where(local > 0, local, np.nan).reshape(missed.shape)


def _late(values: np.ndarray) -> pd.DataFrame:
    """What is known at each origin: lead k of k origins before; columns lead by lead."""
    late = np.full_like(values, np.nan)
    for number in range(values.shape[1]):
        lead = number + 1
        late[lead:, number] = values[:-lead, number]
    return pd.DataFrame(late.reshape(len(values), -1))
