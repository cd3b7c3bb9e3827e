"""Settle: what the manifest says once logs came, were replaced by longer ones, or went missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from mods.features.store import Manifest, Source, growth
from mods.flows.arrivals import Arrivals, Log
from mods.flows.intake import Reading

Key = tuple[str, str]


def settled(
    old: Manifest, came: Arrivals, readings: Mapping[str, Reading], folder: Path, *, forget: bool
) -> Manifest:
    """The manifest with what was read now, whose panes are written into the folder.

    forget:  leave out the logs that do not lie there any more
    """
    new = _seen(old, came)
    fresh = {str(one.path): one for one in came.fresh}
    numbers: dict[Key, int] = {}
    for protocol, reading in readings.items():
        logs = {
            str(path): _source(fresh[str(path)], came, reading.count.by_file[path].lacking)
            for path in reading.files
        }
        before = new.next
        new = growth.add(new, folder, protocol, reading.panes, logs)
        keys = ((one.protocol, one.identity) for one in logs.values())
        numbers |= dict(zip(keys, range(before, new.next), strict=True))
    gone = {number for number, other in came.replaced.items() if _number(other, numbers)}
    missing = old.sources.keys() - came.known if forget else set()
    new = new.forget({*gone, *missing})
    return growth.note(new, _beginnings(new, came, numbers))


def _seen(old: Manifest, came: Arrivals) -> Manifest:
    """The manifest with where its logs lie now."""
    moved = {
        number: replace(one, paths={**one.paths, **came.seen[one.identity]})
        for number, one in old.sources.items()
        if one.identity in came.seen
    }
    return replace(old, sources={**old.sources, **moved})


def _source(log: Log, came: Arrivals, lacking: Iterable[str] = ()) -> Source:
    seen = came.seen[log.identity]
    return Source(0, log.identity, log.head, log.protocol, seen, lacking=tuple(lacking))


def _number(log: Log, numbers: Mapping[Key, int]) -> int | None:
    """The number of a log that was known, or that was read now."""
    return log.number or numbers.get((log.protocol, log.identity))


def _beginnings(new: Manifest, came: Arrivals, numbers: Mapping[Key, int]) -> list[Source]:
    """Logs that are the beginning of others, noted so that they need not be looked at again."""
    found = []
    for one, other in came.earlier:
        whole = new.sources.get(_number(other, numbers) or 0)
        if whole is not None:
            within = whole.number if whole.within is None else whole.within
            found.append(replace(_source(one, came), within=within))
    return found
