"""The rest of one score: an event that lasts is told once, and stays visible.

A score counts in full only where it is the highest of the last twelve hours, else four tenths of
it: a level that shifted for days lies above calm days, and below what is new. It may alarm only
where it reaches a height that it had not in those hours; heights lie a tenth apart, so that it
alarms as it rises and again when it gets worse, not every six hours nor with each ripple.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

HOLD = pd.Timedelta("12h")
SHOWN = 0.4
APART = 1.1


def steps(step: pd.Timedelta) -> int:
    """The memory in steps, one at least."""
    return max(1, round(HOLD / step))


def held(sizes: pd.DataFrame, memory: int) -> pd.DataFrame:
    """Each column where it is the highest since `memory` steps before, elsewhere 0.4 of it.

    >>> held(pd.DataFrame({"conn_in": [0, 5, 4, 6, 6.01, 0, 0, 3]}), 2)["conn_in"].tolist()
    [0.0, 5.0, 1.6, 6.0, 6.01, 0.0, 0.0, 3.0]
    """
    before = sizes.shift(1).rolling(memory, min_periods=1).max()
    return sizes.where(~(sizes < before), sizes * SHOWN)


def fresh(sizes: pd.DataFrame, memory: int) -> pd.DataFrame:
    """Where each column reaches a height that it had not in the `memory` steps before.

    >>> fresh(pd.DataFrame({"conn_in": [0, 5, 4, 6, 6.01, 0, 0, 3]}), 2)["conn_in"].tolist()
    [False, True, False, True, False, False, False, True]
    """
    with np.errstate(divide="ignore"):
        height = np.floor(np.log(sizes) / np.log(APART))
    before = height.shift(1).rolling(memory, min_periods=1).max()
    reached: pd.DataFrame = (sizes > 0) & ~(height <= before)
    return reached


def alarming(ratios: pd.DataFrame, memory: int) -> np.ndarray:
    """Rows in which a score, in terms of its threshold, reaches it and is fresh."""
    return np.asarray(((ratios >= 1) & fresh(ratios, memory)).any(axis=1))
