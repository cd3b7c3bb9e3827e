"""Leaving: what goes out of a window with its oldest panes, known before it happens.

A window is the union of its W panes. Of what it counts now, so much is gone k slides later: for
counts and sums what its first k panes hold, for distinct counts the values that were last seen in
one of them. Nothing in it is later than the window.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import pandas as pd
from ibis.expr import types as ir

from mods.features import blocks, windows
from mods.features.catalog import Feature
from mods.features.engines import tables as engine_tables
from mods.features.panes import Panes
from mods.features.partials import DISTINCT, named
from mods.features.windows import Span

ADDED_UP = ("count", "sum", "true", "false")
KEYS = ("entity", "direction", "pane")
Asked = Mapping[str, tuple[Feature, str]]


@dataclass(frozen=True, eq=False)
class Left:
    """What leaves within 1..k slides, (windows, k), and all that each window counts."""

    within: np.ndarray
    whole: np.ndarray


Found = dict[str, dict[str, Left]]


def known(feature: Feature) -> bool:
    """Whether what leaves can be told: of counts, sums and distinct counts, not of averages."""
    return feature.over is None and feature.aggregate in (*ADDED_UP, DISTINCT)


def of(panes: Panes, span: Span, asked: Asked, ahead: int, *, entities: bool = False) -> Found:
    """Per entity ('' is the whole) and name what leaves the windows of the span within 1..ahead.

    asked:  by name, features that are `known` and their direction
    """
    sums = windows.merged(panes, panes.sums(), entities=entities)
    added = {name: one for name, one in asked.items() if one[0].aggregate != DISTINCT}
    found = _added(_held(panes.con, sums, added), span, added, panes.window.panes, ahead)
    for name, (feature, way) in asked.items():
        if name not in added:
            values = panes.sets[named(feature, DISTINCT)]
            seen = windows.merged(panes, values, entities=entities)
            gaps = _gaps(panes.con, seen.filter(seen.direction == way), panes.window.panes)
            for entity, rows in gaps.groupby("entity"):
                staying = _staying(rows, span, panes.window.panes)
                found.setdefault(str(entity), {})[name] = _left(staying, ahead)
    return found


def _held(con: Any, sums: ir.Table, asked: Asked) -> pd.DataFrame:
    """What each pane holds: one column per partial aggregate."""
    names = dict.fromkeys(named(one, one.aggregate) for one, _ in asked.values())
    cells = {name: sums[name].sum().cast("float64") for name in names}
    there = sums.filter(sums.pane.notnull())
    return _frame(con, there.group_by(*KEYS).agg(**cells))


def _added(held: pd.DataFrame, span: Span, asked: Asked, panes: int, ahead: int) -> Found:
    """What leaves of counts and sums: whole panes."""
    found: Found = {}
    for (entity, direction), rows in held.groupby(["entity", "direction"]):
        at, inside = _place(rows, span, panes)
        for name, (feature, way) in asked.items():
            if way == direction:
                cells = rows[named(feature, feature.aggregate)].to_numpy(float) / feature.divisor
                line = np.zeros(len(span) + panes - 1)
                line[at] = cells[inside]
                same = np.broadcast_to(line[:, None], (len(line), panes + 1))
                found.setdefault(str(entity), {})[name] = _left(same, ahead)
    return found


def _gaps(con: Any, seen: ir.Table, panes: int) -> pd.DataFrame:
    """How many values of a pane come again after how many panes (W: so many, more, or never)."""
    once = blocks.apart(seen).select(*KEYS, "value").distinct()
    order = ibis.window(group_by=["entity", "direction", "value"], order_by="pane")
    again = once.mutate(after=(once.pane.lead().over(order) - once.pane).coalesce(panes))
    gaps = again.mutate(gap=ibis.least(again.after, panes))
    counted = gaps.group_by("entity", "pane", "gap").agg(n=gaps.count())
    return _frame(con, counted)


def _frame(con: Any, table: ir.Table) -> pd.DataFrame:
    return pd.DataFrame(engine_tables.fetch(con, table), columns=list(table.columns))


def _staying(gaps: pd.DataFrame, span: Span, panes: int) -> np.ndarray:
    """(panes, W + 1): how many values of a pane come again after so many panes or more."""
    at, inside = _place(gaps, span, panes)
    counts = np.zeros((len(span) + panes - 1, panes + 1))
    chosen = gaps[inside]
    counts[at, chosen["gap"].to_numpy(int)] = chosen["n"].to_numpy(float)
    return np.asarray(counts[:, ::-1].cumsum(axis=1)[:, ::-1])


def _place(rows: pd.DataFrame, span: Span, panes: int) -> tuple[np.ndarray, np.ndarray]:
    """Where in the span's panes the rows are, and which of them are in it."""
    at = rows["pane"].to_numpy(int) - span.first
    inside = (at >= 0) & (at < len(span) + panes - 1)
    return at[inside], inside


def _left(staying: np.ndarray, ahead: int) -> Left:
    """Sum up, oldest pane first, what of each pane is in no later pane of the window.

    staying:  (panes, W + 1), what of a pane is not in the next panes before the column's number
    """
    panes = staying.shape[1] - 1
    count = len(staying) - panes + 1
    within, whole = np.zeros((count, min(ahead, panes))), np.zeros(count)
    for number in range(panes):
        whole = whole + staying[number : number + count, panes - number]
        if number < within.shape[1]:
            within[:, number] = whole
    return Left(within, whole)
