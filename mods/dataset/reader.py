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

from mods.dataset import content, duckdb_lines, packing, schema, spark_lines, values
from mods.dataset.files import LogFile
from mods.dataset.json_lines import FORM, pointers
from mods.dataset.mending import CUT, LONGEST_LINE, OVERLONG
from mods.dataset.zeek import Header
from mods.errors import LogError

SHORT, LONG, TIME = "too few fields", "too many fields", "no time stamp in ts"
UNENDED, NO_OBJECT = "cut at the end of the file", "no JSON object"
TOO_LONG = f"longer than {LONGEST_LINE >> 20} MB"
MICROSECONDS = values.MICROSECONDS
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
    groups: dict[tuple[Header, str, bool], list[Path]] = {}
    for one in files:
        if one.copies:
            for head, place in one.copies:
                rows = _rows(con, [place], head, names, ascii=_ascii(head, place))
                yield rows.mutate(source=ibis.literal(str(one.path))), head
        elif one.header.form == FORM:
            key = _any(one.header), packing.kind(one.path), False
            groups.setdefault(key, []).append(one.path)
        else:
            key = one.header, packing.kind(one.path), _ascii(one.header, one.path)
            groups.setdefault(key, []).append(one.path)
    for (head, _, ascii), paths in groups.items():
        yield _rows(con, paths, head, names, ascii=ascii), head


def _ascii(head: Header, path: Path) -> bool:
    """Whether the engine need not decode the file, which takes it a fourth of the time of reading.

    JSON may grow while it is read, and is decoded; what is damaged is left to the engine.
    """
    try:
        return head.form != FORM and content.scan(path).ascii
    except LogError:
        return False


def _any(header: Header) -> Header:
    """One header for all JSON files of a log: they are read alike, whatever they begin with."""
    return Header(header.path, (), (), form=FORM)


def _rows(
    con: Any, paths: Sequence[Path], head: Header, names: Sequence[str], *, ascii: bool
) -> ir.Table:
    """Lines that are no comments: their `line_fault` and the columns wanted, as text."""
    width = len(head.fields)
    if head.form == FORM:
        return _objects(_lines(con, paths, 1, NEVER), names)
    rows = _lines(con, paths, width, head.separator, ascii=ascii)
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


def _lines(
    con: Any, paths: Sequence[Path], width: int, separator: str, *, ascii: bool = False
) -> ir.Table:
    """The fields as they stand: one text column per field, one for what is too much, and source."""
    if con.name == "pyspark":
        return spark_lines.read(con, paths, width, separator)
    return duckdb_lines.read(con, paths, width, separator, ascii=ascii)


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
    """Texts become values step by step: engines work out each step once per record."""
    there = {name: head.type_of(name) or types[name] for name in types if name in rows.columns}
    kept = ("source", "line_fault")
    texts = rows.select(*kept, **{name: values.given(rows[name], head) for name in there})
    read = texts.select(
        *kept,
        **{name: values.number(texts[name], head, type_) for name, type_ in there.items()},
        **{_given(name): texts[name].notnull() for name in there if values.checked(there[name])},
    )
    found = read.select(
        *kept,
        *(_given(name) for name in there if values.checked(there[name])),
        **{name: values.typed(read[name], head, type_) for name, type_ in there.items()},
    )
    bad = [
        (found[_given(name)] & found[name].isnull(), name)
        for name in types
        if name in there and values.checked(there[name])
    ]
    return found.select(
        source=found["source"],
        line_fault=found["line_fault"].coalesce(
            found["ts"].isnull().ifelse(TIME, ibis.null("string"))
        ),
        value_fault=ibis.cases(*bad) if bad else ibis.null("string"),
        **{
            name: found[name] if name in there else ibis.null(schema.kind(type_))
            for name, type_ in types.items()
        },
    )


def _given(name: str) -> str:
    """The name of the flag that says whether a column was set."""
    return f"given {name}"
