"""Which files of a folder tree are Zeek logs that we want, and why the others are not read."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mods.dataset import content, json_lines, packing, walk
from mods.dataset.json_lines import log_name
from mods.dataset.lost import Lost
from mods.dataset.walk import Skipped
from mods.dataset.zeek import Header, header
from mods.errors import InputError, LogError

log = logging.getLogger(__name__)
PROTOCOLS = ("conn", "dns", "sip", "http", "ssl", "ssh")
HEADER_BYTES = 1 << 20
SAMPLE = 200
SKIP_FIX = packing.FIX


@dataclass(frozen=True)
class LogFile:
    """One log file: where it lies, what its header says, its size on disk in bytes.

    `copies` hold its lines where it cannot be read as it stands (mending.py): header and place.
    """

    path: Path
    header: Header
    size: int
    copies: tuple[tuple[Header, Path], ...] = ()


@dataclass(frozen=True)
class Found:
    """The logs to read, in the order of their paths, and the files left out with the reason."""

    logs: tuple[LogFile, ...]
    skipped: tuple[tuple[Path, str], ...]

    def of(self, protocol: str) -> tuple[LogFile, ...]:
        """The logs of one protocol."""
        return tuple(one for one in self.logs if one.header.path == protocol)


def find(
    place: Path,
    wanted: Collection[str] = PROTOCOLS,
    *,
    skip_broken: bool = False,
    among: Callable[[Sequence[Path]], Callable[[Path], bool]] | None = None,
) -> Found:
    """Look through a folder tree (or at one file) for logs whose `#path` is wanted.

    among:  tells, given all paths, which of them to open at all; the others are not told of, and
        there may be none

    JSON logs are known by their `_path` or by their name. Raises InputError where there is no such
    place and LogError where nothing in it can be read, or where a file that by its name is a wanted
    log cannot be (unless `skip_broken`).
    """
    if not place.exists():
        raise InputError("there is no such file or folder", where=place, fix="Give a log folder")
    place = Path(os.path.abspath(place))  # as the engine names the files it read, `..` and all
    logs: list[LogFile] = []
    skipped: Skipped = []
    paths = list(walk.files(place, skipped, skip_broken=skip_broken))
    for path in filter(among(paths) if among else None, paths):
        try:
            outcome = _look(path, wanted)
        except LogError as error:
            if not skip_broken:
                raise
            log.warning("left out: %s", error)
            outcome = Lost.of(error.message, log_name(path))
        if isinstance(outcome, str):
            skipped.append((path, outcome))
        else:
            logs.append(outcome)
    logs, twins = _without_twins(logs)
    if not logs and among is None:
        raise _nothing(place, wanted, skipped)
    logs.sort(key=lambda one: one.path)
    return Found(tuple(logs), tuple(sorted(skipped + twins)))


def _look(path: Path, wanted: Collection[str]) -> LogFile | str:
    """The log, or the reason why it is none that we want; LogError for a broken wanted one."""
    try:
        size = _size(path)
        if not size and packing.kind(path) == "none":
            return "is empty"
        lines = list(_first_lines(path))
        is_json = bool(lines) and lines[0].lstrip().startswith("{")
        found = json_lines.header(log_name(path), lines) if is_json else header(lines)
    except (LogError, *packing.Failure) as error:
        reason = error.message if isinstance(error, LogError) else packing.reason(error)
        return _broken(path, wanted, reason)
    if found is None:
        return _broken(path, wanted, _headless(lines))
    if found.path not in wanted:
        return f"a log of {found.path!r}, which no feature needs"
    return LogFile(path, found, size)


def _size(path: Path) -> int:
    if not path.is_file():
        raise LogError("is no plain file")
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise LogError("its name is no UTF-8") from None
    return path.stat().st_size


def _first_lines(path: Path) -> Iterator[str]:
    """The `#` lines at the top and the first line after them, or the first SAMPLE lines of JSON."""
    left, count = HEADER_BYTES, 0
    with packing.opened(path) as stream:
        while left > 0 and count < SAMPLE and (line := stream.readline(left)):
            line = line.removeprefix(packing.BOM) if left == HEADER_BYTES else line
            left -= len(line)
            yield line.decode("latin-1")
            count += not line.startswith(b"#")
            if count and not line.lstrip().startswith(b"{"):
                return


def _headless(lines: list[str]) -> str:
    return "has no Zeek header (#fields, #types)" if lines else "holds not a single line"


def _broken(path: Path, wanted: Collection[str], reason: str) -> str:
    """The reason, where the file's name claims no wanted log; else LogError."""
    if log_name(path) in wanted and packing.bare(path).name.endswith("log"):
        raise LogError(reason, where=path, fix=SKIP_FIX)
    return reason


def _without_twins(logs: list[LogFile]) -> tuple[list[LogFile], Skipped]:
    """Leave `x.log.gz` out where `x.log` lies beside it and holds the same bytes."""
    plain = {log.path: log for log in logs}
    kept, twins = [], []
    for log in logs:
        other = packing.bare(log.path)
        if other != log.path and other in plain and _key(log.path) == _key(other):
            twins.append((log.path, f"holds the same lines as {other.name} beside it"))
        else:
            kept.append(log)
    return kept, twins


def _key(path: Path) -> str:
    """What the file holds; one that cannot be read to its end resembles no other."""
    try:
        return content.scan(path).key
    except LogError:
        return str(path)


def _nothing(place: Path, wanted: Collection[str], skipped: Skipped) -> LogError:
    reasons = Counter(reason for _, reason in skipped).most_common(1)
    why = "".join(f"; {count} of them: {reason}" for reason, count in reasons)
    return LogError(
        f"no Zeek log of {', '.join(wanted)} among {len(skipped)} files{why}",
        where=place,
        fix="Give a folder with logs such as conn.log or conn.00:00:00-01:00:00.log.gz",
    )
