"""The rest of one score: an event that lasts is told once, and stays visible.

A score counts in full only where it is the highest of the last twelve hours; else four tenths of
it. So a level that shifted for days alarms as it rises, not every six hours; it alarms again when
it gets worse than it was, and between alarms its score lies above that of calm days.
"""

from __future__ import annotations

import pandas as pd

HOLD = pd.Timedelta("12h")
SHOWN = 0.4


def steps(step: pd.Timedelta) -> int:
    """The memory in steps, one at least."""
    return max(1, round(HOLD / step))


def held(sizes: pd.DataFrame, memory: int) -> pd.DataFrame:
    """Each column where it is the highest of its last `memory` steps, elsewhere 0.4 of it.

    >>> held(pd.DataFrame({"conn_in": [0, 5, 4, 6, 0, 0, 3]}), 2)["conn_in"].tolist()
    [0.0, 5.0, 1.6, 6.0, 0.0, 0.0, 3.0]
    """
    before = sizes.shift(1).rolling(memory, min_periods=1).max()
    return sizes.where(~(sizes < before), sizes * SHOWN)
