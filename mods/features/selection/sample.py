"""What of a column the measures look at. A column is a float array with NaN where it has gaps."""

from __future__ import annotations

import numpy as np

from mods.series import gaps

LIMIT = 5.0


def tamed(values: np.ndarray) -> np.ndarray:
    """The column with what lies beyond five mean absolute deviations of its median cut to that.

    One burst would otherwise decide every figure. A column that varies still varies.

    >>> tamed(np.array([1.0, 2.0, 3.0, np.nan])).tolist()
    [1.0, 2.0, 3.0, nan]
    """
    if np.isnan(values).all():
        return values
    middle = np.nanmedian(values)
    reach = LIMIT * np.nanmean(np.abs(values - middle))
    return np.asarray(np.clip(values, middle - reach, middle + reach))


def longest(values: np.ndarray) -> np.ndarray:
    """The longest stretch without a gap, the last of several; empty where nothing is known.

    >>> longest(np.array([1.0, np.nan, 2.0, 3.0])).tolist()
    [2.0, 3.0]
    """
    found = gaps.runs(~np.isnan(values))
    if not len(found):
        return values[:0]
    begin, end = max(found, key=lambda run: (run[1] - run[0], run[0]))
    return values[begin:end]


def apart(values: np.ndarray, panes: int) -> np.ndarray:
    """The windows one length apart, up to the last one: they share no pane.

    >>> apart(np.arange(7), 3).tolist()
    [0, 3, 6]
    """
    return values[(len(values) - 1) % panes :: panes] if len(values) else values


def varies(values: np.ndarray) -> bool:
    """Whether at least two different values are known."""
    known = values[~np.isnan(values)]
    return bool(known.size) and bool((known != known[0]).any())
