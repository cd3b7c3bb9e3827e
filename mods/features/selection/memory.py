"""Autocorrelation: how long a feature remembers, and its rhythm.

Windows less than one length apart share panes and correlate by construction, so nothing is read
from those lags: memory is the autocorrelation one window's length apart, rhythm a peak beyond.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mods.features.selection import extra, sample
from mods.series import rhythm

DAY, WEEK = 86_400, 604_800
MOST_LAGS = 2_016
WINDOWS = 24
LEAST = 20
SURE, STRONG_ENOUGH, PEAK = 1.5, 0.25, 0.05


@dataclass(frozen=True, eq=False)
class Memory:
    """What the past of a feature says by its autocorrelation; None where too little is known.

    acf:  float of shape (lags + 1,), lags in slides; empty where too few steps are known
    pacf:  float of shape (lags + 1,), lags in windows that share nothing; of the longest stretch
    bound:  beyond which a correlation is hardly chance (two standard errors of white noise)
    memory:  the autocorrelation one window's length apart
    period, strength:  of the strongest rhythm, in slides, and the autocorrelation there once the
        drift (the mean over one period) is taken off
    """

    acf: np.ndarray
    pacf: np.ndarray
    bound: float
    memory: float | None = None
    period: int | None = None
    strength: float | None = None


def measure(values: np.ndarray, panes: int, slide: int) -> Memory:
    """The memory of a column that varies.

    panes:  slides of one window; slide: seconds
    """
    calm = sample.tamed(values)
    known = int((~np.isnan(calm)).sum())
    bound = 2 / np.sqrt(max(1.0, known / panes))
    acf = autocorrelation(calm, panes, slide)
    pacf = partial(calm, panes)
    if len(acf) <= panes:
        return Memory(acf, pacf, bound)
    period, strength = _rhythm(calm, acf, panes, slide)
    return Memory(acf, pacf, bound, float(acf[panes]), period, strength)


def autocorrelation(values: np.ndarray, panes: int, slide: int) -> np.ndarray:
    """The autocorrelation at the lags 0, 1, ... slides, over the pairs that are known.

    It reaches over two days and a half, at least four windows and at most half the series; over a
    week and a fourteenth more where the series has two.
    """
    known = int((~np.isnan(values)).sum())
    lags = max(4 * panes, 60 * 3_600 // slide)
    if len(values) * slide >= 2 * WEEK:
        lags = max(lags, 180 * 3_600 // slide)
    lags = min(lags, MOST_LAGS, len(values) // 2)
    if known < LEAST or lags < 1 or not sample.varies(values):
        return np.empty(0)
    found = extra.stattools().acf(values, nlags=lags, fft=True, missing="conservative")
    return np.asarray(found)


def partial(values: np.ndarray, panes: int) -> np.ndarray:
    """The partial autocorrelation at the lags 0, 1, ... windows, of the longest stretch."""
    chosen = sample.apart(sample.longest(values), panes)
    lags = min(WINDOWS, len(chosen) // 3)
    if len(chosen) < LEAST or not sample.varies(chosen):
        return np.empty(0)
    return np.asarray(extra.stattools().pacf(chosen, nlags=lags, method="ywm"))


def _rhythm(
    values: np.ndarray, acf: np.ndarray, panes: int, slide: int
) -> tuple[int | None, float | None]:
    """The period of the rhythm and its strength; None where none stands out of the noise.

    It has to be a peak also before the drift is taken off: what wanders sways without a rhythm.
    """
    known = float((~np.isnan(values)).sum())
    least = max(SURE * 2 / np.sqrt(known / panes), STRONG_ENOUGH)
    heights = {
        lag: height
        for lag, height in _heights(values, panes, slide).items()
        if height > least and lag < len(acf) and acf[lag] - acf[panes:lag].min() > PEAK
    }
    if not heights:
        return None, None
    period = min(lag for lag in heights if heights[lag] >= rhythm.NEAR * max(heights.values()))
    return period, heights[period]


def _heights(values: np.ndarray, panes: int, slide: int) -> dict[int, float]:
    """Autocorrelation at each period worth a try, where it is a peak over the trough before it.

    Tried are the period of the changes and half a day, also split in up to four, a day and a week.
    """
    tried = {round(seconds / slide) for seconds in (DAY, WEEK)}
    for whole in (round(DAY / 2 / slide), *rhythm.periods(np.diff(values)[:, None], panes)):
        tried |= {round(whole / parts) for parts in (1, 2, 3, 4)}
    heights = {}
    for lag in sorted(lag for lag in tried if 2 * panes <= lag <= len(values) // 2):
        drift = pd.Series(values).rolling(lag, center=True, min_periods=lag // 2).mean()
        steady = values - drift.to_numpy()
        if sample.varies(steady):
            acf = extra.stattools().acf(steady, nlags=lag, fft=True, missing="conservative")
            over = acf[lag] - acf[panes:lag].min()
            heights[lag] = float(min(acf[lag], over))
    return heights
