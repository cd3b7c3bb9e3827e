"""Tables that an engine holds while it is connected: computed once, read many times.

To DuckDB statements go as text: Ibis's own ways to the same ask for schemas that are known here,
and load pyarrow for them, which takes as long as to read a quarter of a million records.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ibis
from ibis.expr import operations as ops
from ibis.expr import types as ir


def named(con: Any, name: str, schema: Mapping[str, Any]) -> ir.Table:
    """A table or view of DuckDB that has this name and these columns."""
    return ops.DatabaseTable(name=name, schema=ibis.schema(schema), source=con).to_expr()


def view(con: Any, what: str, query: str, schema: Mapping[str, Any] | None = None) -> ir.Table:
    """A view of DuckDB; its columns are asked for unless they are told."""
    name = ibis.util.gen_name(f"mods_{what}")
    con.con.execute(f'CREATE TEMP VIEW "{name}" AS {query}')
    if schema is None:
        mapper = con.compiler.type_mapper
        columns = con.con.execute(f'DESCRIBE "{name}"').fetchall()
        schema = {column: mapper.from_string(kind) for column, kind, *_ in columns}
    return named(con, name, schema)


def hold(con: Any, what: str, expression: ir.Table) -> ir.Table:
    """The table, computed now: what it is computed from may go."""
    name = ibis.util.gen_name(f"mods_{what}")
    if con.name == "duckdb":
        schema, mapper = expression.schema(), con.compiler.type_mapper
        columns = (f'"{column}" {mapper.to_string(kind)}' for column, kind in schema.items())
        con.con.execute(f'CREATE TEMP TABLE "{name}" ({", ".join(columns)})')
        return grow(con, what, named(con, name, schema), expression)
    # a checkpoint, not a cache: what is lost is never computed again from files that are gone
    rows = con._session.sql(con.compile(expression)).localCheckpoint(eager=True)
    rows.createOrReplaceTempView(name)
    return con.table(name)


@contextmanager
def read_once(con: Any, table: ir.Table) -> Iterator[ir.Table]:
    """The table such that a statement may name it several times, and yet work it out once."""
    if con.name == "duckdb":
        yield table  # which DuckDB does by itself
        return
    held = hold(con, "records", table)
    yield held
    release(con, held)


def grow(con: Any, what: str, table: ir.Table | None, expression: ir.Table) -> ir.Table:
    """The table with further rows."""
    if table is None:
        return hold(con, what, expression)
    if con.name == "duckdb":
        con._run_pre_execute_hooks(expression)
        con.con.execute(f'INSERT INTO "{table.op().name}" {con.compile(expression)}')
        return table
    return ibis.union(table, hold(con, what, expression))


def release(con: Any, table: ir.Table) -> None:
    """Let go of a table that is not needed any more."""
    name = table.op().name
    if con.name == "duckdb":
        con.con.execute(f'DROP TABLE "{name}"')
    else:
        con._session.catalog.dropTempView(name)


def fetch(con: Any, expression: ir.Table) -> list[tuple[Any, ...]]:
    """The rows, of tables that the engine holds, as plain values."""
    if con.name == "duckdb":
        return list(con.con.execute(con.compile(expression)).fetchall())
    return [tuple(row) for row in con._session.sql(con.compile(expression)).collect()]


def save(con: Any, expression: ir.Table, path: Path) -> None:
    """Write what DuckDB holds as Parquet."""
    query = con.compile(expression)
    con.con.execute(f"COPY ({query}) TO {quoted(path)} (FORMAT parquet, COMPRESSION zstd)")


def parquet(con: Any, paths: list[Path]) -> ir.Table:
    """The rows of Parquet files that DuckDB has written; columns are told by their names."""
    files = ", ".join(map(quoted, paths))
    rows = f"SELECT * FROM read_parquet([{files}], union_by_name = true)"  # nosec B608 # quoted
    return view(con, "files", rows)


def pairs(con: Any, numbers: Mapping[str, int], text: str, number: str) -> ir.Table:
    """A table of DuckDB with a text and a 32-bit number per row, named so."""
    name = ibis.util.gen_name("mods_pairs")
    con.con.execute(
        f'CREATE TEMP TABLE "{name}" AS '
        f'SELECT unnest(?::VARCHAR[]) AS "{text}", unnest(?::INTEGER[]) AS "{number}"',
        [list(numbers), list(numbers.values())],
    )
    return named(con, name, {text: "string", number: "int32"})


def quoted(text: object) -> str:
    """A text as SQL writes it.

    >>> quoted("o'clock")
    "'o''clock'"
    """
    return "'" + str(text).replace("'", "''") + "'"
