"""Files that look sound, but that the engine cannot read to their end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb

from mods.dataset.files import SKIP_FIX, LogFile
from mods.dataset.mending import TOO_LONG
from mods.dataset.reader import records
from mods.errors import LogError


def broken(con: Any, files: Sequence[LogFile]) -> dict[LogFile, LogError]:
    """The files that the engine cannot read to their end, found by reading each alone.

    An engine that runs out of memory says nothing about files: its error is passed on.
    """
    found = {}
    for one in files:
        try:
            records(con, [one], ()).count().to_pyarrow()
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as error:
            found[one] = LogError(_reason(str(error)), where=one.path, fix=SKIP_FIX)
    return found


def _reason(text: str) -> str:
    """What the engine says about a file, in our words."""
    if "end of GZIP stream" in text:
        return "is cut short: its compressed stream ends too early"
    if "GZIP" in text or "inflate" in text:
        return "is no whole gzip file"
    if "Maximum line size" in text:
        return TOO_LONG
    return f"cannot be read ({text.strip().splitlines()[0]})"
