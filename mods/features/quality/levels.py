"""Level shifts: five days that lie wholly above or below the week before them.

Compared are medians of days, which bursts and short outages do not move. A shift is told where each
of five days lies above (or below) each of the seven before, both medians differ by at least a
quarter, and by at least four times what days of one side differ from each other.

False alarms: if days came in any order, five would lie wholly above or below the seven before at
one boundary in 396 (2 of C(12, 5) orders), and the other two conditions stop most of these: with
the days of four real months in random order there is one alarm in 20 column-years, with days that
vary by a fifth around one level one in 6. Real days are like their neighbours, so a level that
wanders for weeks is told, too; that is meant.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from mods.features.quality.finding import WARNING, Finding, named, number
from mods.features.quality.material import Material

BEFORE, AFTER = 7, 5
FEWEST = 6
ENOUGH = 0.5
LEAST = float(np.log(1.25))
CLEAR = 4.0
NORMAL = 1.4826


def shifts(material: Material) -> list[Finding]:
    """The level shifts of every column; a span of less than twelve days has none."""
    found = []
    for group, column in material.columns:
        days = medians(material.read[group, column])
        level = levels(days.to_numpy())
        for day in turns(level):
            before, after = _sides(days.to_numpy(), day)
            usual, new = np.nanmedian(before), np.nanmedian(after)
            found.append(
                Finding(
                    "level shift",
                    WARNING,
                    named([(group, column)]),
                    f"from {number(usual)} to {number(new)} "
                    f"(medians of the {BEFORE} days before and of the {AFTER} days from then on)",
                    "Train on one side of it, or let the model see enough of the new level",
                    *material.starts[_reach(material, days.index[day])],
                )
            )
    return found


def medians(values: pd.Series) -> pd.Series:
    """The median of each UTC day; NaN where less than half of the day is known."""
    by_day = values.groupby(pd.DatetimeIndex(values.index).floor("D"))
    known = by_day.count()
    days = by_day.median().where(known >= ENOUGH * known.max())
    return days.asfreq("D")


def levels(days: np.ndarray) -> np.ndarray:
    """By how much, in logarithms, the level changes with each day; 0 where it does not clearly."""
    found = np.zeros(len(days))
    if len(days) < BEFORE + AFTER:
        return found
    logs = np.sign(days) * np.log1p(np.abs(days))
    spans = np.lib.stride_tricks.sliding_window_view(logs, BEFORE + AFTER)
    enough = np.isfinite(spans[:, :BEFORE]).sum(axis=1) >= FEWEST
    known = enough & np.isfinite(spans[:, BEFORE:]).all(axis=1)
    judged = spans[known]
    before, after = judged[:, :BEFORE], judged[:, BEFORE:]
    usual, new = np.nanmedian(before, axis=1), np.nanmedian(after, axis=1)
    above = np.nanmin(after, axis=1) > np.nanmax(before, axis=1)
    below = np.nanmax(after, axis=1) < np.nanmin(before, axis=1)
    rest = np.concatenate([before - usual[:, None], after - new[:, None]], axis=1)
    spread = NORMAL * np.nanmedian(np.abs(rest), axis=1)
    clear = (above | below) & (np.abs(new - usual) >= np.maximum(LEAST, CLEAR * spread))
    found[np.flatnonzero(known) + BEFORE] = np.where(clear, new - usual, 0.0)
    return found


def turns(level: np.ndarray) -> list[int]:
    """Of the days that tell of the same shift, the one with the clearest."""
    days = np.flatnonzero(level)
    size = np.abs(level)
    return [
        int(day)
        for day in days
        if size[day] == size[max(0, day - BEFORE + 1) : day + BEFORE].max()
        and not (size[max(0, day - BEFORE + 1) : day] == size[day]).any()
    ]


def _sides(days: np.ndarray, day: int) -> tuple[np.ndarray, np.ndarray]:
    return days[day - BEFORE : day], days[day : day + AFTER]


def _reach(material: Material, day: pd.Timestamp) -> list[int]:
    """The first and the last window of the days after the shift."""
    starts = material.starts
    inside = (starts >= day) & (starts < day + pd.Timedelta(days=AFTER))
    return list(np.flatnonzero(inside)[[0, -1]])
