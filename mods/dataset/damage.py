"""Files that look sound from their header, but cannot be read to their end, or not as one log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb

from mods.dataset.files import SKIP_FIX, LogFile, opened
from mods.dataset.reader import LONGEST_LINE, lines
from mods.errors import LogError


def broken(con: Any, files: Sequence[LogFile]) -> dict[LogFile, LogError]:
    """The files that the engine cannot read to their end, found by reading each alone.

    An engine that runs out of memory says nothing about files: its error is passed on.
    """
    found = {}
    for one in files:
        try:
            lines(con, [one]).count().to_pyarrow()
        except duckdb.OutOfMemoryException:
            raise
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
