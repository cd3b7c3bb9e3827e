"""write(): windows into a datapool, all or nothing.

The new pool is built as a draft beside the old one, which shares the files that stay, and takes its
place by a rename; whatever fails before that leaves the old pool as it was.
"""

from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path

import pandas as pd

from mods.errors import DatapoolError, ResourceError, SettingError
from mods.features.datapool import about, draft, exchange, places
from mods.features.datapool.about import About
from mods.features.datapool.places import Place
from mods.window import Window

log = logging.getLogger(__name__)


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
        with exchange.alone(pool):
            fresh = exchange.beside(pool, "tmp")
            try:
                _build(fresh, pool, tables, window, layout, mine)
                exchange.swap(fresh, pool)
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
    known = there(pool)
    if pool.is_dir():
        mine = about.read(pool).joined(mine, pool)
        draft.copy(pool, fresh)
    else:
        fresh.mkdir()
    same = [place for place in known if place.window == str(window)]
    files = list(draft.days(tables, same, window))
    rewritten = {place.key for place, _ in files} | _within(same, tables)
    draft.remove(fresh, pool, [place for place in same if place.key in rewritten])
    draft.store(fresh, files, layout, draft.averages(tables))
    (fresh / about.FILE).unlink(missing_ok=True)
    (fresh / about.FILE).write_text(mine.text(), "utf-8")


def there(pool: Path) -> list[Place]:
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
