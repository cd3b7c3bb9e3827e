"""One day of windows as the text of the reference's layout.

Tab-separated; `window_start` and `window_end` in UTC as `2019-06-01T00:00:00.000Z`; an empty cell
is `""`.
"""

from __future__ import annotations

import csv
import io
from functools import lru_cache

import pandas as pd
import pyarrow as pa
import pyarrow.csv

from mods.window import Window

STAMP = "%Y-%m-%dT%H:%M:%S.000Z"
EMPTY = '""'
START, END = "window_start", "window_end"
TIME = pa.timestamp("us", "UTC")


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


def fields(content: bytes) -> list[str]:
    """What the first line names."""
    return list(_named(content.partition(b"\n")[0]))


@lru_cache(maxsize=1024)
def _named(line: bytes) -> tuple[str, ...]:
    header = line.decode("utf-8", "replace").rstrip("\r")
    return tuple(field.strip('"') for field in header.split("\t"))


def load(contents: list[bytes], kinds: dict[str, pa.DataType]) -> pa.Table:
    """Files with one first line below each other, the columns of the kinds given, else inferred.

    Raises pyarrow.ArrowException for what is no such table.
    """
    names = fields(contents[0])
    body = b"\n".join(content.partition(b"\n")[2] for content in contents)
    there = bool(body.strip())
    # pyarrow refuses a file without rows: one row of empty cells is dropped again below
    table = pyarrow.csv.read_csv(
        io.BytesIO(body if there else b"\t" * (len(names) - 1) + b"\n"),
        read_options=pyarrow.csv.ReadOptions(column_names=names),
        parse_options=pyarrow.csv.ParseOptions(delimiter="\t"),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types={START: TIME, END: TIME, **kinds}, null_values=["", "NaN"]
        ),
    )
    return table if there else table.slice(0, 0)
