"""Which files of a folder tree are Zeek logs that we want, and why the others are not read."""

from __future__ import annotations

import gzip
import hashlib
import logging
import os
import zlib
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from mods.dataset.zeek import Header, header
from mods.errors import InputError, LogError

log = logging.getLogger(__name__)
PROTOCOLS = ("conn", "dns", "sip", "http", "ssl", "ssh")
HEADER_BYTES = 1 << 20
SKIP_FIX = "Repair or remove it, or pass --skip_broken"


@dataclass(frozen=True)
class LogFile:
    """One log file: where it lies, what its header says, its size on disk in bytes."""

    path: Path
    header: Header
    size: int


@dataclass(frozen=True)
class Found:
    """The logs to read, in the order of their paths, and the files left out with the reason."""

    logs: tuple[LogFile, ...]
    skipped: tuple[tuple[Path, str], ...]

    def of(self, protocol: str) -> tuple[LogFile, ...]:
        """The logs of one protocol."""
        return tuple(one for one in self.logs if one.header.path == protocol)


def find(place: Path, wanted: Collection[str] = PROTOCOLS, *, skip_broken: bool = False) -> Found:
    """Look through a folder tree (or at one file) for logs whose `#path` is wanted.

    Raises InputError where there is no such place and LogError where nothing in it can be read,
    or where a file that by its name is a wanted log cannot be (unless `skip_broken`).
    """
    if not place.exists():
        raise InputError("there is no such file or folder", where=place, fix="Give a log folder")
    logs: list[LogFile] = []
    skipped: list[tuple[Path, str]] = []
    for path in _walk(place, skipped, skip_broken):
        try:
            outcome = _look(path, wanted)
        except LogError as error:
            if not skip_broken:
                raise
            log.warning("left out: %s", error)
            outcome = error.message
        if isinstance(outcome, str):
            skipped.append((path, outcome))
        else:
            logs.append(outcome)
    logs, twins = _without_twins(logs)
    if not logs:
        raise _nothing(place, wanted, skipped)
    logs.sort(key=lambda one: one.path)
    return Found(tuple(logs), tuple(sorted(skipped + twins)))


def opened(path: Path) -> IO[bytes]:
    """The bytes of a log, unpacked if its name ends in .gz."""
    return cast(IO[bytes], gzip.open(path)) if path.suffix == ".gz" else path.open("rb")


def _walk(place: Path, skipped: list[tuple[Path, str]], skip_broken: bool) -> Iterator[Path]:
    """All files under a folder in order; links to folders and closed folders are noted."""

    def closed(error: OSError) -> None:
        if not skip_broken:
            raise LogError(_reason(error), where=error.filename, fix=SKIP_FIX)
        skipped.append((Path(error.filename), _reason(error)))

    if not place.is_dir():
        yield place
        return
    for folder, folders, names in os.walk(place, onerror=closed):
        folders.sort()
        links = [Path(folder, name) for name in folders if Path(folder, name).is_symlink()]
        skipped += [(link, "a link to a folder") for link in links]
        yield from (Path(folder, name) for name in sorted(names))


def _look(path: Path, wanted: Collection[str]) -> LogFile | str:
    """The log, or the reason why it is none that we want; LogError for a broken wanted one."""
    try:
        lines = list(_header_lines(path))
        if lines and lines[0].lstrip().startswith("{"):
            return "JSON lines are not read yet, only Zeek's TSV"
        found = header(lines)
        size = path.stat().st_size
    except (LogError, OSError, EOFError, zlib.error) as error:
        return _broken(path, wanted, _reason(error))
    if found is None:
        return _broken(path, wanted, "has no Zeek header (#fields, #types)")
    if found.path not in wanted:
        return f"a log of {found.path!r}, which no feature needs"
    return LogFile(path, found, size)


def _reason(error: Exception) -> str:
    if isinstance(error, LogError):
        return error.message
    if isinstance(error, EOFError):
        return "is cut short: its gzip stream ends too early"
    if isinstance(error, (gzip.BadGzipFile, zlib.error)):
        return "is no whole gzip file"
    return f"cannot be read ({getattr(error, 'strerror', None) or error})"


def _header_lines(path: Path) -> Iterator[str]:
    """The `#` lines at the top and the first line after them, at most HEADER_BYTES in all."""
    if not path.is_file():
        raise LogError("is no plain file")
    left = HEADER_BYTES
    with opened(path) as stream:
        while left > 0 and (line := stream.readline(left)):
            left -= len(line)
            yield line.decode("latin-1")
            if not line.startswith(b"#"):
                return


def _broken(path: Path, wanted: Collection[str], reason: str) -> str:
    """The reason, where the file's name claims no wanted log; else LogError."""
    protocol, _, rest = path.name.partition(".")
    claims = protocol in wanted and rest.removesuffix(".gz").endswith("log")
    if claims:
        raise LogError(reason, where=path, fix=SKIP_FIX)
    return reason


def _without_twins(logs: list[LogFile]) -> tuple[list[LogFile], list[tuple[Path, str]]]:
    """Leave `x.log.gz` out where `x.log` lies beside it and holds the same bytes."""
    plain = {log.path: log for log in logs}
    kept, twins = [], []
    for log in logs:
        other = log.path.with_suffix("")
        if log.path.suffix == ".gz" and other in plain and _digest(log.path) == _digest(other):
            twins.append((log.path, f"holds the same lines as {other.name} beside it"))
        else:
            kept.append(log)
    return kept, twins


def _digest(path: Path) -> str:
    """sha256 of the content; a file that cannot be read to its end resembles no other."""
    digest = hashlib.sha256()
    try:
        with opened(path) as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    except (OSError, EOFError, zlib.error):
        return str(path)
    return digest.hexdigest()


def _nothing(place: Path, wanted: Collection[str], skipped: list[tuple[Path, str]]) -> LogError:
    reasons = Counter(reason for _, reason in skipped).most_common(1)
    why = "".join(f"; {count} of them: {reason}" for reason, count in reasons)
    return LogError(
        f"no Zeek log of {', '.join(wanted)} among {len(skipped)} files{why}",
        where=place,
        fix="Give a folder with logs such as conn.log or conn.00:00:00-01:00:00.log.gz",
    )
