"""Building a pool's files: days into folders, daily or monthly zips, beside what is there already.

Works on a draft of the whole pool (writer.py), never on the pool itself.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby
from pathlib import Path

from mods.errors import DatapoolError
from mods.features.datapool import formats, places, text
from mods.features.datapool.places import Place
from mods.features.table import Table
from mods.window import Window

ZIPS = {"daily": "%Y-%m-%d.zip", "monthly": "%Y-%m.zip"}
LAYOUTS = ("folders", *ZIPS, "parquet")
FIRST_DATE = (1980, 1, 1, 0, 0, 0)


def days(new: dict[str, Table], old: list[Place], window: Window) -> Iterator[tuple[Place, bytes]]:
    """Every day of the new tables as its file, day by day.

    Between the first and the last new window the new tables alone count; the windows of an old
    file before and after them stay.
    """
    written = {name: text.lines(table, window) for name, table in new.items()}
    stamps = sorted(row[:24] for _, rows in written.values() for row in rows)
    reach = stamps[0], stamps[-1]
    files: dict[tuple[bytes, str], list[bytes]] = {}
    for protocol, (_, rows) in written.items():
        for day, of_day in groupby(rows, key=lambda row: row[:10]):
            files[day, protocol] = list(of_day)
    headers = {protocol: header for protocol, (header, _) in written.items()}
    for place, (header, kept) in _kept(old, reach).items():
        if headers.setdefault(place.protocol, header) != header:
            raise DatapoolError(
                "has other columns than the new windows", where=place, fix="Give another --output"
            )
        key = f"{place.day:%Y-%m-%d}".encode(), place.protocol
        files[key] = sorted([*files.get(key, []), *kept])
    for (day, protocol), lines in sorted(files.items()):
        moment = datetime.fromisoformat(f"{day.decode()}T00:00:00+00:00")
        place = Place(protocol, moment, str(window), Path())
        yield place, headers[protocol] + b"".join(lines)


def _kept(old: list[Place], reach: tuple[bytes, bytes]) -> dict[Place, tuple[bytes, list[bytes]]]:
    """First line and rows, before or after the new windows, of the old files that have such."""
    edges = [
        place for place in old if f"{place.day:%Y-%m-%d}".encode() in (reach[0][:10], reach[1][:10])
    ]
    contents, broken = places.read(edges)
    for error in broken.values():
        raise error
    found = {}
    for place, content in contents.items():
        header, *rows = formats.as_text(place, content).splitlines(keepends=True) or [b""]
        outside = [row for row in rows if not reach[0] <= row[:24] <= reach[1]]
        if outside:
            found[place] = header, outside
    return found


def store(
    draft: Path,
    files: Iterable[tuple[Place, bytes]],
    layout: str,
    averages: Mapping[str, frozenset[str]],
) -> None:
    """Put the texts, which come day by day, into the draft.

    averages:  per protocol the columns that are not whole numbers
    """
    if layout not in ZIPS:
        for place, content in files:
            packed = layout == "parquet"
            body = formats.packed(content, averages[place.protocol]) if packed else content
            path = draft / f"{place.key}{'.parquet' if packed else '.tsv'}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            path.write_bytes(body)
        return
    by_zip = groupby(files, key=lambda file: f"{file[0].day:{ZIPS[layout]}}")
    for name, members in by_zip:
        _pack(draft / name, {f"{place.key}.tsv": content for place, content in members}, set())


def averages(new: Mapping[str, Table]) -> dict[str, frozenset[str]]:
    """Per protocol the columns that are not whole numbers."""
    return {
        protocol: frozenset(name for name, whole in table.whole.items() if not whole)
        for protocol, table in new.items()
    }


def remove(draft: Path, pool: Path, superseded: list[Place]) -> None:
    """Take the places of the pool out of its draft."""
    zips: dict[Path, set[str]] = {}
    for place in superseded:
        path = draft / place.source.relative_to(pool)
        if place.member is None:
            path.unlink()
            _prune(path.parent, draft)
        else:
            zips.setdefault(path, set()).add(place.member)
    for path, members in zips.items():
        _pack(path, {}, members)


def copy(pool: Path, draft: Path) -> None:
    """The pool's files once more: the same bytes on disk, under a second name."""
    shutil.copytree(pool, draft, symlinks=True, copy_function=_link)


def _link(source: str, target: str) -> None:
    try:
        Path(target).hardlink_to(source)
    except OSError:
        shutil.copy2(source, target)


def _pack(path: Path, added: dict[str, bytes], removed: set[str]) -> None:
    """The zip at `path` made anew, with the same bytes whenever it has the same content."""
    members = {name: body for name, body in _unpacked(path).items() if name not in removed} | added
    path.unlink(missing_ok=True)
    if not members:
        return
    with zipfile.ZipFile(path, "w") as archive:
        for name, body in sorted(members.items()):
            info = zipfile.ZipInfo(name, FIRST_DATE)
            info.compress_type, info.create_system = zipfile.ZIP_DEFLATED, 3
            info.external_attr = 0o644 << 16
            archive.writestr(info, body)


def _unpacked(path: Path) -> dict[str, bytes]:
    if not path.exists():
        return {}
    contents, broken = places.read(places.in_zip(path))
    for error in broken.values():
        raise error
    return {str(place.member): content for place, content in contents.items()}


def _prune(folder: Path, top: Path) -> None:
    """Remove the folder and those above it, below the top, that became empty."""
    while folder != top and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
