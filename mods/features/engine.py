"""The engine that computes features: Ibis on DuckDB, in a folder of its own that goes with it."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import ibis

from mods.errors import InputError, ModsError, ResourceError, SettingError

MEMORY = re.compile(r"\d+(\.\d+)?\s*(KB|MB|GB|TB|KiB|MiB|GiB|TiB)", re.IGNORECASE)
Failure = duckdb.Error


@contextmanager
def connected(memory: str = "4GB") -> Iterator[Any]:
    """A connection that ends, with what it spilled to disk, when the block does."""
    with tempfile.TemporaryDirectory(prefix="mods-") as spill:
        con = connect(memory, spill)
        try:
            yield con
        finally:
            con.disconnect()


def connect(memory: str = "4GB", spill: str | None = None) -> Any:
    """An Ibis connection to DuckDB in memory, in UTC, on all cores, spilling beyond `memory`.

    >>> connect("1GB").name
    'duckdb'
    """
    if MEMORY.fullmatch(memory.strip()) is None:
        raise _no_memory(memory)
    folder = spill or os.path.join(tempfile.gettempdir(), f"mods-spill-{os.getpid()}")
    try:
        con = ibis.duckdb.connect(
            memory_limit=memory.strip(),
            temp_directory=folder,
            threads=_cores(),
            preserve_insertion_order=False,
        )
    except duckdb.Error:
        raise _no_memory(memory) from None
    # DuckDB plans nested selects as well as fused ones, which cost a seventh of the compilation
    ibis.options.sql.fuse_selects = False
    con.raw_sql("SET TimeZone = 'UTC'")
    con.raw_sql("SET enable_progress_bar = false")
    return con


def explain(failure: duckdb.Error, where: object) -> ModsError:
    """What the engine failed at, as an error of ours."""
    text = str(failure).strip()
    if isinstance(failure, duckdb.OutOfMemoryException):
        return ResourceError(
            f"the memory does not suffice ({text.splitlines()[0]})",
            where=where,
            fix="Raise --memory, or free some disk space in the temporary folder",
        )
    return InputError(f"cannot be computed ({text.splitlines()[0]})", where=where)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _no_memory(memory: str) -> SettingError:
    return SettingError(
        f"{memory!r} is no amount of memory", where="memory", fix="Write it as in 4GB or 512MB"
    )
