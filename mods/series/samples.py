"""Samples: (past, future) pairs cut from a series by index, never copied before they are needed."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def samples(
    values: np.ndarray, sequence_len: int, steps_ahead: int
) -> tuple[np.ndarray, np.ndarray]:
    """Cut a series into (past, future) pairs; pairs that straddle a gap are left out.

    values of shape (steps, ...) give (n, sequence_len, ...) and (n, steps_ahead, ...).

    >>> past, future = samples(np.arange(6.0), 3, 2)
    >>> past.tolist(), future.tolist()
    ([[0.0, 1.0, 2.0], [1.0, 2.0, 3.0]], [[3.0, 4.0], [4.0, 5.0]])
    """
    at = origins(known(values), sequence_len, steps_ahead)
    return past(values, at, sequence_len), future(values, at, steps_ahead)


def known(values: np.ndarray) -> np.ndarray:
    """The steps at which every feature has a value: mask of shape (steps,)."""
    finite = np.isfinite(values)
    return np.asarray(finite.reshape(len(values), -1).all(axis=1))


def origins(whole: np.ndarray, sequence_len: int, steps_ahead: int) -> np.ndarray:
    """Positions of the last past step of every sample whose past and future are whole.

    >>> origins(np.array([True, True, False, True, True, True]), 2, 1)
    array([4])
    """
    span = sequence_len + steps_ahead
    if len(whole) < span:
        return np.empty(0, dtype=np.int64)
    lost = np.concatenate([[0], np.cumsum(~whole)])
    return np.flatnonzero(lost[span:] == lost[:-span]) + sequence_len - 1


def past(values: np.ndarray, at: np.ndarray, length: int) -> np.ndarray:
    """The `length` steps up to and with each position: (n, length, ...).

    >>> past(np.arange(5), np.array([2, 4]), 2).tolist()
    [[1, 2], [3, 4]]
    """
    windows = sliding_window_view(values, length, axis=0)[at - (length - 1)]
    return np.moveaxis(windows, -1, 1)


def future(values: np.ndarray, at: np.ndarray, length: int) -> np.ndarray:
    """The `length` steps after each position: (n, length, ...).

    >>> future(np.arange(5), np.array([1, 2]), 2).tolist()
    [[2, 3], [3, 4]]
    """
    return np.moveaxis(sliding_window_view(values, length, axis=0)[at + 1], -1, 1)
