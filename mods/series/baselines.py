"""Forecasts that cost nothing to fit, beside which every model is shown. All are causal."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mods.series import contract
from mods.series.forecast import Forecast

CLIP = 3.0
NEARLY = 0.9
WEAKEST = 0.1
DAY = pd.Timedelta(days=1)
DAYS = 28


def all_of(
    series: pd.DataFrame, origins: pd.DatetimeIndex, steps_ahead: int
) -> dict[str, Forecast]:
    """Every baseline by its name."""
    return {
        one.__name__: one(series, origins, steps_ahead)
        for one in (persistence, seasonal_naive, slot_median_change)
    }


def persistence(series: pd.DataFrame, origins: pd.DatetimeIndex, steps_ahead: int) -> Forecast:
    """Same as now: the value at the origin, at every lead."""
    now = series.reindex(origins).to_numpy(float)
    return _forecast(series, origins, np.repeat(now[:, None, :], steps_ahead, axis=1))


def seasonal_naive(
    series: pd.DataFrame,
    origins: pd.DatetimeIndex,
    steps_ahead: int,
    period: int | None = None,
) -> Forecast:
    """The value one period (or as many as it takes) before the target, else persistence.

    period:  in steps; found from what lies at or before the first origin when None
    """
    naive = persistence(series, origins, steps_ahead)
    if not len(origins):
        return naive
    period = period or season(series[: origins.min()])
    if period is None:
        return naive
    values = series.to_numpy(float)
    here = series.index.get_indexer(origins)
    leads = naive.leads
    wanted = here[:, None] + leads - period * -(-leads // period)
    there = (here[:, None] >= 0) & (wanted >= 0)
    earlier = np.where(there[:, :, None], values[np.where(there, wanted, 0)], np.nan)
    return _forecast(series, origins, np.where(np.isnan(earlier), naive.values, earlier))


def slot_median_change(
    series: pd.DataFrame, origins: pd.DatetimeIndex, steps_ahead: int, days: int = DAYS
) -> Forecast:
    """The value at the origin plus the median change of this time of day over the days before.

    Nothing to fit; where no earlier day is known it is persistence.
    """
    naive = persistence(series, origins, steps_ahead)
    slots = DAY / contract.step(series) if len(origins) else 0
    if slots < 1 or slots != int(slots):
        return naive
    values = series.to_numpy(float)
    here = series.index.get_indexer(origins)
    forecast = naive.values.copy()
    for lead in naive.leads:
        back = np.arange(-(-lead // int(slots)), days + 1) * int(slots)
        then = here[:, None] - back
        there = (here[:, None] >= 0) & (then >= 0)
        then = np.where(there, then, 0)
        later = np.minimum(then + lead, len(values) - 1)
        change = np.where(there[:, :, None], values[later] - values[then], np.nan)
        median = _median(change)
        forecast[:, lead - 1] += np.where(np.isnan(median), 0.0, median)
    return _forecast(series, origins, forecast)


def season(series: pd.DataFrame) -> int | None:
    """The period of the series in steps: None where no lag repeats.

    The smallest peak of the autocorrelation of clipped differences (mean over the features) with at
    least 90 % of the largest, beyond one window's length, below which overlap alone correlates.
    """
    first = contract.window(series).panes + 1 if len(series) > 1 else 1
    last = len(series) // 3
    if last <= first + 1:
        return None
    steps = series.diff().to_numpy(float)[1:]
    known = ~np.isnan(steps)
    scale = np.abs(np.where(known, steps, 0)).sum(0) / np.maximum(known.sum(0), 1)
    clipped = np.clip(np.where(known, steps, 0), -CLIP * scale, CLIP * scale)
    correlation = _autocorrelation(clipped[:, scale > 0], last + 1)
    inner = correlation[first : last + 1]
    peaks = np.flatnonzero((inner[1:-1] > inner[:-2]) & (inner[1:-1] >= inner[2:])) + 1
    peaks = peaks[inner[peaks] >= WEAKEST]
    if not len(peaks):
        return None
    return int(first + peaks[inner[peaks] >= NEARLY * inner[peaks].max()][0])


def _autocorrelation(steps: np.ndarray, lags: int) -> np.ndarray:
    """Mean over the columns of the autocorrelation at lags 0..lags, by the Fourier transform."""
    if not steps.shape[1]:
        return np.zeros(lags + 1)
    size = 2 ** int(np.ceil(np.log2(2 * len(steps))))
    power = np.abs(np.fft.rfft(steps, size, axis=0)) ** 2
    covariance = np.fft.irfft(power, size, axis=0)[: lags + 1]
    return np.asarray((covariance / covariance[0]).mean(axis=1))


def _median(values: np.ndarray) -> np.ndarray:
    """Median over axis 1 of what is known; NaN, without a warning, where nothing is."""
    count = (~np.isnan(values)).sum(axis=1)
    if not values.shape[1]:
        return np.full(count.shape, np.nan)
    ordered = np.sort(values, axis=1)
    low, high = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, values.shape[1] - 1)
    pair = [np.take_along_axis(ordered, at[:, None], axis=1)[:, 0] for at in (low, high)]
    return np.asarray((pair[0] + pair[1]) / 2)


def _forecast(series: pd.DataFrame, origins: pd.DatetimeIndex, values: np.ndarray) -> Forecast:
    features = tuple(str(name) for name in series.columns)
    return Forecast(pd.DatetimeIndex(origins), features, contract.step(series), values)
