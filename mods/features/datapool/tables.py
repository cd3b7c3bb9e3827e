"""Days of windows from their files, text or Parquet, each checked before it is believed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from mods.errors import DatapoolError
from mods.features.datapool import cells, parquet, text
from mods.features.datapool.formats import MAGIC
from mods.features.datapool.places import Place
from mods.features.datapool.text import END, STAMP, START
from mods.window import Window

FIX = "Restore it or remove it"


def columns(content: bytes) -> tuple[str, ...]:
    """The columns a file names, without the two stamps; none if it is broken."""
    names = _fields(content)
    return tuple(name for name in names if name not in (START, END)) if _sound(names) else ()


def parse(
    contents: dict[Place, bytes], window: Window
) -> tuple[list[tuple[str, pd.DataFrame]], dict[Place, DatapoolError]]:
    """(protocol, table of float64 by `window_start`, UTC), and the files that cannot be read.

    Files with the same columns are read in one go; where that fails, one by one, to learn which
    is broken.
    """
    tables: list[tuple[str, pd.DataFrame]] = []
    broken: dict[Place, DatapoolError] = {}
    for same in _alike(contents):
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


def _alike(contents: dict[Place, bytes]) -> list[dict[Place, bytes]]:
    """The files in groups of one protocol, one format and the same columns."""
    groups: dict[tuple[object, ...], dict[Place, bytes]] = {}
    for place, content in contents.items():
        packed = content.startswith(MAGIC)
        header = tuple(_fields(content)) if packed else content.partition(b"\n")[0]
        groups.setdefault((place.protocol, header), {})[place] = content
    return list(groups.values())


def _table(same: dict[Place, bytes], window: Window) -> pd.DataFrame:
    where = next(iter(same))
    rows = _rows(same, where)
    starts = pd.DatetimeIndex(rows.index)
    if not starts.floor("D").isin([place.day for place in same]).all():
        raise DatapoolError("holds windows that start on another day", where=where, fix=FIX)
    if not starts.is_unique:
        twice = starts[starts.duplicated()][0]
        raise DatapoolError(f"holds the window of {twice:{STAMP}} twice", where=where, fix=FIX)
    ends = rows.pop(END)
    if not (ends - starts == pd.Timedelta(seconds=window.length)).all():
        raise DatapoolError(f"holds windows of another length than {window}", where=where, fix=FIX)
    if (starts.as_unit("us").asi8 % (window.slide * 1_000_000)).any():
        raise DatapoolError(
            f"holds windows that do not start at slides of {window}", where=where, fix=FIX
        )
    if np.isinf(rows.to_numpy()).any():
        raise DatapoolError("holds an infinite value", where=where, fix=FIX)
    return rows


def _rows(same: dict[Place, bytes], where: Place) -> pd.DataFrame:
    """The files below each other: their stamps parsed, every other column float64."""
    contents = list(same.values())
    names = _fields(contents[0])
    if not _sound(names):
        raise DatapoolError(
            "its first line does not name window_start, window_end and columns, each once",
            where=where,
            fix=FIX,
        )
    kinds = {name: pa.float64() for name in names if name not in (START, END)}
    try:
        if contents[0].startswith(MAGIC):
            loaded = [parquet.load(content, place) for place, content in same.items()]
            stamps = {START: cells.TIME, END: cells.TIME}
            schema = pa.schema([(name, (stamps | kinds)[name]) for name in names])
            table = pa.concat_tables([one.cast(schema, safe=False) for one in loaded])
        else:
            table = cells.load(contents, kinds)
    except (pa.ArrowException, ValueError) as error:
        raise DatapoolError(f"is no table of windows: {error}", where=where, fix=FIX) from None
    rows: pd.DataFrame = table.to_pandas().set_index(START)
    if rows.index.hasnans or rows[END].hasnans:
        raise DatapoolError("has a row without window_start or window_end", where=where, fix=FIX)
    return rows


def _fields(content: bytes) -> list[str]:
    if content.startswith(MAGIC):
        return parquet.fields(content)
    return text.fields(content)


def _sound(names: list[str]) -> bool:
    """Whether both stamps and other columns are named, each once, in printable UTF-8."""
    printable = all(name and name.isprintable() and "\ufffd" not in name for name in names)
    return printable and {START, END} < {*names} and len({*names}) == len(names)
