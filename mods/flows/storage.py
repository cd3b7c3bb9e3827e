"""Storage: how much a pool takes, from when to when, and what may go."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from mods import duration, paths
from mods.errors import DatapoolError, SettingError, UsageError
from mods.features import datapool, engines
from mods.features.datapool import about, exchange
from mods.features.datapool import change as pools
from mods.features.datapool.change import Change
from mods.features.datapool.parts import BY
from mods.features.datapool.places import Place
from mods.features.store import Manifest, growth, manifest, retention
from mods.features.store.changes import DAY, EPOCH
from mods.request import StorageRequest

LONGEST = 99_999  # days; before so many, no calendar of Python begins
Row = dict[str, Any]


@dataclass(frozen=True)
class Storage:
    """What a pool takes (`rows`), and what was or would be trimmed (`freed`)."""

    pool: Path
    rows: Sequence[Row]
    freed: Sequence[Row]
    dry_run: bool

    def record(self) -> dict[str, Any]:
        """The answer as a program reads it; sizes in bytes."""
        return {
            "pool": str(self.pool),
            "total": sum(row["bytes"] for row in self.rows),
            "storage": list(self.rows),
            "trimmed": list(self.freed),
            "dry_run": self.dry_run,
        }

    def text(self) -> str:
        """The answer as a person reads it."""
        from mods.visualization import terminal

        total = sum(row["bytes"] for row in self.rows)
        lines = [terminal.table([_shown(row) for row in self.rows]), f"in all {total / 1e6:.2f} MB"]
        if self.freed:
            said = "would be trimmed:" if self.dry_run else "trimmed:"
            lines += ["", said, terminal.table([_shown(row) for row in self.freed])]
        return "\n".join(lines)


def storage(request: StorageRequest) -> Storage:
    """Tell what panes, windows and the rest of a pool take; trim what is older than asked for.

    Ages count back from the newest day of the pool. Windows whose panes went are final: they stay
    as they were written. Raises DatapoolError where there is no pool, ResourceError where the disk
    refuses; the pool is changed whole or not at all.
    """
    place = Path(request.data) if request.data else paths.features()
    if not place.is_dir():
        raise DatapoolError("is no datapool folder", where=place, fix="Give the folder of a pool")
    about.refuse_part(place)
    kept = {"panes": age(request.keep_panes), "windows": age(request.keep_days)}
    if request.dry_run or not any(kept.values()):
        return Storage(place, rows(place), _old(place, kept), request.dry_run)
    with datapool.changing(place) as change:
        freed = _old(place, kept)
        if freed:
            _trim(change, kept)
    return Storage(place, rows(place), freed, dry_run=False)


def age(text: str | None) -> int | None:
    """Whole days, as in `30d` or `4w`; None for none given. Raises SettingError for another length.

    >>> age("30d"), age("4w")
    (30, 28)
    """
    if not text:
        return None
    try:
        days = duration.parse(text) / timedelta(days=1)
    except UsageError:
        days = 0.0
    if not (days.is_integer() and 1 <= days <= LONGEST):
        raise SettingError(
            f"{text!r} is no number of days", where="keep", fix="Write it as in 30d or 4w"
        )
    return int(days)


def rows(pool: Path) -> list[Row]:
    """What lies in the pool: windows and panes per protocol, then the rest."""
    found = _windows([one for part in _parts(pool) for one in pools.there(pool / part)])
    for slide in manifest.slides(pool):
        kept = _manifest(pool, slide)
        for name in kept.protocols():
            size = sum(one.size for one in kept.batched(name))
            found.append(_row(f"panes of {slide} s", name, size, _days(kept, name)))
    total = sum(path.stat().st_size for path in pool.rglob("*") if path.is_file())
    rest = total - sum(row["bytes"] for row in found)
    found.append(_row("other (manifests, headers)", "", rest, set()))
    left = exchange.left(pool)
    if left:
        size = sum(path.stat().st_size for one in left for path in one.rglob("*") if path.is_file())
        found.append(_row("left by killed runs; the next mods prepare clears it", "", size, set()))
    return found


def _old(pool: Path, kept: Mapping[str, int | None]) -> list[Row]:
    """What is older than asked for."""
    first = _first(pool, kept["windows"])
    found = _windows([one for part in _parts(pool) for one in _before(pool / part, first)])
    first = _first(pool, kept["panes"])
    for slide in manifest.slides(pool) if first else ():
        known = _manifest(pool, slide)
        for name in known.protocols():
            days = {day for day in _days(known, name) if first and day < first}
            if days and first:
                size = retention.freed(known, name, (first - EPOCH).days)
                found.append(_row(f"panes of {slide} s", name, size, days))
    return found


def _trim(change: Change, kept: Mapping[str, int | None]) -> None:
    """Take the old windows and panes out of the draft."""
    first = _first(change.pool, kept["windows"])
    for part in _parts(change.pool):
        here = change.part(part) if part else change
        here.remove(_before(here.pool, first))
    begin = _first(change.pool, kept["panes"])
    for slide in manifest.slides(change.pool):
        known = _manifest(change.pool, slide)
        folder = manifest.folder(change.folder, slide)
        if first is not None:
            closed = (first - EPOCH).days
            known = replace(known, closed=max(closed, known.closed or closed))
        if begin is not None:
            with engines.connected() as con:
                known = retention.trimmed(con, folder, known, (begin - EPOCH).days)
        growth.save(folder, known)


def _parts(pool: Path) -> list[str]:
    """The pool itself, and those of entities in it."""
    inner = (path.parent.relative_to(pool).as_posix() for path in pool.glob(f"{BY}/*/{about.FILE}"))
    return ["", *sorted(inner)]


def _before(pool: Path, first: date | None) -> list[Place]:
    return [one for one in pools.there(pool) if first is not None and one.day.date() < first]


def _windows(places: Sequence[Place]) -> list[Row]:
    found: dict[str, list[Place]] = {}
    for one in sorted(places, key=lambda one: one.protocol):
        found.setdefault(one.protocol, []).append(one)
    return [
        _row("windows", name, sum(map(_size, some)), {one.day.date() for one in some})
        for name, some in found.items()
    ]


def _first(pool: Path, days: int | None) -> date | None:
    """The first day to be kept: so many, the newest one counted."""
    if days is None:
        return None
    newest = [one.day.date() for one in pools.there(pool)]
    for slide in manifest.slides(pool):
        known = _manifest(pool, slide)
        newest += [day for name in known.protocols() for day in _days(known, name)]
    return max(newest) - timedelta(days - 1) if newest else None


def _manifest(pool: Path, slide: int) -> Manifest:
    found = manifest.read(pool, slide)
    if found is None:
        raise DatapoolError("keeps no panes", where=pool)
    return found


def _size(place: Place) -> int:
    """Bytes on disk; inside a zip, packed."""
    if place.member is None:
        return place.source.stat().st_size
    with zipfile.ZipFile(place.source) as archive:
        return archive.getinfo(place.member).compress_size


def _days(known: Manifest, protocol: str) -> set[date]:
    """The first and the last day of a protocol's panes."""
    ends = [end for one in known.batched(protocol) for run in one.panes for end in run]
    return (
        {EPOCH + timedelta(end * known.slide // DAY) for end in (min(ends), max(ends))}
        if ends
        else set()
    )


def _row(what: str, protocol: str, size: int, days: set[date]) -> Row:
    return {
        "what": what,
        "protocol": protocol,
        "bytes": size,
        "oldest": str(min(days)) if days else None,
        "newest": str(max(days)) if days else None,
    }


def _shown(row: Row) -> Row:
    shown = {name: value or "" for name, value in row.items() if name != "bytes"}
    return {**shown, "MB": f"{row['bytes'] / 1e6:.2f}"}
