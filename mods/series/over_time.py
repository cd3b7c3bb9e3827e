"""Errors in the course of time: whether a model wears out, and whether refitting it helps."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from mods.series import metrics
from mods.series.forecast import Forecast

MOST = 45
LENGTHS = ("1h", "3h", "6h", "12h", "1D", "2D", "7D", "14D", "28D", "91D", "364D")


def relative_errors(
    forecasts: Mapping[str, Forecast],
    series: pd.DataFrame,
    counted: np.ndarray,
    every: pd.Timedelta | None = None,
) -> pd.DataFrame:
    """MAE relative to persistence, mean over leads and features, stretch by stretch of the targets.

    forecasts:  by name, all from the same origins
    counted:  boolean (origins, leads), the targets that count
    every:  length of a stretch; by default one that makes at most 45 of them

    Index: the begin of each stretch; a column per name, NaN where nothing can be judged.
    """
    first = next(iter(forecasts.values()))
    actual, naive, judged = metrics.truth(first, series, counted)
    floor = np.abs(actual - naive)
    begin, after = _targets(first, counted)
    every = every or _length(pd.Timedelta(after[counted].max()), first.step)
    stretch = np.asarray(after // every.to_timedelta64(), int)
    stretches = range(int(stretch[counted].max()) + 1)
    masks = [judged & (stretch == number)[:, :, None] for number in stretches]
    floors = [_sums(floor, mask) for mask in masks]
    table = {}
    for name, forecast in forecasts.items():
        missed = metrics.errors(actual, forecast.values, floor)
        table[name] = [_ratio(_sums(missed, m), f) for m, f in zip(masks, floors, strict=True)]
    starts = pd.DatetimeIndex([begin + number * every for number in stretches], name="time")
    return pd.DataFrame(table, starts)


def _targets(forecast: Forecast, counted: np.ndarray) -> tuple[pd.Timestamp, np.ndarray]:
    """The first target that counts, and how long after it each one lies: timedelta64 (n, k)."""
    leads = forecast.leads * forecast.step.to_timedelta64()
    since = (forecast.origins - forecast.origins[0]).to_numpy()[:, None] + leads
    first = since[counted].min()
    return pd.Timestamp(forecast.origins[0] + pd.Timedelta(first)), since - first


def _length(span: pd.Timedelta, step: pd.Timedelta) -> pd.Timedelta:
    """A length of stretch that people know, not too short to judge by."""
    lengths = [max(pd.Timedelta(text), 6 * step) for text in LENGTHS]
    return next((one for one in lengths if span / one <= MOST), lengths[-1])


def _sums(values: np.ndarray, where: np.ndarray) -> np.ndarray:
    return np.asarray(np.where(where, values, 0.0).sum(axis=0))


def _ratio(missed: np.ndarray, floor: np.ndarray) -> float:
    known = floor > 0
    return float((missed[known] / floor[known]).mean()) if known.any() else float("nan")
