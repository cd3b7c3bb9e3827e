"""What kind of event it is, in words, read from the shape of what was seen against what is usual.

Usual is the median of the time of day over the week before, not the forecast: forecasts made while
an event goes on have seen it, and follow a shift of the level within hours.

    outage       too little in all features together, by 40 % or more; or one feature all but gone
    flat line    one value again and again where there was movement
    level shift  a block of more than 12 hours, up or down
    burst, dip   a block of at most 12 hours (or a slope of at most 2), up or down
    ramp         a slope of at most 10 hours, that drops back at its end or goes on
    slow rise, slow fall   a longer slope
    missing      no data
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import pandas as pd

from mods.anomaly import shapes
from mods.anomaly.events import MISSING, OUTAGE, TOO_LITTLE, Event

BURST, DIP, RAMP, SHIFT = "burst", "dip", "ramp", "level shift"
RISE, FALL, FLAT = "slow rise", "slow fall", "flat line"
KINDS = (BURST, DIP, RAMP, RISE, FALL, SHIFT, OUTAGE, FLAT, MISSING)

DAY = pd.Timedelta("1D")
BEFORE, AFTER = pd.Timedelta("36h"), pd.Timedelta("24h")
APART = pd.Timedelta("12h")
SHORT_BLOCK, SHORT_SLOPE = pd.Timedelta("12h"), pd.Timedelta("2h")
LONG_SLOPE = pd.Timedelta("10h")
DAYS = 7
MOST_POINTS = 500
LEFT_OF_ALL, LEFT_OF_ONE, CORE = 0.6, 0.1, 0.5
FLAT_LEAST, FLAT_CHANCE, FLAT_USUAL = 6, 1e-4, 0.02


def told(events: Sequence[Event], series: pd.DataFrame, step: pd.Timedelta) -> list[Event]:
    """The events with their kinds; what they are read from ends a day after each event.

    series:  what was seen, from a week before the events where there is so much
    step:  between two rows; rows are taken as they come, so that stamps may be irregular
    """
    place = pd.Series(np.arange(len(series)), series.index)
    place = place[~place.index.duplicated()]
    named, shares = [], bounded(series)
    for one in events:
        if one.direction == MISSING or one.start not in place.index:
            named.append(one)
            continue
        begin, end, peak = (int(place[time]) for time in (one.start, one.end, one.peak))
        named.append(of(one, shares, step, (begin, end, peak)))
    return named


def of(event: Event, series: pd.DataFrame, step: pd.Timedelta, at: tuple[int, int, int]) -> Event:
    """The event with its kind.

    series:  `bounded`; at: positions of the event's start, end and peak in it
    """
    return dataclasses.replace(event, kind=_kind(event, series, step, at))


def bounded(series: pd.DataFrame) -> pd.DataFrame:
    """The series with each column as a share of its largest value: squares then stay finite."""
    finite = series.astype(float).where(np.isfinite(series))
    largest = finite.abs().max()
    return finite / largest.where(largest > 0, 1.0)


def _kind(one: Event, series: pd.DataFrame, step: pd.Timedelta, at: tuple[int, int, int]) -> str:
    begin, end, peak = at
    day, known = round(DAY / step), begin - round(APART / step)
    first = max(0, begin - round(BEFORE / step))
    last = min(len(series), end + round(AFTER / step) + 1)
    table = series.to_numpy(float)
    usual = np.stack([usually(column, first, last, known, day) for column in table.T], axis=1)
    lead = list(series.columns).index(one.features[0])
    departure = table[first:last, lead] - usual[:, lead]
    inside = slice(begin - first, end + 1 - first)
    sign = -1 if one.direction == TOO_LITTLE else 1
    highest = np.nanmax(sign * departure[inside], initial=0.0)
    core = inside.start + np.flatnonzero(sign * departure[inside] >= CORE * highest)
    if sign < 0 and _out(table[first:last][core], usual[core], lead):
        return OUTAGE
    if _flat(table[:, lead], begin, end):
        return FLAT
    calm = _calm(table[:, lead], known, day)
    every = -(-len(departure) // MOST_POINTS)
    clipped = _thinned(np.clip(departure, -highest, highest), every)
    slow = None if calm is None else _thinned(calm, every)
    begun, seen = ((position - first) // every for position in (begin, peak))
    return _in_words(shapes.fit(clipped, sign, begun, seen, slow), sign, every * step)


def _thinned(values: np.ndarray, every: int) -> np.ndarray:
    """Means of so many values each, the last of what is left; NaN where none of them is known.

    A shape is fitted over all begins and ends at once: its cost grows with the square of these.
    """
    starts = np.arange(0, len(values), every)
    known = np.isfinite(values)
    total = np.add.reduceat(np.where(known, values, 0.0), starts)
    count = np.add.reduceat(known.astype(float), starts)
    mean: np.ndarray = np.divide(total, count, out=np.full(len(starts), np.nan), where=count > 0)
    return mean


def usually(values: np.ndarray, first: int, last: int, known: int, day: int) -> np.ndarray:
    """What is usual from position `first` to before `last`: the median of the time of day.

    Over the week before position `known`; with less than a day before it, or nothing known there,
    one median for all.
    """
    before = values[max(0, known - DAYS * day) : max(0, known)]
    if len(before) < day or day < 1 or not np.isfinite(before).any():
        seen = before[np.isfinite(before)]
        rest = values[np.isfinite(values)]
        return np.full(last - first, np.median(seen if len(seen) else rest))
    whole = len(before) // day
    slots = before[-whole * day :].reshape(whole, day)
    filled = np.where(np.isfinite(slots).any(axis=0), slots, np.nanmedian(before))
    by_slot = np.nanmedian(filled, axis=0)
    return by_slot[(np.arange(first, last) - known) % day]


def _calm(values: np.ndarray, known: int, day: int) -> np.ndarray | None:
    """How the week before departed from its own usual; None where less than two days are known."""
    begin = max(0, known - DAYS * day)
    if known - begin < 2 * day or day < 1 or not np.isfinite(values[begin:known]).any():
        return None
    calm: np.ndarray = values[begin:known] - usually(values, begin, known, known, day)
    return calm


def _out(seen: np.ndarray, usual: np.ndarray, lead: int) -> bool:
    """Whether all features together fell far below what is usual, or the leading one to nothing.

    To nothing: on average, or at half of the steps. A window of an hour takes an hour to fall, so
    that the mean over an outage of two is no tenth, though for an hour there is nothing at all.
    """
    expected = np.where(np.isfinite(seen), usual, 0.0).sum(axis=0)
    told = expected > 0
    left = np.nansum(seen, axis=0)[told] / expected[told]
    together = told.sum() > 1 and left.max() <= LEFT_OF_ALL
    if together or not told[lead]:
        return bool(together)
    known = usual[:, lead] > 0
    parts = seen[known, lead] / usual[known, lead]
    return bool(min(left[told[:lead].sum()], np.nanmedian(parts)) <= LEFT_OF_ONE)


def _flat(values: np.ndarray, begin: int, end: int) -> bool:
    """Whether one value came so often in a row that its usual movement makes that next to never."""
    before = values[:begin]
    if len(before) < 2 * FLAT_LEAST:
        return False
    usual = max(float((np.diff(before) == 0).mean()), FLAT_USUAL)
    around = values[max(0, begin - FLAT_LEAST) : end + 1]
    changes = np.flatnonzero(np.concatenate([[True], np.diff(around) != 0, [True]]))
    longest = int(np.diff(changes).max())
    covered = longest >= (end + 1 - begin) / 2
    return covered and longest >= FLAT_LEAST and usual ** (longest - 1) < FLAT_CHANCE


def _in_words(shape: shapes.Shape, sign: int, step: pd.Timedelta) -> str:
    length = shape.length * step
    short = BURST if sign > 0 else DIP
    if shape.form == shapes.BLOCK:
        return short if length <= SHORT_BLOCK else SHIFT
    if length <= SHORT_SLOPE:
        return short
    if length <= LONG_SLOPE:
        return RAMP
    return RISE if sign > 0 else FALL
