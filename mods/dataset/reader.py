r"""Zeek logs as one lazy Ibis table, typed by what the files' own `#types` say.

Nothing is set aside in silence: a line that is no record keeps its row, with the reason in
`line_fault`, so that whoever aggregates the table counts it in the same pass. Blank lines and
comments are no rows. Texts stay as Zeek wrote them, escapes such as `\x09` included.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import ibis
from ibis.expr import types as ir

from mods.dataset import packing, schema, spark_lines, values
from mods.dataset.files import LogFile
from mods.dataset.json_lines import FORM, pointers
from mods.dataset.mending import CUT, LONGEST_LINE, OVERLONG
from mods.dataset.zeek import Header

SHORT, LONG, TIME = "too few fields", "too many fields", "no time stamp in ts"
UNENDED, NO_OBJECT = "cut at the end of the file", "no JSON object"
TOO_LONG = f"longer than {LONGEST_LINE >> 20} MB"
MICROSECONDS = values.MICROSECONDS
BUFFER = 16 << 20
ABSENT = "mods: this line has no such field"
NEVER = "\x01"  # stands in no JSON, where it is escaped


def records(
    con: Any,
    files: Sequence[LogFile],
    columns: Collection[str],
    *,
    optional: Collection[str] = (),
    types: Mapping[str, str] | None = None,
) -> ir.Table:
    """One row per line of the files that is no comment.

    Columns: `source` (path of the file that the line is from), `line_fault` (why the line is no
    record and its values mean nothing, else NULL), `value_fault` (the first column whose value does
    not fit its type and is taken as unset, else NULL), `ts` (microseconds since the epoch) and
    `columns`; unset is NULL, empty is ''. A column that a file lacks is unset there, but a LogError
    where no file has it, unless it is `optional`. Part of the files of a log are read as the others
    are if given the `types` of all (schema.types).
    """
    wanted = dict.fromkeys([*schema.REQUIRED, *columns, *optional])
    if types is None:
        for error in schema.faults(files, columns, optional=optional).values():
            raise error
        types = schema.types(files, wanted)
    types = {name: types[name] for name in wanted}
    found = _read(con, files, list(wanted))
    tables = [_typed(_numbers(con, rows, head), head, types) for rows, head in found]
    return ibis.union(*tables) if len(tables) > 1 else tables[0]


def _read(
    con: Any, files: Sequence[LogFile], names: Sequence[str]
) -> Iterator[tuple[ir.Table, Header]]:
    """The fields as text, one table per header and packing, and one per copy."""
    groups: dict[tuple[Header, str], list[Path]] = {}
    for one in files:
        if one.copies:
            for head, place in one.copies:
                rows = _rows(con, [place], head, names)
                yield rows.mutate(source=ibis.literal(str(one.path))), head
        elif one.header.form == FORM:
            groups.setdefault((_any(one.header), packing.kind(one.path)), []).append(one.path)
        else:
            groups.setdefault((one.header, packing.kind(one.path)), []).append(one.path)
    for (head, _), paths in groups.items():
        yield _rows(con, paths, head, names), head


def _any(header: Header) -> Header:
    """One header for all JSON files of a log: they are read alike, whatever they begin with."""
    return Header(header.path, (), (), form=FORM)


def _rows(con: Any, paths: Sequence[Path], head: Header, names: Sequence[str]) -> ir.Table:
    """Lines that are no comments: their `line_fault` and the columns wanted, as text."""
    width = len(head.fields)
    if head.form == FORM:
        return _objects(_lines(con, paths, 1, NEVER), names)
    rows = _lines(con, paths, width, head.separator)
    over = rows[f"f{width}"]
    fault = ibis.cases(
        (over == CUT, UNENDED),
        (over == OVERLONG, TOO_LONG),
        (rows[f"f{width - 1}"].isnull(), SHORT),
        (over.notnull(), LONG),
    )
    return rows.filter(~rows["f0"].startswith("#")).select(
        source=rows["source"],
        line_fault=fault,
        **{name: rows[f"f{head.fields.index(name)}"] for name in names if name in head.fields},
    )


def _lines(con: Any, paths: Sequence[Path], width: int, separator: str) -> ir.Table:
    """The fields as they stand: one text column per field, one for what is too much, and source."""
    if con.name == "pyspark":
        return spark_lines.read(con, paths, width, separator)
    return con.read_csv(
        [_literal(str(path)) for path in paths],
        columns={f"f{i}": "string" for i in range(width + 1)},
        filename="source",
        compression=packing.kind(paths[0]),
        delim=separator,
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


def _objects(rows: ir.Table, names: Sequence[str]) -> ir.Table:
    """The columns of JSON lines; each line is parsed once."""
    text = rows["f0"]
    sound = text.lstrip().startswith("{") & values.json_valid(text) & rows["f1"].isnull()
    places = [place for name in names for place in pointers(name)]
    rows = rows.select(
        source=rows["source"],
        line_fault=sound.ifelse(ibis.null("string"), NO_OBJECT),
        cells=values.json_strings(sound.ifelse(text, "{}"), places),
    )
    cells = {
        name: ibis.coalesce(*(rows["cells"][places.index(place)] for place in pointers(name)))
        for name in names
    }
    return rows.select(rows["source"], rows["line_fault"], **cells)


def _numbers(con: Any, rows: ir.Table, head: Header) -> ir.Table:
    """The rows with their numbers written such that every engine reads the same."""
    if con.name != "pyspark":
        return rows
    kinds = {name: head.type_of(name) or "" for name in rows.columns}
    return rows.mutate(
        **{
            name: spark_lines.number(rows[name], whole=kind in ("count", "int", "port"))
            for name, kind in kinds.items()
            if schema.kind(kind) in ("int64", "float64")
        }
    )


def _typed(rows: ir.Table, head: Header, types: Mapping[str, str]) -> ir.Table:
    found = {}
    for name, type_ in types.items():
        if name in rows.columns:
            found[name] = values.typed(rows[name], head, head.type_of(name) or type_)
        else:
            found[name] = ibis.null(schema.kind(type_)), None
    bad = [(wrong, name) for name, (_, wrong) in found.items() if wrong is not None]
    return rows.select(
        source=rows["source"],
        line_fault=rows["line_fault"].coalesce(
            found["ts"][0].isnull().ifelse(TIME, ibis.null("string"))
        ),
        value_fault=ibis.cases(*bad) if bad else ibis.null("string"),
        **{name: value for name, (value, _) in found.items()},
    )
