"""Where the windows of each protocol and day lie: in folders, in daily or in monthly zips.

`PROTOCOL/YYYY/MM/DD/w01h-s10m.tsv` (or `.parquet`), below the pool's folder or inside a zip in it.
"""

from __future__ import annotations

import logging
import os
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mods.errors import DatapoolError, UsageError
from mods.features.datapool import archives, parts
from mods.timerange import TimeRange
from mods.window import NAME as WINDOW
from mods.window import Window

log = logging.getLogger(__name__)
MEMBER = re.compile(
    rf"([A-Za-z0-9_]+)/(\d{{4}})/(\d{{2}})/(\d{{2}})/({WINDOW.pattern})(\.tsv|\.parquet)", re.ASCII
)
APART = (parts.BY, "panes")
DAYS = "*/[0-9][0-9][0-9][0-9]/[0-9][0-9]/[0-9][0-9]/w*-s*"


@dataclass(frozen=True)
class Place:
    """The file with the windows of one protocol that start on one day."""

    protocol: str
    day: datetime
    window: str
    source: Path
    member: str | None = None
    suffix: str = ".tsv"

    def __str__(self) -> str:
        return f"{self.source}:{self.member}" if self.member else str(self.source)

    @property
    def key(self) -> str:
        """What two places may not share: the path in the reference's layout without its ending."""
        return f"{self.protocol}/{self.day:%Y/%m/%d}/{self.window}"

    @property
    def name(self) -> str:
        """The path in the reference's layout."""
        return f"{self.key}{self.suffix}"

    def overlaps(self, time_range: TimeRange | None) -> bool:
        """Whether windows that start on this day may lie in the range."""
        if time_range is None:
            return True
        reaches = time_range.end > self.day or (time_range.end_in and time_range.end == self.day)
        return reaches and time_range.begin - self.day < timedelta(days=1)


@dataclass(frozen=True)
class Found:
    """The places of a pool by day, of two for one day the first; what was set aside, and why.

    twice:   (the place that stays, the other one for the same protocol, day and window)
    broken:  the zips that cannot be opened, or are refused
    """

    places: list[Place]
    twice: list[tuple[Place, Place]] = field(default_factory=list)
    broken: dict[Path, DatapoolError] = field(default_factory=dict)


def find(path: Path) -> Found:
    """What a pool holds. A zip that cannot be opened is passed over with a warning.

    Raises DatapoolError where nothing can be read, or where a day lies in two places.
    """
    found = survey(path)
    for error in found.broken.values():
        log.warning("%s It is left out.", error)
    unique(found)
    return found


def survey(path: Path) -> Found:
    """What a pool holds, also one with days in two places; DatapoolError where there is nothing."""
    if not path.exists():
        raise DatapoolError(
            "there is no such datapool", where=path, fix="Make one: mods prepare LOGS --output POOL"
        )
    found = in_folder(path) if path.is_dir() else _sorted(in_zip(path), {})
    if found.places:
        return found
    for error in found.broken.values():
        raise error
    raise DatapoolError(
        "holds no windows",
        where=path,
        fix="Expected are files such as conn/2019/06/01/w01h-s10m.tsv, in folders or zips: mods"
        " prepare makes them of logs",
    )


def in_folder(path: Path) -> Found:
    """The places below a folder and in the zips below it; none is no error."""
    files = (file for ending in (".tsv", ".parquet") for file in path.glob(f"{DAYS}{ending}"))
    named = ((file, file.relative_to(path).as_posix()) for file in files)
    found = [place for file, name in named if (place := _place(name, file))]
    broken: dict[Path, DatapoolError] = {}
    for file in _zips(path):
        try:
            found += in_zip(file)
        except DatapoolError as error:
            broken[file] = error
    return _sorted(found, broken)


def _zips(path: Path) -> list[Path]:
    """The zips below a folder, those of its parts left out: they are pools of their own."""
    found: list[Path] = []
    for folder, inside, names in os.walk(path):
        if Path(folder) == path:
            inside[:] = [name for name in inside if name not in APART]
        found += [Path(folder, name) for name in names if name.endswith(".zip")]
    return sorted(found)


def in_zip(path: Path) -> list[Place]:
    """The places inside one zip; raises DatapoolError where it is broken, hostile or too big."""
    named = ((name, _place(name, path, inside=True)) for name in archives.names(path))
    return [place for _, place in named if place is not None]


def unique(found: Found) -> None:
    """Raise DatapoolError where two places hold the same day."""
    for first, second in found.twice:
        raise DatapoolError(
            f"{first.key} lies in two places: {first} and {second}",
            where="datapool",
            fix="Remove one of them",
        )


def read(
    places: list[Place], limit: int | None = None
) -> tuple[dict[Place, bytes], dict[Place, DatapoolError]]:
    """The bytes of each place, and what was wrong with those that cannot be read.

    Each zip is opened once. With a limit only so many bytes of each text are read.
    """
    contents: dict[Place, bytes] = {}
    broken: dict[Place, DatapoolError] = {}
    sources: dict[Path, list[Place]] = {}
    for place in places:
        sources.setdefault(place.source, []).append(place)
    for source, mine in sources.items():
        with archives.opened(source, inside=mine[0].member is not None) as archive:
            for place in mine:
                # what a Parquet file holds is told at its end
                bound = limit if place.suffix == ".tsv" else None
                try:
                    contents[place] = archive.read(place.member, bound)
                except DatapoolError as error:
                    broken[place] = error
    return contents, broken


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
    return Place(protocol, date, window, source, name if inside else None, match.groups()[-1])


def _sorted(places: list[Place], broken: dict[Path, DatapoolError]) -> Found:
    """The places by day; of two for the same day the first stays."""
    seen: dict[str, Place] = {}
    twice = []
    for place in sorted(places, key=lambda place: (place.day, place.key, str(place))):
        first = seen.setdefault(place.key, place)
        if first is not place:
            twice.append((first, place))
    return Found(list(seen.values()), twice, broken)
