"""Transforms between the features' units and the network's: only `fit` learns."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mods.series import rhythm, rolling

TINY = 1e-9
ABSURD = 1e5
FAR = 4.0
LEAST_FAR = 1e4
RARE = 1_000


@dataclass(frozen=True)
class Transform:
    """What training taught about each feature; plain numbers, so that it travels as JSON.

    panes: slides of a window; periods: the rhythm in steps; scale: mean |difference|;
    centre: median; far: values further from those before them are errors, in units of the scale;
    never_negative: may clip at 0; delta: forecasts are changes against the last value, not
    distances to the centre.
    """

    panes: int
    periods: tuple[int, ...]
    scale: tuple[float, ...]
    centre: tuple[float, ...]
    far: tuple[float, ...]
    never_negative: tuple[bool, ...]
    delta: bool = True

    def state(self) -> dict[str, Any]:
        """As JSON keeps it; `read` is the way back."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in dataclasses.asdict(self).items()
        }

    def base(self, last: np.ndarray) -> np.ndarray:
        """What forecasts are added to, from the last known values of shape (..., features)."""
        return last if self.delta else np.asarray(np.where(np.isnan(last), np.nan, self.centre))

    def undo(self, path: np.ndarray, last: np.ndarray) -> np.ndarray:
        """Paths (n, leads, features) of the network in the features' own units.

        Where training never saw a negative value, no forecast is negative.
        """
        return self.clipped(self.base(last)[:, None, :] + path * np.asarray(self.scale))

    def clipped(self, values: np.ndarray) -> np.ndarray:
        """The values (..., features), at least 0 where training never saw a negative one."""
        return np.where(np.asarray(self.never_negative), np.maximum(values, 0.0), values)

    def mended(self, values: np.ndarray) -> np.ndarray:
        """Values (steps, features) in which an absurd one holds the value before it.

        Absurd is what lies four times as far from the median of the last two windows as anything
        in training did, and 10,000 usual changes at least; what stays so for a window is believed.
        Gaps stay NaN.
        """
        apart = np.abs(values - rolling.median(values, around(self.panes)))
        absurd = apart > np.asarray(self.far) * np.asarray(self.scale)
        if not absurd.any():
            return values
        return np.where(
            absurd, filled(np.where(absurd, np.nan, values), np.asarray(self.centre)), values
        )

    def apply(self, values: np.ndarray) -> np.ndarray:
        """Values of shape (..., features) in units of the scale."""
        return np.asarray(values / np.asarray(self.scale))


def fit(values: np.ndarray, *, panes: int = 1, day: int = 0, delta: bool = True) -> Transform:
    """Learn from values (steps, features) of training alone; NaN is unknown, but not all of them.

    day: steps of a day, 0 where it is no whole number of them.
    """
    sane = _sane(values, panes)
    change = np.diff(sane, axis=0)
    total = _mean(np.abs(change))
    size = np.nanmax(np.abs(sane), axis=0)
    scale = np.where(total > TINY * size, total, np.where(size > 0, size, 1.0))
    apart = np.nanmax(np.abs(sane - rolling.median(sane, around(panes))), axis=0)
    return Transform(
        panes=panes,
        periods=rhythm.periods(change, panes, day),
        scale=tuple(scale.tolist()),
        centre=tuple(np.nanmedian(sane, axis=0).tolist()),
        far=tuple(np.maximum(FAR * apart / scale, LEAST_FAR).tolist()),
        never_negative=tuple((np.nanmin(sane, axis=0) >= 0).tolist()),
        delta=delta,
    )


def around(panes: int) -> int:
    """Steps beside which a value is judged: twice what a single odd pane can touch."""
    return 2 * max(panes, 6) + 1


def _sane(values: np.ndarray, panes: int) -> np.ndarray:
    """Training without what is 100,000 times the usual change, the thousandth largest left out."""
    sizes = np.abs(np.diff(values, axis=0))
    ordered = np.sort(sizes, axis=0)[::-1]  # NaN comes first
    rank = np.isnan(sizes).sum(axis=0) + 4 + len(sizes) // RARE
    there = rank < len(sizes)
    limit = np.where(there, ordered[np.minimum(rank, len(sizes) - 1), range(sizes.shape[1])], 0.0)
    usual = _mean(np.where(sizes <= limit, sizes, np.nan))
    apart = np.abs(values - rolling.median(values, around(panes)))
    return np.where((usual > 0) & (apart > ABSURD * usual), np.nan, values)


def _mean(sizes: np.ndarray) -> np.ndarray:
    """Mean of what is known of each feature, 0 where nothing is."""
    known = np.isfinite(sizes)
    total = np.where(known, sizes, 0.0).sum(axis=0)
    return np.asarray(total / np.maximum(known.sum(axis=0), 1))


def read(state: Mapping[str, Any]) -> Transform:
    """The transform of a saved state; KeyError, TypeError or ValueError for another thing."""
    numbers = {name: tuple(float(x) for x in state[name]) for name in ("scale", "centre", "far")}
    periods = tuple(int(x) for x in state["periods"])
    signs = tuple(bool(x) for x in state["never_negative"])
    panes = int(state["panes"])
    sizes = {len(signs), *map(len, numbers.values())}
    sane = len(sizes) == 1 and min(numbers["scale"], default=0.0) > 0 and panes >= 1
    finite = all(math.isfinite(x) for row in numbers.values() for x in row)
    if not (sane and finite and all(1 < period <= rhythm.REACH for period in periods)):
        raise ValueError("the transform holds impossible numbers")
    return Transform(panes, periods, **numbers, never_negative=signs, delta=bool(state["delta"]))


def filled(values: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Every gap holds the last value before it, and `start` before the first one."""
    steps = np.arange(len(values))[:, None]
    last = np.maximum.accumulate(np.where(np.isfinite(values), steps, -1), axis=0)
    carried = np.take_along_axis(values, np.maximum(last, 0), axis=0)
    return np.where(last >= 0, carried, start)


def leaky(change: np.ndarray, lag: int, keep: float) -> np.ndarray:
    """e(t) = change(t) + keep * e(t - lag): what arrived, told from what left a window later.

    A sum over a window of `lag` slides changes by the arriving pane less the departing one, which
    arrived `lag` slides before; with keep < 1 the recursion forgets where it began.

    >>> leaky(np.array([[4.0], [0.0], [0.0]]), lag=1, keep=0.5).ravel().tolist()
    [4.0, 2.0, 1.0]
    """
    steps, features = change.shape
    rows = -(-steps // lag)
    blocks = np.zeros((rows, lag * features))
    blocks.reshape(-1)[: steps * features] = change.reshape(-1)
    for row in range(1, rows):
        blocks[row] += keep * blocks[row - 1]
    return blocks.reshape(-1)[: steps * features].reshape(steps, features)
