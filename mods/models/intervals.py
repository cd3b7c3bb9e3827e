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
WARM_UP = SCORES + 4 * HALF_LIVES[-1]


def widths(missed: np.ndarray, usual: np.ndarray) -> dict[int, np.ndarray]:
    """Half the width of each interval, per level an array of the shape of `missed`.

    missed:  |error| of shape (n, leads, features) from n origins one step apart, NaN if unknown
    usual:  quantiles of |error| of shape (levels, leads, features), taken where too little is known
    """
    n, leads, features = missed.shape
    local = _local(missed)
    scores = _late(missed / local)
    result = {}
    for number, level in enumerate(LEVELS):
        rolling = scores.rolling(SCORES, min_periods=ENOUGH)
        quantiles = rolling.quantile(level / 100).to_numpy().reshape(n, leads, features)
        learnt = quantiles * local
        result[level] = np.where(np.isfinite(learnt), learnt, usual[number])
    return result


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
