"""Stationarity: does a level come back, or does it wander? The augmented Dickey-Fuller test.

D. A. Dickey, W. A. Fuller, Distribution of the estimators for autoregressive time series with a
unit root, Journal of the American Statistical Association 74 (1979).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from mods.features.selection import extra, sample

LEAST, MOST = 30, 1_000
VALUES = 5
SURE = 0.05


@dataclass(frozen=True)
class Stationarity:
    """Probability of such a column if it were a random walk; None where it cannot be said.

    level:  of the column itself; change: of its differences from window to window
    """

    level: float | None = None
    change: float | None = None

    @property
    def wanders(self) -> bool:
        """Whether the level may be a random walk while its changes are none."""
        return (
            self.level is not None and self.change is not None and self.change < SURE <= self.level
        )


def measure(values: np.ndarray, panes: int, period: int | None = None) -> Stationarity:
    """Both tests on the longest stretch, on its last 1,000 windows that share nothing.

    panes:  slides of one window
    period:  of a rhythm, in slides; what is usual at each of its phases is taken off first
    """
    steady = _without_rhythm(sample.longest(sample.tamed(values)), period)
    chosen = sample.apart(steady, panes)[-MOST:]
    return Stationarity(_p_value(chosen), _p_value(np.diff(chosen)))


def _without_rhythm(values: np.ndarray, period: int | None) -> np.ndarray:
    if period is None or len(values) < 2 * period:
        return values
    phases = np.arange(len(values)) % period
    usual = np.bincount(phases, values) / np.bincount(phases)
    return np.asarray(values - usual[phases])


def _p_value(values: np.ndarray) -> float | None:
    if len(values) < LEAST or len(np.unique(values)) < VALUES:
        return None
    test = extra.stattools().adfuller
    with warnings.catch_warnings():
        # a column of few values makes the regression singular: then the p-value is not finite
        warnings.simplefilter("ignore")
        try:
            found = float(test(values, autolag="BIC", result_object=True).pvalue)
        except (ValueError, np.linalg.LinAlgError):
            return None
    return found if np.isfinite(found) else None
