"""Incomplete: which windows a log that was left out as broken would have counted in."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from mods.dataset import lost
from mods.dataset.lost import Lost
from mods.features.datapool.about import Incomplete
from mods.features.store import Manifest
from mods.features.store.manifest import Source

MICROSECONDS = 1e6


def told(
    known: Sequence[Incomplete], skipped: Iterable[tuple[Path, str]], used: Iterable[str | Path]
) -> tuple[Incomplete, ...]:
    """What the pool lacks: what it lacked before, without the logs that were used now, and more."""
    return _told(known, skipped, used, ())


def of_manifest(
    known: Sequence[Incomplete], skipped: Iterable[tuple[Path, str]], new: Manifest
) -> tuple[Incomplete, ...]:
    """The same where it is known of each log where it lies and when its records were."""
    sources = [one for one in new.sources.values() if one.first is not None]
    used = (path for one in new.sources.values() for path in one.paths)
    return _told(known, skipped, used, sources)


def _told(
    known: Sequence[Incomplete],
    skipped: Iterable[tuple[Path, str]],
    used: Iterable[str | Path],
    sources: Sequence[Source],
) -> tuple[Incomplete, ...]:
    kept = {one.file: one for one in known}
    for path in used:
        kept.pop(str(path), None)
    fresh = [(path.absolute(), why) for path, why in skipped if isinstance(why, Lost)]
    kept |= {str(path): _one(path, why, sources) for path, why in fresh}
    return tuple(kept[file] for file in sorted(kept))


def _one(path: Path, why: Lost, sources: Sequence[Source]) -> Incomplete:
    times = _times(path, [one for one in sources if one.protocol == why.log], sources)
    begin, end = ("", "") if times is None else map(_moment, (times[0], math.ceil(times[1])))
    return Incomplete(why.log, begin, end, str(path), str(why))


def _times(path: Path, same: Sequence[Source], every: Sequence[Source]) -> lost.Times | None:
    """When the log was written: by its name, else from its first record to the next log's first."""
    span = lost.named(path)
    if span is not None:
        shift = lost.shift(
            [(Path(p), (one.first or 0) / MICROSECONDS) for one in every for p in one.paths]
        )
        return span[0] + shift, span[1] + shift
    seen = lost.readable(path)
    if seen is None:
        return None
    later = ((one.first or 0) / MICROSECONDS for one in same)
    reach = ((one.last or 0) / MICROSECONDS for one in every)
    end = min((one for one in later if one > seen[1]), default=max((seen[1], *reach)))
    return seen[0], end


def _moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(math.floor(seconds), UTC):%Y-%m-%dT%H:%M:%SZ}"
