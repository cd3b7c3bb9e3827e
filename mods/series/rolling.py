"""Rolling statistics of (steps, features) arrays: each step sees itself and what lies before."""

from __future__ import annotations

import numpy as np
import pandas as pd


def median(values: np.ndarray, span: int, since: int = 0) -> np.ndarray:
    """Median of the last `span` values, fewer at the begin; NaN is passed over.

    since:  steps before this one are not worked out, and get NaN

    >>> median(np.array([[1.0], [5.0], [3.0]]), 2).ravel().tolist()
    [1.0, 3.0, 4.0]
    >>> median(np.array([[1.0], [5.0], [3.0]]), 2, since=2).ravel().tolist()
    [nan, nan, 4.0]
    """
    begin = max(since - span + 1, 0)
    told = pd.DataFrame(values[begin:]).rolling(span, min_periods=1).median().to_numpy()
    found = np.full(values.shape, np.nan)
    found[since:] = told[since - begin :]
    return found


def mean(values: np.ndarray, span: int) -> np.ndarray:
    """Mean of the last `span` values, fewer at the begin; NaN is passed over.

    >>> mean(np.array([[1.0], [5.0], [3.0]]), 2).ravel().tolist()
    [1.0, 3.0, 4.0]
    """
    return np.asarray(pd.DataFrame(values).rolling(span, min_periods=1).mean())


def phase_median(values: np.ndarray, phases: int, span: int) -> np.ndarray:
    """Median of the last `span` values at steps of the same phase, `phases` steps apart.

    >>> phase_median(np.array([[1.0], [9.0], [3.0], [7.0]]), phases=2, span=5).ravel().tolist()
    [1.0, 9.0, 2.0, 8.0]
    """
    steps, features = values.shape
    rows = -(-steps // phases)
    padded = np.full((rows * phases, features), np.nan)
    padded[:steps] = values
    return median(padded.reshape(rows, -1), span).reshape(-1, features)[:steps]
