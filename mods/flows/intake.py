"""Intake: the logs of one protocol become panes, each record read once, each fault counted."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mods.dataset import damage, schema
from mods.dataset import reader as zeek
from mods.dataset.files import LogFile
from mods.errors import LogError
from mods.features import catalog, directions, engine
from mods.features.panes import NONE, Panes
from mods.flows.prepared import LogCount
from mods.progress import Progress
from mods.window import Window

log = logging.getLogger(__name__)
ZEEK_LOCAL = ("local_orig", "local_resp")
BATCH_BYTES = 256 << 20
MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Reader:
    """How logs are to be read; what is left out on the way is added to `skipped`."""

    con: Any
    window: Window
    local: tuple[str, ...]
    skip_broken: bool
    skipped: list[tuple[Path, str]]


@dataclass(frozen=True)
class Reading:
    """The panes of one protocol, and the outermost time stamps of its records (microseconds)."""

    panes: Panes
    files: Sequence[Path]
    count: LogCount
    earliest: int | None
    latest: int | None


def read(
    reader: Reader, protocol: str, logs: Sequence[LogFile], progress: Progress
) -> Reading | None:
    """Read the logs of one protocol; None where, without the broken ones, nothing is left.

    Raises LogError for a broken log, unless `skip_broken`.
    """
    optional = _optional(protocol)
    logs = _sound(reader, logs, schema.faults(logs, catalog.needed(protocol), optional=optional))
    panes = Panes(reader.con, catalog.features(protocol), reader.window)
    kept: list[LogFile] = []
    for batch in _batches(logs):
        kept += _add(reader, panes, protocol, batch)
        progress.advance(sum(one.size for one in batch) / MEGABYTE, protocol)
    if not kept:
        return None
    headers = panes.counts("line_fault").get(zeek.HEADER, 0)
    errors = damage.changed(kept) if headers > len(kept) else {}
    if errors:
        return read(reader, protocol, _sound(reader, kept, errors), progress)
    return _counted(panes, kept)


def _optional(protocol: str) -> tuple[str, ...]:
    """Columns that tell the direction where a log has them."""
    return tuple(name for name in ZEEK_LOCAL if name not in catalog.needed(protocol))


def _sound(
    reader: Reader, logs: Sequence[LogFile], errors: Mapping[LogFile, LogError]
) -> list[LogFile]:
    """The logs without those with an error; the first error is raised unless told to skip."""
    for one, error in errors.items():
        if not reader.skip_broken:
            raise error
        log.warning("left out: %s", error)
        reader.skipped.append((one.path, error.message))
    return [one for one in logs if one not in errors]


def _batches(logs: Sequence[LogFile]) -> Iterator[list[LogFile]]:
    """The logs in their order, in portions of about BATCH_BYTES."""
    batch: list[LogFile] = []
    size = 0
    for one in logs:
        batch.append(one)
        size += one.size
        if size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _add(reader: Reader, panes: Panes, protocol: str, logs: Sequence[LogFile]) -> Sequence[LogFile]:
    """Take the records of some logs into the panes; the logs that were read."""
    columns, optional = catalog.needed(protocol), _optional(protocol)
    while logs:
        records = zeek.records(reader.con, logs, columns, optional=optional)
        try:
            panes.add(directions.label(records, reader.local))
            break
        except engine.Failure:
            errors = damage.broken(reader.con, logs)
            if not errors:
                raise
            logs = _sound(reader, logs, errors)
    return logs


def _counted(panes: Panes, logs: Sequence[LogFile]) -> Reading:
    ways = panes.counts("direction", sound=True)
    faults = panes.counts("line_fault")
    count = LogCount(
        files=len(logs),
        directions={way: ways.get(way, 0) for way in catalog.DIRECTIONS},
        no_direction=ways.get(NONE, 0),
        rejected={why: n for why, n in faults.items() if why != zeek.HEADER},
        unreadable=panes.counts("value_fault", sound=True),
    )
    earliest, latest = panes.reach()
    return Reading(panes, [one.path for one in logs], count, earliest, latest)
