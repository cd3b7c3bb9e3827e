"""One day of windows as the text of the reference's layout, there and back.

Tab-separated; `window_start` and `window_end` in UTC as `2019-06-01T00:00:00.000Z`; an empty cell
is `""`.
"""

from __future__ import annotations

import csv
import io

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

from mods.errors import DatapoolError
from mods.features.datapool.places import Place
from mods.window import Window

STAMP = "%Y-%m-%dT%H:%M:%S.000Z"
EMPTY = '""'
START, END = "window_start", "window_end"


def lines(table: pd.DataFrame, window: Window) -> tuple[bytes, list[bytes]]:
    """The first line, and one per window (index `window_start`, UTC), as their file holds them."""
    starts = pd.DatetimeIndex(table.index)
    stamped = table.reset_index(drop=True)
    stamped.insert(0, START, starts.strftime(STAMP))
    stamped.insert(1, END, (starts + pd.Timedelta(seconds=window.length)).strftime(STAMP))
    text = stamped.to_csv(
        sep="\t", index=False, na_rep=EMPTY, quoting=csv.QUOTE_NONE, lineterminator="\n"
    )
    header, *rows = str(text).encode().splitlines(keepends=True)
    return header, rows


def columns(content: bytes) -> tuple[str, ...]:
    """The columns a file names in its first line, without the two stamps; none if it is broken."""
    fields = _fields(content)
    return tuple(name for name in fields if name not in (START, END)) if _sound(fields) else ()


def parse(
    contents: dict[Place, bytes], window: Window
) -> tuple[list[tuple[str, pd.DataFrame]], dict[Place, DatapoolError]]:
    """(protocol, table of float64 by `window_start`, UTC), and the files that cannot be read.

    Files with the same first line are read in one go; where that fails, one by one, to learn which
    is broken.
    """
    tables: list[tuple[str, pd.DataFrame]] = []
    broken: dict[Place, DatapoolError] = {}
    for same in _by_header(contents):
        try:
            tables.append((next(iter(same)).protocol, _table(same, window)))
        except DatapoolError as error:
            if len(same) == 1:
                broken[next(iter(same))] = error
                continue
            for place, content in same.items():
                alone, bad = parse({place: content}, window)
                tables += alone
                broken |= bad
    return tables, broken


def _by_header(contents: dict[Place, bytes]) -> list[dict[Place, bytes]]:
    groups: dict[tuple[str, bytes], dict[Place, bytes]] = {}
    for place, content in contents.items():
        header = content.partition(b"\n")[0]
        groups.setdefault((place.protocol, header), {})[place] = content
    return list(groups.values())


def _table(same: dict[Place, bytes], window: Window) -> pd.DataFrame:
    where = next(iter(same))
    rows = _rows(same, where)
    starts = pd.DatetimeIndex(rows.index)
    if not starts.floor("D").isin([place.day for place in same]).all():
        raise DatapoolError("holds windows that start on another day", where=where)
    if not starts.is_unique:
        twice = starts[starts.duplicated()][0]
        raise DatapoolError(f"holds the window of {twice:{STAMP}} twice", where=where)
    ends = rows.pop(END)
    if not (ends - starts == pd.Timedelta(seconds=window.length)).all():
        raise DatapoolError(f"holds windows of another length than {window}", where=where)
    if (starts.as_unit("us").asi8 % (window.slide * 1_000_000)).any():
        raise DatapoolError(f"holds windows that do not start at slides of {window}", where=where)
    if np.isinf(rows.to_numpy()).any():
        raise DatapoolError("holds an infinite value", where=where)
    return rows


def _rows(same: dict[Place, bytes], where: Place) -> pd.DataFrame:
    """The files below each other: their stamps parsed, every other column float64."""
    fields = _fields(next(iter(same.values())))
    if not _sound(fields):
        raise DatapoolError(
            "its first line does not name window_start, window_end and columns, each once",
            where=where,
        )
    stamp = pa.timestamp("us", "UTC")
    kinds = {name: stamp if name in (START, END) else pa.float64() for name in fields}
    bodies = b"\n".join(content.partition(b"\n")[2] for content in same.values())
    try:
        # pyarrow refuses a file without rows: one row of empty cells is dropped again below
        table = pyarrow.csv.read_csv(
            io.BytesIO(bodies if bodies.strip() else b"\t" * (len(fields) - 1) + b"\n"),
            read_options=pyarrow.csv.ReadOptions(column_names=fields),
            parse_options=pyarrow.csv.ParseOptions(delimiter="\t"),
            convert_options=pyarrow.csv.ConvertOptions(column_types=kinds, null_values=["", "NaN"]),
        )
    except pa.ArrowException as error:
        raise DatapoolError(
            f"is no table of windows: {error}", where=where, fix="Restore it or remove it"
        ) from None
    rows: pd.DataFrame = table.to_pandas().set_index(START)
    rows = rows if bodies.strip() else rows.iloc[:0]
    if rows.index.hasnans or rows[END].hasnans:
        raise DatapoolError("has a row without window_start or window_end", where=where)
    return rows


def _fields(content: bytes) -> list[str]:
    """What the first line names."""
    header = content.partition(b"\n")[0].decode("utf-8", "replace").rstrip("\r")
    return [field.strip('"') for field in header.split("\t")]


def _sound(fields: list[str]) -> bool:
    """Whether both stamps and other columns are named, each once, in printable UTF-8."""
    printable = all(field and field.isprintable() and "\ufffd" not in field for field in fields)
    return printable and {START, END} < {*fields} and len({*fields}) == len(fields)
