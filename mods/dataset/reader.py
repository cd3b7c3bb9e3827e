"""Zeek TSV logs as one lazy Ibis table, typed by what the files' own `#types` say.

Nothing is set aside in silence: a line that is no record keeps its row, with the reason in
`line_fault`, so that whoever aggregates the table counts it in the same pass.
Times and intervals are whole microseconds: sums of them do not depend on the order of threads.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import duckdb
import ibis
from ibis.expr import types as ir

from mods.dataset.files import SKIP_FIX, LogFile, opened
from mods.dataset.zeek import Header
from mods.errors import LogError

REQUIRED = ("ts", "id.orig_h", "id.resp_h")
HEADER = "a header line"
SHORT, LONG, TIME = "too few fields", "too many fields", "no time stamp in ts"
KINDS = {
    "time": "int64", "interval": "int64", "count": "int64", "int": "int64", "port": "int64",
    "double": "float64", "bool": "boolean",
}  # fmt: skip
MICROSECONDS = 1_000_000
LATEST = 9_223_372_036  # seconds: the year 2262, where 64 bits of nanoseconds end
LONGEST_LINE = 16 << 20
ABSENT = "mods: this line has no such field"


def records(
    con: Any, files: Sequence[LogFile], columns: Collection[str], *, optional: Collection[str] = ()
) -> ir.Table:
    """One row per line of the files that is no comment.

    Columns: `line_fault` (why the line is no record and its values mean nothing, else NULL),
    `value_fault` (the first column whose value does not fit its type and is taken as unset, else
    NULL), `ts` (microseconds since the epoch) and `columns`; unset is NULL, empty is ''. Columns in
    `optional` may be missing in a file and are NULL there; another missing column, or one typed
    differently, is a LogError.
    """
    for error in faults(files, columns, optional=optional).values():
        raise error
    kinds = _kinds(files, dict.fromkeys([*REQUIRED, *columns, *optional]))
    groups: dict[Header, list[LogFile]] = {}
    for one in files:
        groups.setdefault(one.header, []).append(one)
    tables = [_typed(_lines(con, group), head, kinds) for head, group in groups.items()]
    return ibis.union(*tables) if len(tables) > 1 else tables[0]


def _kinds(files: Sequence[LogFile], columns: Iterable[str]) -> dict[str, str]:
    """The type of each column; one that no file has is text."""
    kinds = {}
    for name in columns:
        types = (one.header.type_of(name) for one in files)
        kinds[name] = KINDS.get(next(filter(None, types), ""), "string")
    return kinds


def faults(
    files: Sequence[LogFile], columns: Collection[str], *, optional: Collection[str] = ()
) -> dict[LogFile, LogError]:
    """Which files cannot be read with those before: a column is missing, or has another type."""
    found = {}
    types: dict[str, tuple[str, LogFile]] = {}
    for one in files:
        error = _missing(one, [*REQUIRED, *columns]) or _mistyped(one, [*columns, *optional], types)
        if error is not None:
            found[one] = error
    return found


def _missing(file: LogFile, columns: Collection[str]) -> LogError | None:
    absent = [name for name in columns if name not in file.header.fields]
    if file.header.type_of("ts") not in (None, "time"):
        return LogError(f"ts is of type {file.header.type_of('ts')}, not time", where=file.path)
    if not absent:
        return None
    return LogError(
        f"has no column {absent[0]}, only {', '.join(file.header.fields)}",
        where=file.path,
        fix="Let Zeek write it, or pass --skip_broken",
    )


def _mistyped(
    file: LogFile, columns: Collection[str], types: dict[str, tuple[str, LogFile]]
) -> LogError | None:
    """The first column whose type is another than in the files before; `types` learns the rest."""
    declared = {name: file.header.type_of(name) for name in columns}
    kinds = {name: KINDS.get(type_, "string") for name, type_ in declared.items() if type_}
    for name, kind in kinds.items():
        known, elsewhere = types.get(name, (kind, file))
        if known != kind:
            return LogError(
                f"{name} is of type {declared[name]}, but in {elsewhere.path} of type "
                f"{elsewhere.header.type_of(name)}",
                where=file.path,
                fix=SKIP_FIX,
            )
    for name, kind in kinds.items():
        types.setdefault(name, (kind, file))
    return None


def broken(con: Any, files: Sequence[LogFile]) -> dict[LogFile, LogError]:
    """The files that the engine cannot read to their end, found by reading each alone."""
    found = {}
    for one in files:
        try:
            _lines(con, [one]).count().to_pyarrow()
        except duckdb.Error as error:
            found[one] = LogError(_reason(str(error)), where=one.path, fix=SKIP_FIX)
    return found


def _reason(text: str) -> str:
    """What the engine says about a file, in our words."""
    if "end of GZIP stream" in text:
        return "is cut short: its gzip stream ends too early"
    if "GZIP" in text or "inflate" in text:
        return "is no whole gzip file"
    if "Maximum line size" in text:
        return f"has a line of more than {LONGEST_LINE >> 20} MB"
    return f"cannot be read ({text.strip().splitlines()[0]})"


def changed(files: Sequence[LogFile]) -> dict[LogFile, LogError]:
    """The files in which a later header names other columns than the first: read line by line."""
    return {one: error for one in files if (error := _changed(one)) is not None}


def _changed(file: LogFile) -> LogError | None:
    expected = file.header.separator.join(("#fields", *file.header.fields)).encode("latin-1")
    with opened(file.path) as stream:
        for number, line in enumerate(stream, start=1):
            if line.startswith(b"#fields") and line.rstrip(b"\r\n") != expected:
                return LogError(
                    f"its #fields change in line {number}",
                    where=file.path,
                    fix="Split the file there, or pass --skip_broken",
                )
    return None


def _lines(con: Any, files: Sequence[LogFile]) -> ir.Table:
    """The fields as they stand: one text column per field, and one for what is too much."""
    head = files[0].header
    return con.read_csv(
        [_literal(str(one.path)) for one in files],
        columns={f"f{i}": "string" for i in range(len(head.fields) + 1)},
        delim=head.separator,
        header=False,
        nullstr=ABSENT,
        quote="",
        escape="",
        null_padding=True,
        strict_mode=False,
        encoding="latin-1",
        max_line_size=LONGEST_LINE,
        buffer_size=2 * LONGEST_LINE,
        hive_partitioning=False,
    )


def _literal(path: str) -> str:
    """The path with the characters escaped that DuckDB would take for a pattern."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in path)


def _typed(lines: ir.Table, head: Header, kinds: dict[str, str]) -> ir.Table:
    first, last = lines["f0"], lines[f"f{len(head.fields) - 1}"]
    lines = lines.filter(~first.startswith("#") | first.startswith("#fields"))
    values = {
        name: _value(lines[f"f{head.fields.index(name)}"], head, head.type_of(name))
        if name in head.fields
        else (ibis.null(kind), None)
        for name, kind in kinds.items()
    }
    line_fault = ibis.cases(
        (first.startswith("#fields"), HEADER),
        (last.isnull(), SHORT),
        (lines[f"f{len(head.fields)}"].notnull(), LONG),
        (values["ts"][0].isnull(), TIME),
    )
    bad = [(wrong, name) for name, (_, wrong) in values.items() if wrong is not None]
    return lines.select(
        line_fault=line_fault,
        value_fault=ibis.cases(*bad) if bad else ibis.null("string"),
        **{name: value for name, (value, _) in values.items()},
    )


def _value(text: Any, head: Header, declared: str | None) -> tuple[Any, Any]:
    """The typed value (NULL where unset), and where there is text that does not fit its type."""
    given = text.nullif(head.unset)
    kind = KINDS.get(declared or "", "string")
    if kind == "string":
        return (given == head.empty).ifelse("", given), None
    if kind == "boolean":
        value = ibis.cases((given == "T", True), (given == "F", False))
    elif declared in ("time", "interval"):
        value = _microseconds(given, earliest=0 if declared == "time" else -LATEST)
    else:
        value = given.try_cast(kind)
    return value, None if declared == "time" else given.notnull() & value.isnull()


def _microseconds(text: Any, *, earliest: int) -> Any:
    seconds = text.try_cast("float64")
    sound = seconds.between(earliest, LATEST)
    return sound.ifelse((seconds * MICROSECONDS).round().cast("int64"), ibis.null("int64"))
