"""Panes: what the records of one slide add up to; each record is read once, panes can be merged.

Two kinds of partial aggregates, per source (the file they are from), entity, direction and pane
(number of the slide since the epoch): additive ones (counts, whole-number sums) and the sets of
different values. Any union of panes is panes again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ibis
from ibis.expr import types as ir

from mods.errors import InputError
from mods.features.catalog import Feature
from mods.window import Window

MICROSECONDS = 1_000_000
NONE = "none"
ORIGIN = ("source", "entity")


@dataclass
class Panes:
    """The panes of one protocol, held by the engine and filled by `add`, or taken by `of`.

    `additive` has the columns source, line_fault, value_fault, entity ('' without one), direction
    ('none' without one), pane, first and last (the outermost time stamps, in microseconds),
    records, and one per partial aggregate; `sets` has per column a table of source, entity,
    direction, pane, value, each once per `add`.
    """

    con: Any
    features: Sequence[Feature]
    window: Window
    additive: ir.Table | None = None
    sets: dict[str, ir.Table] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        con: Any,
        features: Sequence[Feature],
        window: Window,
        additive: ir.Table,
        sets: Mapping[str, ir.Table],
    ) -> Panes:
        """Panes that lie ready elsewhere, such as on disk; only read, never added to."""
        return cls(con, features, window, additive, dict(sets))

    def add(self, records: ir.Table) -> None:
        """Take in further records, as the reader gives them and `directions.label` labels them."""
        columns = dict.fromkeys(one.column for one in self.features if one.aggregate == "distinct")
        placed = _placed(records, self.window)
        kept = self._hold("records", placed) if columns else placed
        additive = _additive(kept, self.features)
        self.additive = self._grow("additive", self.additive, additive)
        for column in columns:
            values = _values(kept, str(column))
            self.sets[str(column)] = self._grow("values", self.sets.get(str(column)), values)
        if columns:
            self.con.raw_sql(f'DROP TABLE "{kept.op().name}"')

    def counts(self, by: str, *, sound: bool = False) -> dict[str, int]:
        """How many lines (`sound`: how many records) there are per value of a column, where set."""
        rows = self.sums() if sound else self._lines()
        rows = rows.filter(rows[by].notnull())
        counted = rows.group_by(by).agg(n=rows.records.sum()).order_by(by).to_pyarrow().to_pylist()
        return {str(row[by]): int(row["n"]) for row in counted}

    def reach(self) -> tuple[int | None, int | None]:
        """The first and the last time stamp of all records, in microseconds since the epoch."""
        rows = self.sums()
        ends = rows.agg(first=rows["first"].min(), last=rows["last"].max()).to_pyarrow().to_pylist()
        return ends[0]["first"], ends[0]["last"]

    def sums(self) -> ir.Table:
        """The additive aggregates of what are records."""
        lines = self._lines()
        return lines.filter(lines.line_fault.isnull())

    def _lines(self) -> ir.Table:
        if self.additive is None:
            raise InputError("no records were added")
        return self.additive

    def _hold(self, what: str, expression: ir.Table) -> ir.Table:
        name = ibis.util.gen_name(f"mods_{what}")
        return self.con.create_table(name, expression, temp=True)

    def _grow(self, what: str, table: ir.Table | None, expression: ir.Table) -> ir.Table:
        if table is None:
            return self._hold(what, expression)
        self.con.insert(table.op().name, expression)
        return table


def partials(features: Iterable[Feature]) -> tuple[str, ...]:
    """The additive columns that the features are made of, beside `records`."""
    names = {"sum": ("sum",), "mean": ("sum", "has"), "true": ("true",), "false": ("false",)}
    return tuple(
        dict.fromkeys(
            f"{kind}_{one.column}" for one in features for kind in names.get(one.aggregate, ())
        )
    )


def _placed(records: ir.Table, window: Window) -> ir.Table:
    """The records with the number of their pane; NULL for a line that is no record."""
    size = window.slide * MICROSECONDS
    pane = ((records.ts - records.ts % size) / size).cast("int64")
    absent = {name: ibis.literal("") for name in ORIGIN if name not in records.columns}
    return records.mutate(
        pane=records.line_fault.isnull().ifelse(pane, ibis.null("int64")),
        flow_direction=records.flow_direction.coalesce(NONE),
        **absent,
    )


def _additive(records: ir.Table, features: Sequence[Feature]) -> ir.Table:
    keys = (*ORIGIN, "line_fault", "value_fault", "pane")
    return records.group_by(*keys, direction="flow_direction").agg(
        first=records.ts.min(),
        last=records.ts.max(),
        records=records.count(),
        **{name: _partial(records, name) for name in partials(features)},
    )


def _partial(records: ir.Table, name: str) -> Any:
    kind, _, column = name.partition("_")
    value = records[column]
    if kind == "has":
        return value.count()
    if kind == "sum":
        _expect(value.type().is_integer(), column, "whole numbers")
        return value.sum().coalesce(0)
    _expect(value.type().is_boolean(), column, "flags")
    return (value if kind == "true" else ~value).ifelse(1, 0).sum().coalesce(0)


def _expect(fits: bool, column: str, wanted: str) -> None:
    if not fits:
        raise InputError(
            f"the logs do not declare {column} as {wanted}", where=column, fix="See their #types"
        )


def _values(records: ir.Table, column: str) -> ir.Table:
    """Each value once per origin, direction and pane; unset and empty are no values."""
    value = records[column]
    there = value.notnull() & (value != "" if value.type().is_string() else True)
    kept = records.filter(there & records.line_fault.isnull() & (records.flow_direction != NONE))
    return kept.select(*ORIGIN, "pane", direction="flow_direction", value=kept[column]).distinct()
