"""Panes: what the records of one slide add up to; each record is read once, panes can be merged.

Two kinds of partial aggregates, per source (the file they are from), entity, direction and pane
(number of the slide since the epoch): additive ones (counts, sums, extremes) and the sets of
different values. Any union of panes is panes again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import ibis
from ibis.expr import types as ir

from mods.errors import InputError
from mods.features import bundle, directions, partials
from mods.features.catalog import ADDED, ALL, Feature, directed
from mods.features.engines import tables
from mods.features.partials import Partial
from mods.window import Window

MICROSECONDS = 1_000_000
NONE = "none"
ORIGIN = ("source", "entity")


@dataclass
class Panes:
    """The panes of one protocol, held by the engine and filled by `add`, or taken by `of`.

    `additive` has the columns source, line_fault, value_fault, entity ('' without one), direction
    ('none' without one), pane, first and last (the outermost time stamps, in microseconds),
    records, and one per additive partial aggregate; `sets` has per partial of another kind a table
    of source, entity, direction, pane, value (each once per `add`), and for quantiles n; of
    different values `pane` is the block and `panes` the bits of the panes in it (blocks.py).
    """

    con: Any
    features: Sequence[Feature]
    window: Window
    additive: ir.Table | None = None
    sets: dict[str, ir.Table] = field(default_factory=dict)
    held: ir.Table | None = None

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
        sets = [one for one in self.partials if not one.additive]
        added = [one for one in self.partials if one.additive]
        placed = _placed(records, self.window, self.partials)
        if not sets:
            self.additive = tables.grow(self.con, "sums", self.additive, _additive(placed, added))
            return
        with tables.read_once(self.con, placed) as kept:
            parts = {bundle.SUMS: _additive(kept, added)}
            for one in sets:
                parts[one.name] = _values(kept, one, directed=not self.undirected)
            kinds = {name: part.schema() for name, part in parts.items()}
            self.held = tables.grow(self.con, "panes", self.held, bundle.tied(parts))
        self.sets = bundle.untied(self.held, kinds)
        self.additive = tables.hold(self.con, "sums", self.sets.pop(bundle.SUMS))

    @cached_property
    def partials(self) -> tuple[Partial, ...]:
        """The partial aggregates that the features are made of."""
        return partials.of(self.features)

    @property
    def undirected(self) -> bool:
        """Whether a feature is computed without regard to the direction."""
        return any(ALL in one.directions for one in self.features)

    def counts(self, by: str, *, sound: bool = False) -> dict[str, int]:
        """How many lines (`sound`: how many records) there are per value of a column, where set."""
        rows = self.sums() if sound else self._lines()
        rows = rows.filter(rows[by].notnull())
        counted = rows.group_by(by).agg(n=rows.records.sum()).order_by(by)
        return {str(value): int(n) for value, n in tables.fetch(self.con, counted)}

    def reach(self) -> tuple[int | None, int | None]:
        """The first and the last time stamp of all records, in microseconds since the epoch."""
        rows = self.sums()
        ends = rows.agg(first=rows["first"].min(), last=rows["last"].max())
        ((first, last),) = tables.fetch(self.con, ends)
        return first, last

    def sums(self) -> ir.Table:
        """The additive aggregates of what are records."""
        lines = self._lines()
        return lines.filter(lines.line_fault.isnull())

    @property
    def directed(self) -> bool:
        """Whether a feature asks which way a record goes."""
        return directed(self.features)

    def _lines(self) -> ir.Table:
        if self.additive is None:
            raise InputError("no records were added")
        return self.additive


def _placed(records: ir.Table, window: Window, wanted: Sequence[Partial]) -> ir.Table:
    """The records with all that aggregates ask for: pane, conditions, external and local host.

    The pane of a line that is no record is NULL.
    """
    size = window.slide * MICROSECONDS
    pane = ((records.ts - records.ts % size) / size).cast("int64")
    absent = {name: ibis.literal("") for name in ORIGIN if name not in records.columns}
    placed = records.mutate(
        pane=records.line_fault.isnull().ifelse(pane, ibis.null("int64")),
        flow_direction=records.flow_direction.coalesce(NONE),
        **absent,
    )
    asked = sorted({str(one.column) for one in wanted} & {*ADDED})
    ends = {name: directions.end(placed, name) for name in asked}
    taken = partials.conditions(wanted, placed)
    return placed.mutate(**ends, **taken) if ends or taken else placed


def _additive(records: ir.Table, wanted: Sequence[Partial]) -> ir.Table:
    keys = (*ORIGIN, "line_fault", "value_fault", "pane")
    return records.group_by(*keys, direction="flow_direction").agg(
        first=records.ts.min(),
        last=records.ts.max(),
        **{one.name: partials.additive(records, one) for one in wanted},
    )


def _values(records: ir.Table, one: Partial, *, directed: bool) -> ir.Table:
    sound = records.line_fault.isnull()
    kept = records.filter(sound & (records.flow_direction != NONE) if directed else sound)
    keys = {name: name for name in ORIGIN} | {"direction": "flow_direction"}
    return partials.values(kept, one, keys)
