"""Anomalies of known kind, size and time, put into a series as traffic would have brought them.

What is added or lost is told pane by pane and then windowed: of windows six slides long, the first
after a burst holds a part of it, and the last one ends six slides after the burst. What leaves the
windows (`NAME leaving K`) changes alike. Sizes are magnitudes: times the feature's median window.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mods.series import leaving

BURST, RAMP, RISE = "scan burst", "ramp", "slow rise"
OUTAGE, SHIFT, FLAT = "outage", "level shift", "flat line"
HOURS = {BURST: (0, 1), RAMP: (2, 8), RISE: (12, 36), OUTAGE: (0.5, 3), SHIFT: (48, 96)}
KINDS = (*HOURS, FLAT)
FLAT_HOURS = 12.0
LONGEST_SHARE = 4
APART = pd.Timedelta("1D")
BEGIN = pd.Timedelta("3h")


@dataclass(frozen=True)
class Anomaly:
    """One injected anomaly.

    features: one, or for an outage all; start, end: positions of the first and the last window
    that it changes; length: panes that it lasts; up: for a level shift, whether it rises
    """

    kind: str
    features: tuple[str, ...]
    start: int
    end: int
    length: int
    magnitude: float
    up: bool


@dataclass(frozen=True)
class Ground:
    """What anomalies are put into: their range of positions, and what is usual there."""

    first: int
    last: int
    step: pd.Timedelta
    panes: int
    usual: dict[str, float]
    known: np.ndarray

    def steps(self, hours: float) -> int:
        """Hours in steps, one at least and a quarter of the range at most."""
        most = max(1, (self.last - self.first) // LONGEST_SHARE)
        return min(max(1, round(pd.Timedelta(hours=hours) / self.step)), most)


def ground(series: pd.DataFrame, features: Sequence[str], step: pd.Timedelta, panes: int) -> Ground:
    """The whole series as ground: `usual` is the median window, the mean where that is 0.

    A feature that is 0 throughout has nothing usual and gets no anomaly of its own.
    """
    values = series.loc[:, list(features)]
    usual = {}
    for name in features:
        size = values[name].abs()
        typical = float(size.median() if size.median() > 0 else size.mean())
        if np.isfinite(typical) and typical > 0:
            usual[name] = typical
    known = values.notna().all(axis=1).to_numpy()
    return Ground(0, len(series), step, panes, usual, known)


def plan(here: Ground, magnitude: float, rng: np.random.Generator) -> list[Anomaly]:
    """Anomalies one after the other, a day and more apart, until the range is full.

    Kinds come in turn, each time in another order, and so do the features of each kind. With the
    same generator they lie at the same places whatever the magnitude.
    """
    found: list[Anomaly] = []
    if not here.usual:
        return found
    decks = {kind: _deck(tuple(here.usual), rng) for kind in KINDS}
    apart = round(APART / here.step)
    at = here.first + here.steps(BEGIN / pd.Timedelta("1h")) + int(rng.integers(apart // 4 + 1))
    for kind in _deck(KINDS, rng):
        length, longest = _length(kind, here, magnitude, rng)
        up, gap = bool(rng.random() < 0.5), int(rng.integers(apart + 1))
        names = tuple(here.usual) if kind == OUTAGE else (next(decks[kind]),)
        at = _known_from(here, at, longest + here.panes)
        end = at + length + here.panes - 2
        if at + longest + here.panes - 2 >= here.last:
            return found
        found.append(Anomaly(kind, names, at, end, length, magnitude, up))
        at += longest + here.panes + apart + gap
    return found


def _deck(cards: Sequence[str], rng: np.random.Generator) -> Iterator[str]:
    """All cards in random order, again and again."""
    while True:
        yield from (cards[int(at)] for at in rng.permutation(len(cards)))


def _length(kind: str, here: Ground, magnitude: float, rng: np.random.Generator) -> tuple[int, int]:
    """Panes that an anomaly lasts, and the most at any magnitude, for which there has to be room.

    A flat line has no height: its magnitude is how long it lasts, in half days.
    """
    drawn = float(rng.random())
    if kind == FLAT:
        return here.steps(magnitude * FLAT_HOURS), here.steps(2 * FLAT_HOURS)
    low, high = (here.steps(hours) for hours in HOURS[kind])
    length = low + int(drawn * (high - low + 1))
    return length, length


def _known_from(here: Ground, at: int, length: int) -> int:
    """The first position from `at` on behind which all values are known for so long, or the end."""
    unknown = np.flatnonzero(~here.known[at : here.last])
    while len(unknown) and unknown[0] < length:
        at += int(unknown[0]) + 1
        unknown = np.flatnonzero(~here.known[at : here.last])
    return at


def inject(series: pd.DataFrame, anomalies: Sequence[Anomaly], here: Ground) -> pd.DataFrame:
    """The series with the anomalies in it; counts stay whole, and nothing falls below 0."""
    changed = series.copy()
    for one in anomalies:
        cover = _profile(one, here.panes)
        last = min(one.start + len(cover) + here.panes - 1, len(series))
        for name in one.features:
            times, more = _change(one, here.usual[name], series[name].to_numpy(float))
            for column, panes in _columns(changed, name, here.panes):
                part = np.convolve(cover, _oldest(panes, here.panes))[: last - one.start]
                values = changed[column].to_numpy(float, copy=True)
                kept = values[one.start : last] * (1 + times * part)
                values[one.start : last] = kept + more * part * panes / here.panes
                changed[column] = _natural(values, series[column].to_numpy(float))
    return changed


def _profile(one: Anomaly, panes: int) -> np.ndarray:
    """How much of the anomaly each of its panes brings; 1 throughout makes a whole window of it."""
    if one.kind == BURST:
        return np.full(one.length, max(1.0, panes / one.length))
    if one.kind in (RAMP, RISE):
        return np.arange(1, one.length + 1) / one.length
    return np.ones(one.length)


def _change(one: Anomaly, usual: float, values: np.ndarray) -> tuple[float, float]:
    """What a window's value is multiplied by, less 1, and what is added where all panes changed."""
    if one.kind == OUTAGE:
        return -min(one.magnitude, 1.0), 0.0
    if one.kind == SHIFT:
        return (one.magnitude if one.up else 1 / (1 + one.magnitude) - 1), 0.0
    if one.kind == FLAT:
        before = float(values[max(one.start - 1, 0)])
        return -1.0, before if np.isfinite(before) else float(values[one.start])
    return 0.0, one.magnitude * usual


def _columns(series: pd.DataFrame, name: str, panes: int) -> Iterator[tuple[str, int]]:
    """The column of a feature and those of what leaves it, with the panes that each one counts."""
    yield name, panes
    for column in leaving.columns(series, (name,)):
        yield column, min(int(column.rsplit(" ", 1)[1]), panes)


def _oldest(count: int, panes: int) -> np.ndarray:
    """Weights by age, youngest first, of a mean over the oldest `count` of a window's panes."""
    weights = np.zeros(panes)
    weights[panes - count :] = 1 / count
    return weights


def _natural(values: np.ndarray, clean: np.ndarray) -> np.ndarray:
    """Whole where the clean values are whole, and not below 0 where those are not."""
    known = clean[np.isfinite(clean)]
    if len(known) and (known == np.round(known)).all():
        values = np.round(values)
    return np.maximum(values, 0.0) if len(known) and known.min() >= 0 else values
