"""Predictability: how far forecasts that cost nothing get, one window ahead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mods.series import baselines, contract, metrics

MOST = 720
LEAST = 20


@dataclass(frozen=True)
class Predictability:
    """Errors one window's length ahead; None where too few targets are known.

    relative:  error of the better seasonal forecast over that of persistence ("same as now")
    skill:  how much less the best of them errs than the column's median does, 0 to 1
    """

    relative: float | None = None
    skill: float | None = None


def measure(column: pd.DataFrame, period: int | None) -> Predictability:
    """The errors on a series of one column; `period` in slides, None where it has no rhythm."""
    panes = contract.window(column).panes
    origins = _origins(column, panes, period)
    if len(origins) < LEAST:
        return Predictability()
    rivals = [baselines.slot_median_change(column, origins, panes)]
    if period is not None:
        rivals.append(baselines.seasonal_naive(column, origins, panes, period))
    actual = rivals[0].actual(column)[:, -1]
    naive = baselines.persistence(column, origins, panes).values[:, -1]
    usual = np.where(np.isnan(naive), np.nan, np.nanmedian(column.to_numpy()))
    seasonal = [metrics.rel_mae(actual, one.values[:, -1], naive) for one in rivals]
    over_median = metrics.rel_mae(actual, naive, usual)
    if not np.isfinite([over_median, *seasonal]).all():
        return Predictability()
    relative = min(seasonal)
    return Predictability(relative, max(0.0, 1 - over_median * min(1.0, relative)))


def _origins(column: pd.DataFrame, panes: int, period: int | None) -> pd.DatetimeIndex:
    """Known windows one length apart, the later ones of many, once a season lies behind."""
    slots = round(baselines.DAY / contract.step(column))
    first = max(slots, period or 0)
    known = column.iloc[min(first, len(column) // 2) : len(column) - panes : panes].dropna()
    return pd.DatetimeIndex(known.index[-MOST:])
