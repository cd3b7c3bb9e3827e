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
BLOCK = 32


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
    plain = history.to_numpy(float) - heights[np.arange(len(history)) % period]
    return Fitted(_alpha(plain), _slope(plain), heights)


def _paths(series: pd.DataFrame, at: np.ndarray, steps_ahead: int) -> np.ndarray:
    """The forecasts from these steps (n, leads, features), fitted at the first of them."""
    begin = max(int(at.min()) - SPAN + 1, 0)
    part = series.iloc[begin : int(at.max()) + 1]
    fitted = fit(series.iloc[begin : int(at.min()) + 1])
    period, phases = len(fitted.heights), np.arange(len(part)) % len(fitted.heights)
    level = _levels(part.to_numpy(float) - fitted.heights[phases], fitted.alpha)[at - begin]
    leads = np.arange(1, steps_ahead + 1)[:, None]
    known = (at - begin + 1)[:, None, None]
    alpha = fitted.alpha
    drift = fitted.slope / 2 * (leads - 1 + (1 - (1 - alpha) ** known) / alpha)
    height = fitted.heights[(at[:, None] - begin + leads.T) % period]
    return np.asarray(level[:, None, :] + drift + height)


def _levels(values: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Simple exponential smoothing, begun at the first value: (steps, features).

    Where a value is missing the level stays; before the first there is none (NaN).
    """
    levels = np.full(values.shape, np.nan)
    for place, one in enumerate(alpha):
        known = np.isfinite(values[:, place])
        so_far = np.cumsum(known)
        smooth = _smoothed(values[known, place], np.array([one]))[:, 0]
        levels[so_far > 0, place] = smooth[so_far[so_far > 0] - 1]
    return levels


def _alpha(values: np.ndarray) -> np.ndarray:
    """The smoothing, of forty, with the smallest squared errors one step ahead; 1 where all do."""
    errors = [_squares(column[np.isfinite(column)]) for column in values.T]
    return np.asarray(ALPHAS[np.argmin(np.nan_to_num(errors, nan=np.inf), axis=1)])


@np.errstate(over="ignore", invalid="ignore")
def _squares(values: np.ndarray) -> np.ndarray:
    """The sum of squared errors one step ahead by each smoothing; NaN where 1e200 is squared."""
    return np.asarray(np.square(values[1:, None] - _smoothed(values, ALPHAS)[:-1]).sum(axis=0))


def _smoothed(values: np.ndarray, alphas: np.ndarray) -> np.ndarray:
    """`ewm(alpha, adjust=False).mean()` of values (n,) for every alpha at once: (n, alphas).

    Block by block: what a block's own values make of it is one product of matrices, and the level
    before it fades in it by 1 - alpha a step. What has not moved yet stays as it is to the last
    digit: of smoothings that miss by as much, rounding must not choose.
    """
    if not len(values):
        return np.zeros((0, len(alphas)))
    blocks = np.pad(values, (0, -len(values) % BLOCK)).reshape(-1, BLOCK)
    fading = (1 - alphas) ** np.arange(BLOCK + 1)[:, None]
    lag = np.subtract.outer(np.arange(BLOCK), np.arange(BLOCK)).T
    weights = np.where(lag[:, :, None] >= 0, alphas * fading[np.abs(lag)], 0.0)
    smooth = (blocks @ weights.reshape(BLOCK, -1)).reshape(*blocks.shape, len(alphas))
    level = np.full(len(alphas), values[0])
    for block in range(len(smooth)):
        smooth[block] += level * fading[1:]
        level = smooth[block, -1]
    found = smooth.reshape(-1, len(alphas))[: len(values)]
    found[np.logical_and.accumulate(values == values[0])] = values[0]
    return np.asarray(found)


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
