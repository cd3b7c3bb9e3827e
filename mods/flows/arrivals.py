"""Arrivals: which of the logs that lie there are new, known, copies, or earlier states of others.

A log is known by what it holds, never by its name. Where path, size, time and inode are as they
were, it is not opened again. Of two states of one growing log the longer one counts:

- a file that begins with all that a known log held takes that log's place (`current/conn.log`
  grew, or was rotated into `conn.00:00:00-01:00:00.log.gz`);
- a file with which a known log begins counts nothing;
- a file at a known path with the same head (opened at the same second, the same first record) but
  not the same beginning was mended: it takes the place of what was there;
- a file at a known path with another head is the next log: the one before stays.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mods.dataset import identity, packing, succession
from mods.dataset.files import LogFile
from mods.dataset.lost import Lost
from mods.errors import LogError
from mods.features.store import Manifest, Source
from mods.features.store.manifest import Stat

log = logging.getLogger(__name__)
Key = tuple[str, str]


@dataclass(frozen=True)
class Log:
    """One log, by what it holds: `path` where it lies now, `gone_from` where it lay, `number` where
    its panes are known.
    """

    protocol: str
    identity: str
    head: str
    path: Path | None
    number: int | None = None
    file: LogFile | None = None
    gone_from: tuple[str, ...] = ()

    @property
    def length(self) -> int:
        """Bytes, unpacked."""
        return succession.length(self.identity)


@dataclass
class Arrivals:
    """What came of looking at the logs.

    fresh:     the logs to read
    known:     numbers of logs that lie there and whose panes are kept
    earlier:   logs that are the beginning of another, and that other one
    replaced:  numbers of logs whose lines another holds now, and that other one
    seen:      per log (identity) every path it lies at, with size, time and inode
    skipped:   paths that count nothing, and why
    """

    fresh: list[Log] = field(default_factory=list)
    known: set[int] = field(default_factory=set)
    earlier: list[tuple[Log, Log]] = field(default_factory=list)
    replaced: dict[int, Log] = field(default_factory=dict)
    seen: dict[str, dict[str, Stat]] = field(default_factory=dict)
    skipped: list[tuple[Path, str]] = field(default_factory=list)


def look(files: Iterable[LogFile], manifest: Manifest, *, skip_broken: bool) -> Arrivals:
    """Sort the logs that were found; LogError for a damaged one (`skip_broken`: it is listed)."""
    arrivals = Arrivals()
    index = {
        path: (one, state) for one in manifest.sources.values() for path, state in one.paths.items()
    }
    numbers = {(one.protocol, one.identity): one.number for one in manifest.sources.values()}
    there: dict[Key, Log] = {}
    for file in files:
        try:
            one, state = _known(file, *index.get(_name(file.path), (None, None)))
        except LogError as error:
            if not skip_broken:
                raise
            log.warning("left out: %s", error)
            arrivals.skipped.append((file.path, Lost.of(error.message, file.header.path)))
            continue
        arrivals.seen.setdefault(one.identity, {})[_name(file.path)] = state
        key = one.protocol, one.identity
        if key in there:
            reason = f"holds the same lines as {there[key].path}"
            arrivals.skipped.append((file.path, reason))
        else:
            number = numbers.get(key)
            there[key] = Log(one.protocol, one.identity, one.head, file.path, number, file)
    _sort(arrivals, list(there.values()), manifest)
    _replaced_in_place(arrivals, index)
    return arrivals


def _name(path: Path | None) -> str:
    return str(path.absolute()) if path else ""


def _known(file: LogFile, one: Source | None, state: Stat | None) -> tuple[Source, Stat]:
    """What the log holds: believed where the file is as it was, else found by reading it."""
    try:
        now = file.path.stat()
    except OSError as error:
        raise LogError(packing.reason(error), where=file.path, fix=packing.FIX) from None
    stat = now.st_size, now.st_mtime_ns, now.st_ino
    if one is not None and state == stat:
        return one, stat
    key, head = identity.of(file.path), succession.head(file.path)
    return Source(0, key, head, file.header.path, {}), stat


def _sort(arrivals: Arrivals, there: Sequence[Log], manifest: Manifest) -> None:
    """Tell new from known, and of the states of one log the longest from the others."""
    lying = {one.number for one in there}
    gone = [
        Log(one.protocol, one.identity, one.head, None, one.number, None, tuple(one.paths))
        for one in manifest.sources.values() if one.number not in lying and one.within is None
    ]  # fmt: skip
    families: dict[Key, list[Log]] = {}
    for one in sorted([*there, *gone], key=lambda one: -one.length):
        families.setdefault((one.protocol, one.head), []).append(one)
    for (_, head), family in families.items():
        alone = len(family) == 1 or not head
        for position, one in enumerate(family):
            longer = None if alone else _longer(one, family[:position])
            _place(arrivals, one, longer, manifest)
    arrivals.fresh.sort(key=lambda one: str(one.path))


def _longer(one: Log, others: Sequence[Log]) -> Log | None:
    """The first of the longer logs that begins with this one.

    Of two that are known it was settled before. A log that is gone cannot be read again: that it
    began with the same comments and the same record has to do.
    """
    for other in others:
        settled = one.number is not None and other.number is not None
        if settled or other.length <= one.length or _name(one.path) in other.gone_from:
            continue
        if other.path is None or succession.begins(other.path, one.identity):
            return other
    return None


def _place(arrivals: Arrivals, one: Log, longer: Log | None, manifest: Manifest) -> None:
    source = manifest.sources.get(one.number) if one.number is not None else None
    if source is not None and source.within is not None:
        arrivals.known.add(source.number)
        other = manifest.sources[source.within]
        _skip(arrivals, one, next(iter(other.paths), "a log read before"))
    elif longer is not None:
        _skip(arrivals, one, longer.path or "a log read before")
        if one.path is not None:
            arrivals.earlier.append((one, longer))
        if source is not None:
            arrivals.replaced[source.number] = longer
    elif source is not None:
        if one.path is not None:
            arrivals.known.add(source.number)
    else:
        arrivals.fresh.append(one)


def _skip(arrivals: Arrivals, one: Log, longer: object) -> None:
    if one.path is not None:
        arrivals.skipped.append((one.path, f"is the beginning of {longer}"))


def _replaced_in_place(arrivals: Arrivals, index: dict[str, tuple[Source, Stat]]) -> None:
    """A log that was mended where it lay takes the place of what it was."""
    for one in arrivals.fresh:
        if not one.head or _name(one.path) not in index:
            continue
        old, _ = index[_name(one.path)]
        settled = old.number in arrivals.known or old.number in arrivals.replaced
        if not settled and (old.protocol, old.head) == (one.protocol, one.head):
            arrivals.replaced[old.number] = one
