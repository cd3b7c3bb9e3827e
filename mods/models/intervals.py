"""Intervals: how far off the forecast may be, learnt from the errors already seen.

The score of a forecast is its |error| over a local error: the mean of the last 36 and of the last
288 |errors|. An interval is the quantile of the last 2,016 scores times the local error of now. An
error at lead k is known k steps later: not before. All of these look back a fixed number of steps,
so that it does not matter where a range of forecasts begins.
"""

from __future__ import annotations

from collections.abc import Iterable
from statistics import NormalDist

import numpy as np
import pandas as pd

from mods.series import rolling
from mods.series.forecast import LEVELS

SPANS = (36, 288)
SCORES = 2_016
ENOUGH = 200
ROLL = 50
WARM_UP = SCORES + SPANS[-1]


def widths(
    missed: np.ndarray,
    usual: np.ndarray,
    at: np.ndarray | None = None,
    wanted: Iterable[float] = LEVELS,
) -> dict[float, np.ndarray]:
    """Half the width of each interval, per level in percent (n, leads, features); of origins `at`.

    missed:  |error| of shape (n, leads, features) from n origins one step apart, NaN if unknown
    usual:  quantiles of |error| of shape (levels, leads, features), taken where too little is known
    """
    n, leads, features = missed.shape
    at = np.arange(n) if at is None else at
    local, levels = _local(missed), list(wanted)
    scores, shares = _late(missed / local), [level / 100 for level in levels]
    rolled = _each(scores, shares, at) if ROLL * len(at) < n else _all(scores, shares, at)
    result = {}
    for level, quantile in zip(levels, rolled, strict=True):
        learnt = quantile.reshape(len(at), leads, features) * local[at]
        result[level] = np.where(np.isfinite(learnt), learnt, _between(usual, level))
    return result


def _all(scores: pd.DataFrame, levels: list[float], at: np.ndarray) -> list[np.ndarray]:
    """The quantiles of the last scores at these origins, by a window that rolls over all."""
    last = scores.rolling(SCORES, min_periods=ENOUGH)
    return [last.quantile(level).to_numpy()[at] for level in levels]


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


def level(quantile: float) -> float:
    """The interval, in percent, one end of which is this quantile.

    >>> level(0.1), level(0.975), level(0.5)
    (80.0, 95.0, 0.0)
    """
    return round(abs(200 * quantile - 100), 9)


def _between(usual: np.ndarray, level: float) -> np.ndarray:
    """The usual |error| at any level (leads, features), as a normal error would have it between."""
    at = [0.0, *(_deviations(one) for one in LEVELS)]
    known = np.concatenate([np.zeros_like(usual[:1]), np.maximum.accumulate(usual)])
    here = _deviations(level)
    last = len(at) - 2
    left = next((number for number in range(last) if here <= at[number + 1]), last)
    share = (here - at[left]) / (at[left + 1] - at[left])
    return np.asarray(known[left] + share * (known[left + 1] - known[left]))


def _deviations(level: float) -> float:
    """Half the width of a level in standard deviations of a normal error."""
    return NormalDist().inv_cdf(0.5 + level / 200)


def _local(missed: np.ndarray) -> np.ndarray:
    """The error of these days, as known at each origin."""
    seen = _late(missed).to_numpy()
    local = sum(rolling.mean(seen, span) for span in SPANS) / len(SPANS)
    return np.where(local > 0, local, np.nan).reshape(missed.shape)


def _late(values: np.ndarray) -> pd.DataFrame:
    """What is known at each origin: lead k of k origins before; columns lead by lead."""
    late = np.full_like(values, np.nan)
    for number in range(values.shape[1]):
        lead = number + 1
        late[lead:, number] = values[:-lead, number]
    return pd.DataFrame(late.reshape(len(values), -1))
