"""Bundle: tables of panes tied into one, so that one statement computes all of them.

Records need to be read once and held nowhere then; to hold them costs half as much as to read them.
What the additive aggregates are is packed as texts: they are few rows, and columns of their own
would take space in all others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis
from ibis.expr import types as ir

SUMS = "sums"
SHARED = ("source", "entity", "direction", "pane")
NUMBERS = ("panes", "n")


def tied(parts: Mapping[str, ir.Table]) -> ir.Table:
    """One table: `part` says which of them a row is of.

    parts:  SUMS with any columns, others with a value and a number (`panes` or `n`); all SHARED
    """
    kinds = sorted({str(one["value"].type()) for name, one in parts.items() if name != SUMS})
    return ibis.union(*(_tied(name, one, kinds) for name, one in parts.items()))


def _tied(name: str, part: ir.Table, kinds: list[str]) -> ir.Table:
    """A part in the columns that all have; of the values there is one column per type."""
    cells: dict[str, Any] = {f"value_{kind}": ibis.null(kind) for kind in kinds}
    cells |= {"number": ibis.null("int64"), "packed": ibis.null("array<string>")}
    if name == SUMS:
        texts = [part[column].cast("string") for column in _packed(part.schema())]
        cells["packed"] = ibis.array(texts)
    else:
        cells[f"value_{part['value'].type()}"] = part["value"]
        cells["number"] = part[_number(part.schema())]
    return part.select(part=ibis.literal(name), **{key: part[key] for key in SHARED}, **cells)


def untied(bundle: ir.Table, schemas: Mapping[str, Any]) -> dict[str, ir.Table]:
    """The tables again, by the schemas they had."""
    return {name: _untied(bundle, name, schema) for name, schema in schemas.items()}


def _untied(bundle: ir.Table, name: str, schema: Any) -> ir.Table:
    mine = bundle.filter(bundle["part"] == name)
    if name == SUMS:
        cells = {
            column: mine["packed"][place].cast(schema[column])
            for place, column in enumerate(_packed(schema))
        }
    else:
        cells = {"value": mine[f"value_{schema['value']}"], _number(schema): mine["number"]}
    return mine.select(*SHARED, **cells)


def _packed(schema: Any) -> list[str]:
    return [column for column in schema if column not in SHARED]


def _number(schema: Any) -> str:
    return next(name for name in NUMBERS if name in schema)
