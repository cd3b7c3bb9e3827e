"""Simple forecasts, beside which every model is shown. All are causal, none needs training."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mods.series import contract
from mods.series.forecast import Forecast
from mods.series.seasons import season
from mods.series.theta import theta

DAY = pd.Timedelta(days=1)
DAYS = 28


def all_of(
    series: pd.DataFrame, origins: pd.DatetimeIndex, steps_ahead: int
) -> dict[str, Forecast]:
    """Every baseline by its name, persistence first."""
    return {
        one.__name__: one(series, origins, steps_ahead)
        for one in (persistence, seasonal_naive, slot_median_change, theta)
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
