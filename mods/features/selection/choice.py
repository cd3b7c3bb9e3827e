"""Choosing among features that say the same: one is kept, the others are named after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from mods.features.selection import dependence
from mods.features.selection.dependence import Relation

ALIKE = 0.95
EQUAL = 0.1
MOSTLY = 0.5


def relations(
    series: pd.DataFrame, table: pd.DataFrame, scores: Mapping[str, tuple[int, float]]
) -> dict[str, Relation]:
    """What each feature that can go follows from, among those that stay.

    table:  the correlations of all columns
    scores:  of each column its class and its score, smaller is better; in the columns' order, in
        which the plain ones (a count) stand before the special ones (a count of some)
    """
    groups = {name: group for group in dependence.groups(table, ALIKE) for name in group}
    found: dict[str, Relation] = {}
    kept: list[str] = []
    places = list(scores)
    for name in sorted(places, key=lambda one: (scores[one][0], scores[one][1])):
        if name in kept:
            continue
        relation = _relation(series, table, name, kept)
        if relation is None:
            equals = [
                one
                for one in groups.get(name, [name])
                if _as_good(scores[one], scores[name])
                and one not in found
                and _relation(series, table, one, kept) is None
            ]
            plainest = min(equals, key=places.index)
            kept.append(plainest)
            if plainest != name:
                relation = dependence.alike(table, name, [plainest])
        if relation is not None:
            found[name] = relation
    return found


def _as_good(one: tuple[int, float], best: tuple[int, float]) -> bool:
    return one[0] == best[0] and one[1] <= best[1] + EQUAL


def _relation(
    series: pd.DataFrame, table: pd.DataFrame, name: str, kept: Sequence[str]
) -> Relation | None:
    """What a feature follows from among those kept; None where it says something of its own."""
    like = dependence.alike(table, name, kept)
    if like is not None and like.correlation is not None and abs(like.correlation) >= ALIKE:
        return like
    known = mostly_known(series[list(kept)])
    return dependence.follows(series, name, [str(one) for one in known.columns])


def inflation(series: pd.DataFrame, dropped: Mapping[str, Relation]) -> dict[str, float]:
    """VIF beside the features that stay: of each of them, and of each that goes."""
    kept = series[[name for name in series.columns if name not in dropped]]
    steady = [str(name) for name in mostly_known(kept).columns]
    factors = dependence.inflation(series[steady]) if steady else {}
    for name in dropped:
        beside = dependence.inflation(series[[*steady, name]])
        if name in beside:
            factors[name] = beside[name]
    return factors


def mostly_known(series: pd.DataFrame) -> pd.DataFrame:
    """The columns known at half the steps or more: others would leave no steps that know all."""
    return series.loc[:, series.notna().mean() >= MOSTLY]
