"""Rolling statistics of (steps, features) arrays: each step sees itself and what lies before."""

from __future__ import annotations

import numpy as np
import pandas as pd


def median(values: np.ndarray, span: int) -> np.ndarray:
    """Median of the last `span` values, fewer at the begin; NaN is passed over.

    >>> median(np.array([[1.0], [5.0], [3.0]]), 2).ravel().tolist()
    [1.0, 3.0, 4.0]
    """
    return np.asarray(pd.DataFrame(values).rolling(span, min_periods=1).median())


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
