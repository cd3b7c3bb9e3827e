"""Which simple shape a departure has: a block that comes and goes, or a slope that rises and drops.

Both are fitted by least squares beside a constant, over all begins and ends at once: sums over a
stretch are differences of cumulative sums. What each explains is compared with what blocks as long
explain where nothing happened (a series wanders, so that long ones explain more). That tells where
the departure is; around there block and slope are then fitted again, as they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BLOCK, SLOPE = "block", "slope"
AROUND = 4


@dataclass(frozen=True)
class Shape:
    """What fits best: its form, its first and last position (both in)."""

    form: str
    begin: int
    end: int

    @property
    def length(self) -> int:
        """Steps from begin to end, both in."""
        return self.end - self.begin + 1


def fit(
    departure: np.ndarray, sign: int, begun: int, seen: int, calm: np.ndarray | None = None
) -> Shape:
    """The block or slope that explains a departure best; NaN says nothing.

    It goes the way of `sign` (1 or -1), begins at `seen` or before, and ends at `begun` or after.

    calm:  how the series departs where nothing happened

    >>> quiet, risen = [0.0] * 8, [5.0] * 6
    >>> fit(np.array(quiet + risen + quiet), 1, begun=8, seen=9)
    Shape(form='block', begin=8, end=13)
    >>> fit(np.array(quiet + [1.0, 2, 3, 4, 5, 6] + quiet), 1, begun=9, seen=12)
    Shape(form='slope', begin=8, end=13)
    """
    usual = None if calm is None else wandering(calm, len(departure))
    rough = _best(departure * sign, begun, seen, usual)
    first = max(0, rough.begin - AROUND * rough.length)
    near = departure[first : rough.end + rough.length + 1] * sign
    fine = _best(near, begun - first, seen - first)
    return Shape(fine.form, first + fine.begin, first + fine.end)


def _best(departure: np.ndarray, begun: int, seen: int, usual: np.ndarray | None = None) -> Shape:
    """The block or slope upward that explains most, or most beside what is usual at its length."""
    values, found = _centred(departure), []
    for form in (BLOCK, SLOPE):
        explained = _explained(values, form)
        if usual is not None:
            explained = explained / usual[_lengths(len(values)) - 1]
        explained[:, : max(begun, 0)] = -1.0
        explained[max(seen, 0) + 1 :] = -1.0
        begin, end = np.unravel_index(int(explained.argmax()), explained.shape)
        found.append((float(explained[begin, end]), Shape(form, int(begin), int(end))))
    return max(found, key=lambda one: one[0])[1]


def wandering(calm: np.ndarray, longest: int) -> np.ndarray:
    """What a block of 1..longest steps explains on average where nothing happened; above 0."""
    values = _centred(calm)
    sums = np.concatenate([[0.0], values.cumsum()])
    lengths = np.unique(np.geomspace(1, max(1, len(values) // 4), 24).astype(int))
    found = [float(np.mean((sums[n:] - sums[:-n]) ** 2)) / n for n in lengths]
    least = max(found[0] * 1e-3, 1e-12)
    usual: np.ndarray = np.interp(np.arange(1, longest + 1), lengths, np.maximum(found, least))
    return usual


def _centred(values: np.ndarray) -> np.ndarray:
    known = np.isfinite(values)
    mean = values[known].mean() if known.any() else 0.0
    centred: np.ndarray = np.where(known, values - mean, 0.0)
    return centred


def _lengths(count: int) -> np.ndarray:
    """Steps from each first to each last position, both in; else 1."""
    place = np.arange(count)
    lengths: np.ndarray = np.maximum(place[None, :] - place[:, None] + 1, 1)
    return lengths


def _explained(values: np.ndarray, form: str) -> np.ndarray:
    """Per first and last position: the sum of squares that a shape there explains, -1 for none.

    values:  without their mean, so that a shape is fitted beside a constant. A slope is 1, 2,
        3, ...
    """
    count = len(values)
    place = np.arange(count)
    length = _lengths(count).astype(float)
    sums = np.concatenate([[0.0], values.cumsum()])
    product = sums[None, 1:] - sums[:-1, None]
    total = squares = length
    if form == SLOPE:
        moments = np.concatenate([[0.0], (values * (place + 1)).cumsum()])
        product = moments[None, 1:] - moments[:-1, None] - place[:, None] * product
        total = length * (length + 1) / 2
        squares = total * (2 * length + 1) / 3
    spread = squares - total**2 / count
    fits = (place[None, :] >= place[:, None]) & (spread > 1e-9) & (product > 0)
    return np.where(fits, product**2 / np.where(fits, spread, 1.0), -1.0)
