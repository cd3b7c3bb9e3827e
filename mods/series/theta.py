"""Theta: half a trend line, half simple exponential smoothing, on the series without its season.

The method that won the M3 competition (Assimakopoulos and Nikolopoulos 2000), in the form of
Hyndman and Billah (2003): smoothing with half the slope of the line as drift. For thousands of
origins the smoothing is one recursion; only its three parameters are fitted, and that at intervals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mods.series import contract
from mods.series.forecast import Forecast
from mods.series.seasons import season

SPAN = 4_032
REFIT = 1_008
ALPHAS = np.linspace(1.0, 0.025, 40)


@dataclass(frozen=True, eq=False)
class Fitted:
    """What was learnt of each feature: smoothing, slope of a step, usual height of each phase."""

    alpha: np.ndarray
    slope: np.ndarray
    heights: np.ndarray


def theta(series: pd.DataFrame, origins: pd.DatetimeIndex, steps_ahead: int) -> Forecast:
    """Theta forecasts, fitted every 1,008 steps (a week at ten minutes) on the 4,032 before.

    In between the level goes on with every value. Nothing later than an origin is used; a forecast
    depends on where the first of the origins lies, from which the steps to the fits are counted.
    """
    values = np.full((len(origins), steps_ahead, series.shape[1]), np.nan)
    here = series.index.get_indexer(origins)
    there = np.flatnonzero(here >= 0)
    if len(there):
        blocks = (here[there] - here[there].min()) // REFIT
        for block in np.unique(blocks):
            rows = there[blocks == block]
            values[rows] = _paths(series, here[rows], steps_ahead)
    features = tuple(str(name) for name in series.columns)
    return Forecast(pd.DatetimeIndex(origins), features, contract.step(series), values)


def fit(history: pd.DataFrame) -> Fitted:
    """The parameters from a stretch of the series; steps without a value are passed over."""
    period = season(history) or 1
    heights = _heights(history, period)
    plain = history - heights[np.arange(len(history)) % period]
    return Fitted(_alpha(plain), _slope(plain.to_numpy(float)), heights)


def _paths(series: pd.DataFrame, at: np.ndarray, steps_ahead: int) -> np.ndarray:
    """The forecasts from these steps (n, leads, features), fitted at the first of them."""
    begin = max(int(at.min()) - SPAN + 1, 0)
    part = series.iloc[begin : int(at.max()) + 1]
    fitted = fit(series.iloc[begin : int(at.min()) + 1])
    period, phases = len(fitted.heights), np.arange(len(part)) % len(fitted.heights)
    level = _levels(part - fitted.heights[phases], fitted.alpha)[at - begin]
    leads = np.arange(1, steps_ahead + 1)[:, None]
    known = (at - begin + 1)[:, None, None]
    alpha = fitted.alpha
    drift = fitted.slope / 2 * (leads - 1 + (1 - (1 - alpha) ** known) / alpha)
    height = fitted.heights[(at[:, None] - begin + leads.T) % period]
    return np.asarray(level[:, None, :] + drift + height)


def _levels(series: pd.DataFrame, alpha: np.ndarray) -> np.ndarray:
    """Simple exponential smoothing, begun at the first value: (steps, features)."""
    smooth = [
        series.iloc[:, place].ewm(alpha=one, adjust=False, ignore_na=True).mean()
        for place, one in enumerate(alpha)
    ]
    return np.stack([one.to_numpy(float) for one in smooth], axis=1)


def _alpha(series: pd.DataFrame) -> np.ndarray:
    """The smoothing, of forty, with the smallest squared errors one step ahead; 1 where all do."""
    errors = [
        ((series - series.ewm(alpha=one, adjust=False, ignore_na=True).mean().shift(1)) ** 2).sum()
        for one in ALPHAS
    ]
    return np.asarray(ALPHAS[np.argmin(np.stack(errors), axis=0)])


def _slope(values: np.ndarray) -> np.ndarray:
    """Slope of a step of the least-squares line through what is known; 0 for too little."""
    steps = np.where(np.isfinite(values), np.arange(len(values))[:, None], np.nan)
    count = np.maximum(np.isfinite(values).sum(axis=0), 1)
    away = steps - np.nansum(steps, axis=0) / count
    spread = np.nansum(away**2, axis=0)
    common = np.nansum(away * (values - np.nansum(values, axis=0) / count), axis=0)
    return np.asarray(np.divide(common, spread, out=np.zeros_like(common), where=spread > 0))


def _heights(series: pd.DataFrame, period: int) -> np.ndarray:
    """Usual height of each phase over the centred moving average: (period, features), mean 0."""
    if period < 2:
        return np.zeros((1, series.shape[1]))
    half = period // 2
    rolling = series.rolling(period, min_periods=half).mean()
    around = rolling.shift(-half)
    if period % 2 == 0:
        around = (around + rolling.shift(1 - half)) / 2
    around.iloc[:half] = np.nan
    phases = np.arange(len(series)) % period
    heights = (series - around).groupby(phases).mean().reindex(range(period)).fillna(0.0)
    return np.asarray((heights - heights.mean()).to_numpy(float))
