"""Where the windows of each protocol and day lie: in folders, in daily or in monthly zips.

`PROTOCOL/YYYY/MM/DD/w01h-s10m.tsv`, below the pool's folder or inside a zip in it. The names of
zip members are only compared with that pattern, never used as paths; caps are checked before any
member is unpacked.
"""

from __future__ import annotations

import logging
import lzma
import re
import zipfile
import zlib
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from mods.errors import DatapoolError, UsageError
from mods.timerange import TimeRange
from mods.window import NAME as WINDOW
from mods.window import Window

log = logging.getLogger(__name__)
MEMBER = re.compile(
    rf"([A-Za-z0-9_]+)/(\d{{4}})/(\d{{2}})/(\d{{2}})/({WINDOW.pattern})\.tsv", re.ASCII
)
MAX_MEMBERS = 50_000
MAX_FILE = 256 * 2**20
MAX_TOTAL = 2 * 2**30
BROKEN = (OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error, lzma.LZMAError)


@dataclass(frozen=True)
class Place:
    """The file with the windows of one protocol that start on one day."""

    protocol: str
    day: datetime
    window: str
    source: Path
    member: str | None = None

    def __str__(self) -> str:
        return f"{self.source}:{self.member}" if self.member else str(self.source)

    @property
    def name(self) -> str:
        """The path in the reference's layout."""
        return f"{self.protocol}/{self.day:%Y/%m/%d}/{self.window}.tsv"

    def overlaps(self, time_range: TimeRange | None) -> bool:
        """Whether windows that start on this day may lie in the range."""
        if time_range is None:
            return True
        reaches = time_range.end > self.day or (time_range.end_in and time_range.end == self.day)
        return reaches and time_range.begin - self.day < timedelta(days=1)


def find(path: Path) -> list[Place]:
    """All places of the pool, sorted; a zip that cannot be opened is passed over with a warning.

    Raises DatapoolError where nothing can be read, or where a day lies in two places.
    """
    if not path.exists():
        raise DatapoolError(
            "there is no such datapool", where=path, fix="Make one: mods prepare LOGS --output POOL"
        )
    found = in_folder(path) if path.is_dir() else _unique(in_zip(path))
    if not found:
        raise DatapoolError(
            "holds no windows",
            where=path,
            fix="Expected are files such as conn/2019/06/01/w01h-s10m.tsv, in folders or zips",
        )
    return found


def in_folder(path: Path) -> list[Place]:
    """The places below a folder and in the zips in it; none is no error."""
    files = path.glob("*/[0-9][0-9][0-9][0-9]/[0-9][0-9]/[0-9][0-9]/w*-s*.tsv")
    named = ((file, file.relative_to(path).as_posix()) for file in files)
    found = [place for file, name in named if (place := _place(name, file))]
    for file in sorted(path.glob("*.zip")):
        try:
            found += in_zip(file)
        except DatapoolError as error:
            log.warning("%s It is left out.", error)
    return _unique(found)


def in_zip(path: Path) -> list[Place]:
    """The places inside one zip; raises DatapoolError where it is broken or too big."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (*BROKEN, ValueError) as error:
        raise _broken(path, error) from None
    if len(members) > MAX_MEMBERS:
        raise DatapoolError(f"holds {len(members)} files, more than {MAX_MEMBERS}", where=path)
    total = sum(member.file_size for member in members)
    if total > MAX_TOTAL:
        raise DatapoolError(f"unpacks to {total} bytes, more than {MAX_TOTAL}", where=path)
    return [
        place
        for member in members
        if (place := _place(member.filename, path, inside=True)) is not None
    ]


def read(
    places: list[Place], limit: int | None = None
) -> tuple[dict[Place, bytes], dict[Place, DatapoolError]]:
    """The bytes of each place, and what was wrong with those that cannot be read.

    Each zip is opened once. With a limit only so many bytes of each are read.
    """
    contents: dict[Place, bytes] = {}
    broken: dict[Place, DatapoolError] = {}
    for source, mine in _by_source(places).items():
        try:
            with zipfile.ZipFile(source) if mine[0].member else nullcontext() as archive:
                for place in mine:
                    try:
                        contents[place] = _content(place, archive, limit)
                    except DatapoolError as error:
                        broken[place] = error
        except (*BROKEN, ValueError) as error:
            broken.update(dict.fromkeys(mine, _broken(source, error)))
    return contents, broken


def _by_source(places: list[Place]) -> dict[Path, list[Place]]:
    sources: dict[Path, list[Place]] = {}
    for place in places:
        sources.setdefault(place.source, []).append(place)
    return sources


def _content(place: Place, archive: zipfile.ZipFile | None, limit: int | None) -> bytes:
    try:
        if archive is None or place.member is None:
            size = place.source.stat().st_size
            with place.source.open("rb") as file:
                return _bounded(place, file, size, limit)
        size = archive.getinfo(place.member).file_size
        with archive.open(place.member) as member:
            return _bounded(place, member, size, limit)
    except (*BROKEN, KeyError, ValueError) as error:
        raise _broken(place, error) from None


def _bounded(place: Place, file: IO[bytes], size: int, limit: int | None) -> bytes:
    if size > MAX_FILE:
        raise DatapoolError(f"unpacks to {size} bytes, more than {MAX_FILE}", where=place)
    # read(n) unpacks no further than n, whatever the stream holds
    return file.read(size + 1 if limit is None else min(limit, size + 1))


def _broken(where: object, error: Exception) -> DatapoolError:
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return DatapoolError(f"cannot be read: {reason}", where=where, fix="Restore it or remove it")


def _place(name: str, source: Path, *, inside: bool = False) -> Place | None:
    match = MEMBER.fullmatch(name)
    if match is None:
        return None
    protocol, year, month, day, window = match.groups()[:5]
    try:
        date = datetime(int(year), int(month), int(day), tzinfo=UTC)
        window = str(Window.parse(window))
    except (ValueError, UsageError):
        return None
    return Place(protocol, date, window, source, name if inside else None)


def _unique(places: list[Place]) -> list[Place]:
    """The places sorted; DatapoolError where two hold the same day."""
    seen: dict[str, Place] = {}
    for place in sorted(places, key=lambda place: (place.day, place.name, str(place))):
        if place.name in seen:
            raise DatapoolError(
                f"{place.name} lies in two places: {seen[place.name]} and {place}",
                where="datapool",
                fix="Remove one of them",
            )
        seen[place.name] = place
    return list(seen.values())
