"""Values that cannot be, or hardly can: negative, stuck, out of all measure, or contradicting."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from mods.features.quality.finding import ERROR, NOTE, WARNING, Finding, named, number, runs
from mods.features.quality.material import Material, additive

FAR = 1e5
EXACT = 2.0**53
Step = tuple[int, tuple[str, str]]
RARELY_SAME = 0.2
BY_CHANCE = 1e-3
SELDOM = 0.01


def negative(material: Material) -> list[Finding]:
    """Values below zero; in a series only where a column is hardly ever negative."""
    found = []
    for group, column in material.columns:
        values = material.values[group, column].to_numpy()
        below = values < 0
        usual = not material.sparse and below.sum() > SELDOM * (~np.isnan(values)).sum()
        if below.any() and not usual:
            first, last = np.flatnonzero(below)[[0, -1]]
            found.append(
                Finding(
                    "negative",
                    ERROR if material.sparse else WARNING,
                    named([(group, column)]),
                    f"{below.sum()} values below zero, the lowest {number(np.nanmin(values))}",
                    "No count, sum or mean of Zeek's is negative: find out who wrote them",
                    *material.starts[[first, last]],
                )
            )
    return found


def constant(material: Material) -> list[Finding]:
    """Columns that never hold a value, and those that always hold the same."""
    found = []
    for group in material.groups:
        mine = [name for name in material.columns if name[0] == group]
        empty = [name for name in mine if not material.values[name].notna().any()]
        same: dict[float, list[tuple[str, str]]] = {}
        for name in mine:
            values = material.read[name]
            if name not in empty and len(values) > 1 and values.min() == values.max():
                same.setdefault(float(values.min()), []).append(name)
        if empty:
            what = f"{len(empty)} of {len(mine)} columns never hold a value"
            found.append(_idle(named(empty), what))
        found += [_idle(named(same[value]), f"always {number(value)}") for value in sorted(same)]
    return found


def _idle(where: str, what: str) -> Finding:
    return Finding(
        "constant", NOTE, where, what, "A model learns nothing from it: do not select it"
    )


def stuck(material: Material) -> list[Finding]:
    """Runs of one value, longer than chance gives, in columns that change at nearly every step."""
    found = []
    for group, column in material.columns:
        values = material.values[group, column].to_numpy()
        known = ~np.isnan(values[1:]) & ~np.isnan(values[:-1])
        same = known & (values[1:] == values[:-1])
        share = same.sum() / max(1, known.sum())
        if not 0 < share < RARELY_SAME:
            continue
        for first, last in runs(same & (values[1:] != 0)):
            length = last - first + 1
            if length >= material.panes and known.sum() * share**length < BY_CHANCE:
                found.append(
                    Finding(
                        "stuck",
                        WARNING,
                        named([(group, column)]),
                        f"{number(values[first])} in {material.length(first, last + 1)} in a row, "
                        f"while elsewhere {1 - share:.0%} of the steps change",
                        "See whether the sensor or the copying of its logs stood still",
                        *material.starts[[first, last + 1]],
                    )
                )
    return found


def far(material: Material) -> list[Finding]:
    """Values out of all measure: 100,000 times the usual one, or too big to be held exactly."""
    found = []
    for group, column in material.columns:
        values = np.abs(material.values[group, column].to_numpy())
        usual = float(np.median(values[values > 0])) if (values > 0).any() else 0.0
        beyond = (values > FAR * usual) | (values > EXACT)
        if beyond.any():
            first, last = np.flatnonzero(beyond)[[0, -1]]
            found.append(
                Finding(
                    "implausible",
                    WARNING,
                    named([(group, column)]),
                    f"{beyond.sum()} values up to {number(np.nanmax(values))}, "
                    f"where {number(usual)} is usual",
                    "Look at the records of that time; leave it out of training if they are wrong",
                    *material.starts[[first, last]],
                )
            )
    return found


def impossible(material: Material) -> list[Finding]:
    """Neighbouring windows that no records can give: a part of one of them is wrong.

    A count, sum or distinct count can fall from one window to the next by no more than the pane
    that departs holds, and that is no more than any of the windows with this pane in them; it can
    rise by no more than any of the windows with the pane that arrives. Where windows were computed
    from the same records this is never broken, whatever the traffic does.
    """
    steps = []
    for name in material.columns:
        if material.panes > 1 and additive(name[1]):
            values = material.read[name].to_numpy()
            steps += [(int(step), name) for step in np.flatnonzero(breaks(values, material.panes))]
    return [_contradiction(material, close) for close in _close(sorted(steps), material.panes)]


def _close(steps: list[Step], panes: int) -> Iterator[list[Step]]:
    """The steps in stretches: one wrong window contradicts others of its length around it."""
    stretch: list[Step] = []
    for step in steps:
        if stretch and step[0] - stretch[-1][0] > panes:
            yield stretch
            stretch = []
        stretch.append(step)
    if stretch:
        yield stretch


def _contradiction(material: Material, steps: list[Step]) -> Finding:
    first, last = steps[0][0], steps[-1][0] + 1
    before, after = material.read[steps[0][1]].iloc[first : first + 2]
    more = f" ({len(steps)} such steps)" if len(steps) > 1 else ""
    return Finding(
        "impossible",
        ERROR,
        named(dict.fromkeys(name for _, name in steps)),
        f"from {number(before)} to {number(after)} in one step, which no records give{more}",
        "The windows on both sides are not of the same records: prepare that day anew",
        *material.starts[[first, last]],
    )


def breaks(values: np.ndarray, panes: int) -> np.ndarray:
    """After which windows the next one cannot follow: shape (n - 1,), NaN contradicts nothing."""
    known = pd.Series(values).fillna(np.inf)
    departing = known.rolling(panes, min_periods=1).min().to_numpy()[:-1]
    arriving = known[::-1].rolling(panes, min_periods=1).min().to_numpy()[::-1][1:]
    change = np.diff(values)
    # sums of real numbers are exact to rounding only
    slack = 1e-9 * np.fmax(np.abs(values[1:]), np.abs(values[:-1]))
    with np.errstate(invalid="ignore"):
        return np.asarray((change > arriving + slack) | (-change > departing + slack))
