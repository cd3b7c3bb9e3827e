"""Zeek TSV logs as one lazy Ibis table, typed by what the files' own `#types` say.

Nothing is set aside in silence: a line that is no record keeps its row, with the reason in
`line_fault`, so that whoever aggregates the table counts it in the same pass.
Times and intervals are whole microseconds: sums of them do not depend on the order of threads.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import ibis
from ibis.expr import types as ir

from mods.dataset import schema
from mods.dataset.files import LogFile
from mods.dataset.zeek import Header

HEADER = "a header line"
SHORT, LONG, TIME = "too few fields", "too many fields", "no time stamp in ts"
MICROSECONDS = 1_000_000
LATEST = 9_223_372_036  # seconds: the year 2262, where 64 bits of nanoseconds end
LARGEST = 2**53  # Zeek writes nearly 2^64 for a length it lost; beyond 2^53 float64 is not exact
LONGEST_LINE = 12 << 20
BUFFER = 16 << 20
ABSENT = "mods: this line has no such field"


def records(
    con: Any, files: Sequence[LogFile], columns: Collection[str], *, optional: Collection[str] = ()
) -> ir.Table:
    """One row per line of the files that is no comment.

    Columns: `source` (path of the file that the line is from), `line_fault` (why the line is no
    record and its values mean nothing, else NULL), `value_fault` (the first column whose value does
    not fit its type and is taken as unset, else NULL), `ts` (microseconds since the epoch) and
    `columns`; unset is NULL, empty is ''. Columns in
    `optional` may be missing in a file and are NULL there; another missing column, or one typed
    differently, is a LogError.
    """
    for error in schema.faults(files, columns, optional=optional).values():
        raise error
    kinds = schema.kinds(files, dict.fromkeys([*schema.REQUIRED, *columns, *optional]))
    groups: dict[Header, list[LogFile]] = {}
    for one in files:
        groups.setdefault(one.header, []).append(one)
    tables = [_typed(lines(con, group), head, kinds) for head, group in groups.items()]
    return ibis.union(*tables) if len(tables) > 1 else tables[0]


def lines(con: Any, files: Sequence[LogFile]) -> ir.Table:
    """The fields as they stand: one text column per field, one for what is too much, and source."""
    head = files[0].header
    return con.read_csv(
        [_literal(str(one.path)) for one in files],
        columns={f"f{i}": "string" for i in range(len(head.fields) + 1)},
        filename="source",
        delim=head.separator,
        header=False,
        nullstr=ABSENT,
        quote="",
        escape="",
        null_padding=True,
        strict_mode=False,
        encoding="latin-1",
        max_line_size=LONGEST_LINE,
        buffer_size=BUFFER,
        hive_partitioning=False,
    )


def _literal(path: str) -> str:
    """The path with the characters escaped that DuckDB would take for a pattern."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in path)


def _typed(rows: ir.Table, head: Header, kinds: dict[str, str]) -> ir.Table:
    first, last = rows["f0"], rows[f"f{len(head.fields) - 1}"]
    rows = rows.filter(~first.startswith("#") | first.startswith("#fields"))
    values = {
        name: _value(rows[f"f{head.fields.index(name)}"], head, head.type_of(name))
        if name in head.fields
        else (ibis.null(kind), None)
        for name, kind in kinds.items()
    }
    line_fault = ibis.cases(
        (first.startswith("#fields"), HEADER),
        (last.isnull(), SHORT),
        (rows[f"f{len(head.fields)}"].notnull(), LONG),
        (values["ts"][0].isnull(), TIME),
    )
    bad = [(wrong, name) for name, (_, wrong) in values.items() if wrong is not None]
    return rows.select(
        source=rows["source"],
        line_fault=line_fault,
        value_fault=ibis.cases(*bad) if bad else ibis.null("string"),
        **{name: value for name, (value, _) in values.items()},
    )


def _value(text: Any, head: Header, declared: str | None) -> tuple[Any, Any]:
    """The typed value (NULL where unset), and where there is text that does not fit its type."""
    given = text.nullif(head.unset)
    kind = schema.KINDS.get(declared or "", "string")
    if kind == "string":
        return (given == head.empty).ifelse("", given), None
    if kind == "boolean":
        value = ibis.cases((given == "T", True), (given == "F", False))
    elif declared in ("time", "interval"):
        value = _microseconds(given, earliest=0 if declared == "time" else -LATEST)
    elif kind == "int64":
        value = _within(given.try_cast(kind), -LARGEST, LARGEST)
    else:
        value = given.try_cast(kind)
    return value, None if declared == "time" else given.notnull() & value.isnull()


def _microseconds(text: Any, *, earliest: int) -> Any:
    seconds = _within(text.try_cast("float64"), earliest, LATEST)
    return (seconds * MICROSECONDS).round().cast("int64")


def _within(value: Any, low: int, high: int) -> Any:
    """The value where it lies between the bounds, else NULL; not-a-number lies nowhere."""
    return value.between(low, high).ifelse(value, ibis.null(value.type()))
