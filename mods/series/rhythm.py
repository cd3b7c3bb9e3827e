"""Rhythm: which periods a series has, and what is usual at each of their phases."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

CYCLES = 28
REACH = 6_048
SEARCHED = 2_016
NEAR = 0.9
CLIPPED = 3.0
CHUNK = 10_000_000


def periods(differences: np.ndarray, panes: int = 1, day: int = 0) -> tuple[int, ...]:
    """The shortest strong period of the differences, and the day where it is another one.

    differences: (steps, features), NaN where unknown; day: steps of a day, 0 if it is not whole.
    The shortest peak of the autocorrelation of the clipped differences that has at least 90 % of
    the largest, or the top within a tenth of it. Lags within two windows (of `panes` slides) are
    the window's own echo.
    """
    found = _peak(differences, 2 * panes + 1)
    candidates = dict.fromkeys(period for period in (found, day) if period > 1)
    enough = min(REACH, len(differences)) // 3
    return tuple(period for period in candidates if period <= enough)


def _peak(differences: np.ndarray, first: int) -> int:
    """The lag of that peak; 0 if none stands out of the noise."""
    steps = len(differences)
    last = min(steps // 3, SEARCHED)
    if last < first + 2:
        return 0
    echo = _autocorrelation(differences, last + 1)
    inner = echo[first : last - 1]
    peaks = (inner > echo[first - 1 : last - 2]) & (inner >= echo[first + 1 : last])
    lags = np.flatnonzero(peaks & (inner > 4 / np.sqrt(steps)))
    if not len(lags):
        return 0
    strong = lags[inner[lags] >= NEAR * inner[lags].max()]
    shortest = int(strong[0])
    flank = inner[shortest : shortest + 1 + (shortest + first) // 10]
    return shortest + int(flank.argmax()) + first


def _autocorrelation(differences: np.ndarray, lags: int) -> np.ndarray:
    """Mean over the features, lags 0..lags-1, by Fourier transform (Wiener and Khinchin)."""
    known = np.isfinite(differences)
    differences = np.where(known, differences, 0.0)
    spread = np.abs(differences).sum(axis=0) / np.maximum(known.sum(axis=0), 1) + 1e-12
    clipped = np.clip(differences / spread, -CLIPPED, CLIPPED)
    clipped = clipped - clipped.mean(axis=0)
    power = np.abs(np.fft.rfft(clipped, 2 * len(clipped), axis=0)) ** 2
    echo = np.fft.irfft(power, axis=0)[:lags]
    return np.asarray((echo / (echo[0] + 1e-12)).mean(axis=1))


def usual(values: np.ndarray, period: int, ahead: int = 0) -> np.ndarray:
    """Median of the values one, two, ... periods before each step: (steps + ahead, features).

    At most 28 periods back (fewer where they would reach further than 6,048 steps). Steps without
    any such value get 0. `ahead` (at most one period) goes on past the end, and still looks at
    known values only.

    >>> usual(np.array([[1.0], [5.0], [3.0], [7.0]]), period=2, ahead=2).ravel().tolist()
    [0.0, 0.0, 1.0, 5.0, 2.0, 6.0]
    """
    steps, features = values.shape
    cycles = max(1, min(CYCLES, REACH // period, -(-(steps + ahead) // period) - 1))
    padded = np.full((cycles * period + steps + ahead, features), np.nan)
    padded[cycles * period : cycles * period + steps] = values
    looks = sliding_window_view(padded, cycles * period, axis=0)[: steps + ahead, :, ::period]
    chunk = max(1, CHUNK // (cycles * features))
    parts = [looks[begin : begin + chunk] for begin in range(0, len(looks), chunk)]
    return np.concatenate([_median(part) for part in parts])


def _median(looks: np.ndarray) -> np.ndarray:
    """Median over the last axis without NaN (0 where all are), by one sort."""
    ordered = np.sort(looks, axis=-1)  # NaN goes last
    count = np.isfinite(ordered).sum(axis=-1, keepdims=True)
    low = np.take_along_axis(ordered, np.maximum(count - 1, 0) // 2, axis=-1)
    high = np.take_along_axis(ordered, np.minimum(count // 2, looks.shape[-1] - 1), axis=-1)
    middle = (low + np.where(count % 2 == 0, high, low)) / 2
    return np.asarray(np.where(count > 0, middle, 0.0)[..., 0])
