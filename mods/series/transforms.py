"""Transforms between the features' units and the network's: only `fit` learns."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mods.series import rhythm

TINY = 1e-9


@dataclass(frozen=True)
class Transform:
    """What training taught about each feature; plain numbers, so that it travels as JSON.

    panes: slides of a window; periods: the rhythm in steps; scale: mean |difference|;
    centre: median; cap: four robust deviations of a pane; never_negative: may clip at 0;
    delta: forecasts are changes against the last value, not distances to the centre.
    """

    panes: int
    periods: tuple[int, ...]
    scale: tuple[float, ...]
    centre: tuple[float, ...]
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

    def apply(self, values: np.ndarray) -> np.ndarray:
        """Values of shape (..., features) in units of the scale."""
        return np.asarray(values / np.asarray(self.scale))


def fit(values: np.ndarray, *, panes: int = 1, day: int = 0, delta: bool = True) -> Transform:
    """Learn from values (steps, features) of training alone; NaN is unknown, but not all of them.

    day: steps of a day, 0 where it is no whole number of them.
    """
    change = np.diff(values, axis=0)
    moved = np.isfinite(change)
    total = np.where(moved, np.abs(change), 0.0).sum(axis=0) / np.maximum(moved.sum(axis=0), 1)
    size = np.nanmax(np.abs(values), axis=0)
    scale = np.where(total > TINY * size, total, np.where(size > 0, size, 1.0))
    return Transform(
        panes=panes,
        periods=rhythm.periods(change, panes, day),
        scale=tuple(scale.tolist()),
        centre=tuple(np.nanmedian(values, axis=0).tolist()),
        never_negative=tuple((np.nanmin(values, axis=0) >= 0).tolist()),
        delta=delta,
    )


def read(state: Mapping[str, Any]) -> Transform:
    """The transform of a saved state; KeyError, TypeError or ValueError for another thing."""
    numbers = {name: tuple(float(x) for x in state[name]) for name in ("scale", "centre")}
    periods = tuple(int(x) for x in state["periods"])
    signs = tuple(bool(x) for x in state["never_negative"])
    panes = int(state["panes"])
    sizes = {len(numbers["scale"]), len(numbers["centre"]), len(signs)}
    sane = len(sizes) == 1 and min(numbers["scale"], default=0.0) > 0 and panes >= 1
    finite = all(math.isfinite(x) for row in numbers.values() for x in row)
    if not (sane and finite and all(1 < period <= rhythm.REACH for period in periods)):
        raise ValueError("the transform holds impossible numbers")
    return Transform(
        panes, periods, numbers["scale"], numbers["centre"], signs, bool(state["delta"])
    )


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
