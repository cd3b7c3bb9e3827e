"""The engine that computes features: Ibis on DuckDB, in a folder of its own that goes with it."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import ibis

from mods import atomic
from mods.errors import InputError, ModsError, ResourceError, SettingError

MEMORY = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT])(i?)B", re.IGNORECASE)
UNITS = "KMGT"
FULL = re.compile(
    r"no space left|file too large|quota exceeded|could not write|write .*failed", re.I
)
BESIDE = 128 << 20
SPILL = "mods-spill"
Failure = duckdb.Error


@contextmanager
def connected(memory: str = "4GB") -> Iterator[Any]:
    """A connection that ends, with what it spilled to disk, when the block does.

    What killed processes spilled goes first.
    """
    with atomic.scratch(SPILL) as spill:
        con = connect(memory, str(spill))
        try:
            yield con
        except RuntimeError as error:
            if "interrupted" not in str(error).lower():
                raise
            raise KeyboardInterrupt from None  # DuckDB's word for Ctrl-C
        finally:
            con.disconnect()


def connect(memory: str = "4GB", spill: str | None = None) -> Any:
    """An Ibis connection to DuckDB in memory, in UTC, on all cores, spilling to disk.

    `memory` is what the whole process may take: the engine gets what is left of it, a quarter at
    least.

    >>> connect("1GB").name
    'duckdb'
    """
    limit = max(amount(memory) - resident() - BESIDE, amount(memory) // 4)
    folder = spill or os.path.join(tempfile.gettempdir(), f"mods-spill-{os.getpid()}")
    try:
        con = ibis.duckdb.connect(
            memory_limit=f"{limit}B",
            temp_directory=folder,
            threads=_cores(),
            preserve_insertion_order=False,
        )
    except duckdb.Error:
        raise _no_memory(memory) from None
    # DuckDB plans nested selects as well as fused ones, which cost a seventh of the compilation
    ibis.options.sql.fuse_selects = False
    con.raw_sql("SET TimeZone = 'UTC'")
    # Asked before, since a notebook without ipywidgets has none and refuses the setting as such.
    if con.raw_sql("SELECT current_setting('enable_progress_bar')").fetchall()[0][0]:
        con.raw_sql("SET enable_progress_bar = false")
    return con


def amount(memory: str) -> int:
    """Bytes, from `1GB` (10^9) or `1GiB` (2^30).

    >>> amount("1.5 GB"), amount("512MiB")
    (1500000000, 536870912)
    """
    match = MEMORY.fullmatch(memory.strip())
    if match is None:
        raise _no_memory(memory)
    number, unit, binary = match.groups()
    return int(float(number) * (1024 if binary else 1000) ** (UNITS.index(unit.upper()) + 1))


def resident() -> int:
    """Bytes that this process has in memory now; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def explain(failure: duckdb.Error, where: object) -> ModsError:
    """What the engine failed at, as an error of ours."""
    text = str(failure).strip()
    if isinstance(failure, duckdb.OutOfMemoryException):
        return ResourceError(
            f"the memory does not suffice ({text.splitlines()[0]})",
            where=where,
            fix="Raise --memory, or free some disk space in the temporary folder",
        )
    if isinstance(failure, duckdb.IOException) and FULL.search(text):
        return ResourceError(
            f"the disk refuses ({text.splitlines()[0]})",
            where=where,
            fix="Free some space there, or in the temporary folder (TMPDIR)",
        )
    return InputError(f"cannot be computed ({text.splitlines()[0]})", where=where)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _no_memory(memory: str) -> SettingError:
    return SettingError(
        f"{memory!r} is no amount of memory", where="memory", fix="Write it as in 4GB or 512MB"
    )
