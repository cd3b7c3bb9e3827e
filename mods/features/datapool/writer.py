"""write(): windows into a datapool, all or nothing.

The new pool is built as a draft beside the old one, which shares the files that stay, and takes its
place by a rename; whatever fails before that leaves the old pool as it was.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
from filelock import FileLock, Timeout

from mods.errors import DatapoolError, ResourceError, SettingError
from mods.features.datapool import about, draft, places
from mods.features.datapool.about import About
from mods.features.datapool.places import Place
from mods.window import Window

log = logging.getLogger(__name__)
PATIENCE_SECONDS = 10.0


def write(
    output: str | os.PathLike[str],
    tables: dict[str, pd.DataFrame],
    window: Window,
    *,
    layout: str,
    local_networks: tuple[str, ...],
    catalogue: str,
) -> None:
    """Write the windows of each protocol in the reference's layout.

    tables:  per protocol, by `window_start` (UTC); Int64 or float64 columns in their order, NA for
        an empty cell
    layout:  `folders`, `daily` or `monthly` (zips), or `parquet`

    Windows already there between the first and the last new one are replaced, others stay. Raises
    DatapoolError where the pool has other local networks or another catalogue, ResourceError where
    the disk refuses; in both cases the pool stays as it was.
    """
    _check(tables, layout, output)
    pool = Path(output).resolve()
    mine = About((str(window),), tuple(local_networks), catalogue)
    try:
        pool.parent.mkdir(parents=True, exist_ok=True)
        with _alone(pool):
            _recover(pool)
            fresh = _beside(pool, "tmp")
            try:
                _build(fresh, pool, tables, window, layout, mine)
                _swap(fresh, pool)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
    except OSError as error:
        raise ResourceError(
            f"cannot be written: {error.strerror or error}",
            where=output,
            fix="Free some space, or give another --output",
        ) from error


def _check(tables: dict[str, pd.DataFrame], layout: str, where: object) -> None:
    if layout not in draft.LAYOUTS:
        raise SettingError(
            f"{layout!r} is not known", where="layout", fix=f"Give {', '.join(draft.LAYOUTS)}"
        )
    for protocol, table in tables.items():
        index = table.index
        if not isinstance(index, pd.DatetimeIndex) or str(index.tz) != "UTC":
            raise DatapoolError("its windows are not in UTC", where=protocol)
        if not index.is_unique:
            raise DatapoolError(f"has {index[index.duplicated()][0]} twice", where=protocol)
    if not any(len(table) for table in tables.values()):
        raise DatapoolError(
            "there is no window to write",
            where=where,
            fix="Give logs that span at least one window, or a shorter --window_slide",
        )


def _build(
    fresh: Path,
    pool: Path,
    tables: dict[str, pd.DataFrame],
    window: Window,
    layout: str,
    mine: About,
) -> None:
    """The whole pool as it shall be, under `fresh`."""
    there = _there(pool)
    if pool.is_dir():
        mine = about.read(pool).joined(mine, pool)
        draft.copy(pool, fresh)
    else:
        fresh.mkdir()
    same = [place for place in there if place.window == str(window)]
    files = list(draft.days(tables, same, window))
    rewritten = {place.key for place, _ in files} | _within(same, tables)
    draft.remove(fresh, pool, [place for place in same if place.key in rewritten])
    draft.store(fresh, files, layout, draft.averages(tables))
    (fresh / about.FILE).unlink(missing_ok=True)
    (fresh / about.FILE).write_text(mine.text(), "utf-8")


def _there(pool: Path) -> list[Place]:
    """The places of the pool so far; DatapoolError where it is a file, or unlike ours."""
    if not pool.exists():
        return []
    if not pool.is_dir():
        raise DatapoolError("is a file, not a folder", where=pool, fix="Give another --output")
    listed = places.in_folder(pool)
    for error in listed.broken.values():
        log.warning("%s It is left as it is.", error)
    places.unique(listed)
    found = listed.places
    if found and not (pool / about.FILE).is_file():
        raise DatapoolError(
            f"holds windows but no {about.FILE}, so their local networks are not known",
            where=pool,
            fix="Give another --output",
        )
    return found


def _within(old: list[Place], tables: dict[str, pd.DataFrame]) -> set[str]:
    """The old files of days from the first to the last new window."""
    starts = [table.index for table in tables.values() if len(table)]
    first, last = min(one.min() for one in starts), max(one.max() for one in starts)
    return {place.key for place in old if first.floor("D") <= place.day <= last}


def _swap(fresh: Path, pool: Path) -> None:
    """Let the draft take the pool's place; two renames, the first undone if the second fails."""
    if not pool.exists():
        fresh.rename(pool)
        return
    old = _beside(pool, "old")
    pool.rename(old)
    try:
        fresh.rename(pool)
    except OSError:
        old.rename(pool)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _recover(pool: Path) -> None:
    """Clear what an interrupted run left: an old pool goes back, or away where a new one stands."""
    for old in sorted(pool.parent.glob(f".{pool.name}-*.old")):
        if not pool.exists():
            old.rename(pool)
        shutil.rmtree(old, ignore_errors=True)
    for unfinished in pool.parent.glob(f".{pool.name}-*.tmp"):
        shutil.rmtree(unfinished, ignore_errors=True)


def _beside(pool: Path, what: str) -> Path:
    return pool.with_name(f".{pool.name}-{secrets.token_hex(4)}.{what}")


@contextmanager
def _alone(pool: Path) -> Iterator[None]:
    """Only one writer at a time."""
    try:
        with FileLock(pool.with_name(f".{pool.name}.lock"), timeout=PATIENCE_SECONDS):
            yield
    except Timeout:
        raise ResourceError(
            "another process is writing it", where=pool, fix="Wait until it has finished"
        ) from None
