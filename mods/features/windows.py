"""Windows out of panes: one row per window, one cell per feature and direction.

Counts, sums and distinct counts slide by difference sums (sliding.py), extremes and quantiles are
merged from panes (merging.py); ratios are taken of what these give.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import ibis
from ibis.expr import types as ir

from mods.errors import InputError
from mods.features import blocks, merging, sliding
from mods.features.catalog import ALL, Feature, labels
from mods.features.engines import tables as engine_tables
from mods.features.panes import MICROSECONDS, Panes
from mods.features.partials import DISTINCT, EXTREMES, ROUNDED, Partial, named
from mods.features.table import Table
from mods.window import Window

KEYS = ("entity", "direction")
LEAST = -(2**63)
MOST = 1000  # pieces, which are seven years of slides of ten minutes


@dataclass(frozen=True)
class Span:
    """The windows wholly inside the time of all records: number of the first and of the last."""

    first: int
    last: int

    @classmethod
    def of(cls, window: Window, earliest: int, latest: int) -> Span:
        """From the outermost time stamps, in microseconds since the epoch.

        >>> Span.of(Window(3600, 600), 1, 7_200_000_000)
        Span(first=1, last=6)
        """
        size = window.slide * MICROSECONDS
        return cls(-(-earliest // size), latest // size - window.panes)

    def __len__(self) -> int:
        return max(0, self.last - self.first + 1)


def table(panes: Panes, span: Span) -> Table:
    """The windows in which the log has records: one column per feature and direction, empty where a
    direction has no records (or a mean no value).
    """
    found = _tables(panes, slide(panes, span))
    return found[""]


def tables(panes: Panes, span: Span) -> dict[str, Table]:
    """The same for each entity by itself, sorted by name; what belongs to none is left out."""
    found = _tables(panes, slide(panes, span, entities=True))
    return {name: one for name, one in found.items() if name}


def pieces(panes: Panes, span: Span) -> list[Span]:
    """The span in pieces, each short enough for its different values to be counted by bits.

    One piece where nothing is gained: without such counts, with windows as long as a piece, or
    where stray records make the span longer than any log.
    """
    size = sliding.reachable(panes.window.panes)
    distinct = any(one.kind == DISTINCT for one in panes.partials)
    if not distinct or size < panes.window.panes or len(span) > size * MOST:
        return [span]
    starts = range(span.first, span.last + 1, size)
    return [Span(first, min(first + size - 1, span.last)) for first in starts]


def _tables(panes: Panes, rows: ir.Table) -> dict[str, Table]:
    """The rows (entity, window, cells) of each entity, in the order of the windows."""
    schema = rows.schema()
    names = [name for name in schema if name not in ("entity", "window")]
    whole = {name: schema[name].is_integer() for name in names}
    asked = rows.select("entity", "window", *names).order_by("entity", "window")
    found: dict[str, list[tuple[Any, ...]]] = {"": []}
    for entity, window, *cells in engine_tables.fetch(panes.con, asked):
        if any(isinstance(cell, int) and not LEAST <= cell <= -LEAST - 1 for cell in cells):
            raise InputError(f"a sum does not fit into 64 bits ({max(filter(None, cells))})")
        found.setdefault(entity, []).append((int(window) * panes.window.slide, *cells))
    return {entity: Table(whole, cells) for entity, cells in found.items()}


def slide(panes: Panes, span: Span, *, entities: bool = False) -> ir.Table:
    """One row per entity and window of the span with records: entity, window (the number of its
    first pane), and the cells. Without `entities` all are one, named ''.
    """
    reach = span.first, span.last + panes.window.panes - 1
    sums = merged(panes, _between(panes.sums(), reach), entities=entities)
    sets = {
        name: merged(panes, _between(one, reach), entities=entities)
        for name, one in panes.sets.items()
    }
    bounds = (span.first, span.last)
    rows = sliding.windows(_events(panes, sums, sets, bounds), KEYS, "records", bounds)
    extremes = [one.name for one in panes.partials if one.kind in EXTREMES]
    if extremes:
        rows = merging.extremes(rows, sums, KEYS, extremes, panes.window.panes)
    for name, wanted in _quantiles(panes):
        seen, keys = sets[name], (*KEYS, "value")
        events = sliding.sums(seen, keys, panes.window.panes, {"n": seen.n}, {"n": "int64"})
        counts = sliding.windows(events, keys, "n", bounds)
        rows = merging.below(rows, merging.quantiles(counts, KEYS, wanted))
    return _cells(rows, panes)


def _between(rows: ir.Table, reach: tuple[int, int]) -> ir.Table:
    """What was seen in the panes from one number to another; of blocks those that they lie in."""
    if "panes" in rows.columns:
        return blocks.within(rows, *reach)
    return rows.filter(rows.pane.between(*reach))


def merged(panes: Panes, rows: ir.Table, *, entities: bool) -> ir.Table:
    """The panes of each entity or of all in one; of all directions in one too, where asked for."""
    rows = rows.filter(rows.entity != "") if entities else rows.mutate(entity=ibis.literal(""))
    if not panes.undirected:
        return rows
    return ibis.union(rows, rows.mutate(direction=ibis.literal(ALL)))


def _events(
    panes: Panes, sums: ir.Table, sets: Mapping[str, ir.Table], bounds: tuple[int, int]
) -> list[ir.Table]:
    """What changes from one window to the next."""
    added = [one for one in panes.partials if one.additive and one.kind not in EXTREMES]
    types = {one.name: _type(sums, one) for one in added}
    values = [one for one in panes.partials if one.kind == DISTINCT]
    types |= {_distinct(one): "int64" for one in values}
    reach = panes.window.panes
    events = sliding.sums(sums, KEYS, reach, {one.name: sums[one.name] for one in added}, types)
    for one in values:
        events += sliding.distinct(sets[one.name], KEYS, reach, _distinct(one), types, bounds)
    return events


def _type(sums: ir.Table, one: Partial) -> str:
    """Whole numbers count in 64 bits, sums of others in decimals: no sum depends on its order."""
    kind = sums[one.name].type()
    return str(kind) if one.kind == "sum" and kind.is_decimal() else "int64"


def _distinct(one: Partial) -> str:
    return f"distinct_{one.name}"


def _quantiles(panes: Panes) -> Iterator[tuple[str, dict[str, float]]]:
    """The tables of rounded values, each with the quantiles that are read off it."""
    asked = [one for one in panes.features if one.aggregate == "quantile"]
    for name in dict.fromkeys(named(one, ROUNDED) for one in asked):
        yield name, {_quantile(one): one.q or 0.0 for one in asked if named(one, ROUNDED) == name}


def _quantile(feature: Feature) -> str:
    return f"quantile_{feature.q}_{named(feature, ROUNDED)}"


def _cells(rows: ir.Table, panes: Panes) -> ir.Table:
    """One row per entity and window, with the columns in their order."""
    asked = {one.label(where): (one, where) for one in panes.features for where in one.directions}
    cells = {
        label: _cell(rows, asked[label][0]).max(where=rows.direction == asked[label][1])
        for label in labels(panes.features)
        if asked[label][0].over is None
    }
    found = rows.group_by("entity", "window").agg(**cells)
    ratios = {
        label: _ratio(found, one, where)
        for label, (one, where) in asked.items()
        if one.over is not None
    }
    if not ratios:
        return found
    return found.mutate(**ratios).select("entity", "window", *labels(panes.features))


def _cell(rows: ir.Table, one: Feature) -> Any:
    if one.aggregate == "mean":
        seen = rows[named(one, "has")].nullif(0).cast("float64")
        return rows[named(one, "sum")].cast("float64") / seen / one.divisor
    name = named(one, one.aggregate)
    if one.aggregate == "distinct":
        name = f"distinct_{name}"
    elif one.aggregate == "quantile":
        name = _quantile(one)
    value = rows[name]
    whole = value.type().is_integer() and one.divisor == 1
    return value if whole else value.cast("float64") / one.divisor


def _ratio(cells: ir.Table, one: Feature, where: str) -> Any:
    """One cell divided by another; nothing where that is nothing or zero."""
    above, under = (f"{where}_{name}" for name in one.over or ())
    return cells[above].cast("float64") / cells[under].cast("float64").nullif(0.0)
