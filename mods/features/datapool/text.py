"""One day of windows as the text of the reference's layout.

Tab-separated; `window_start` and `window_end` in UTC as `2019-06-01T00:00:00.000Z`; an empty cell
is `""`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from mods.features.table import Table
from mods.window import Window

STAMP = "%Y-%m-%dT%H:%M:%S.000Z"
EMPTY = '""'
START, END = "window_start", "window_end"


def lines(table: Table, window: Window) -> tuple[bytes, list[bytes]]:
    """The first line, and one per window in the order of time, as their file holds them."""
    rows = []
    for start, *cells in sorted(table.rows, key=lambda row: row[0]):
        stamps = _stamp(start), _stamp(start + window.length)
        rows.append("\t".join([*stamps, *map(_cell, cells)]).encode() + b"\n")
    return "\t".join([START, END, *table.whole]).encode() + b"\n", rows


def _stamp(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime(STAMP)


def _cell(value: float | None) -> str:
    return EMPTY if value is None else str(value)


def fields(content: bytes) -> list[str]:
    """What the first line names."""
    return list(_named(content.partition(b"\n")[0]))


@lru_cache(maxsize=1024)
def _named(line: bytes) -> tuple[str, ...]:
    header = line.decode("utf-8", "replace").rstrip("\r")
    return tuple(field.strip('"') for field in header.split("\t"))
