"""Tables that an engine holds while it is connected: computed once, read many times."""

from __future__ import annotations

from typing import Any

import ibis
import pyarrow as pa
from ibis.expr import types as ir


def hold(con: Any, what: str, expression: ir.Table) -> ir.Table:
    """The table, computed now: what it is computed from may go."""
    name = ibis.util.gen_name(f"mods_{what}")
    if con.name == "duckdb":
        return con.create_table(name, expression, temp=True)
    # a checkpoint, not a cache: what is lost is never computed again from files that are gone
    rows = con._session.sql(con.compile(expression)).localCheckpoint(eager=True)
    rows.createOrReplaceTempView(name)
    return con.table(name)


def grow(con: Any, what: str, table: ir.Table | None, expression: ir.Table) -> ir.Table:
    """The table with further rows."""
    if table is None:
        return hold(con, what, expression)
    if con.name == "duckdb":
        con.insert(table.op().name, expression)
        return table
    return ibis.union(table, hold(con, what, expression))


def release(con: Any, table: ir.Table) -> None:
    """Let go of a table that is not needed any more."""
    name = table.op().name
    if con.name == "duckdb":
        con.raw_sql(f'DROP TABLE "{name}"')
    else:
        con._session.catalog.dropTempView(name)


def fetch(con: Any, expression: ir.Table) -> pa.Table:
    """The rows; whole numbers stay whole where some are NULL."""
    if con.name == "duckdb":
        return expression.to_pyarrow()
    return con._session.sql(con.compile(expression)).toArrow()
