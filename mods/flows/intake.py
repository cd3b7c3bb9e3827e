"""Intake: the logs of one protocol become panes, each record read once, each fault counted."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mods.dataset import damage, mending, schema
from mods.dataset import reader as zeek
from mods.dataset.files import LogFile
from mods.dataset.lost import Lost
from mods.errors import LogError
from mods.features import directions, engines, entities
from mods.features.catalog import REFERENCE, Catalogue
from mods.features.entities import By
from mods.features.panes import Panes
from mods.flows import tally
from mods.flows.prepared import LogCount
from mods.progress import Progress
from mods.window import Window

log = logging.getLogger(__name__)
ZEEK_LOCAL, ENDS = ("local_orig", "local_resp"), ("id.orig_h", "id.resp_h")
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
    catalogue: Catalogue = REFERENCE
    by: By | None = None

    def columns(self, protocol: str) -> tuple[str, ...]:
        """The columns that features are computed from."""
        return self.catalogue.needed(protocol)

    def optional(self, protocol: str) -> tuple[str, ...]:
        """Columns that tell direction and entity where a log has them."""
        ends = () if self.catalogue.directed(protocol) else ENDS
        asked = (*ZEEK_LOCAL, *ends, *(self.by.columns if self.by else ()))
        return tuple(name for name in asked if name not in self.columns(protocol))


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
    columns, optional = reader.columns(protocol), reader.optional(protocol)
    logs = sound(reader, logs, schema.faults(logs, columns, optional=optional))
    types = schema.types(logs, [*schema.REQUIRED, *columns, *optional])
    panes = Panes(reader.con, reader.catalogue.features(protocol), reader.window)
    kept: list[LogFile] = []
    for batch in _batches(logs):
        with TemporaryDirectory(prefix="mods-copies-") as folder:
            readable = mended(reader, protocol, batch, logs, Path(folder))
            kept += _add(reader, panes, protocol, readable, types)
        progress.advance(sum(one.size for one in batch) / MEGABYTE, protocol)
    return _counted(panes, kept, columns) if kept else None


def sound(
    reader: Reader, logs: Sequence[LogFile], errors: Mapping[LogFile, LogError]
) -> list[LogFile]:
    """The logs without those with an error; the first error is raised unless told to skip."""
    for one, error in errors.items():
        if not reader.skip_broken:
            raise error
        log.warning("left out: %s", error)
        reader.skipped.append((one.path, Lost.of(error.message, one.header.path)))
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


def mended(
    reader: Reader, protocol: str, batch: Sequence[LogFile], logs: Sequence[LogFile], folder: Path
) -> list[LogFile]:
    """The logs of a batch as they can be read; the parts of one have to fit all the others."""
    found, errors = mending.sound(batch, folder)
    found = sound(reader, found, errors)
    copied = [one for one in found if one.copies]
    if not copied:
        return found
    columns, optional = reader.columns(protocol), reader.optional(protocol)
    faults = schema.faults([*logs, *copied], columns, optional=optional)
    return sound(reader, found, {one: faults[one] for one in copied if one in faults})


def _add(
    reader: Reader, panes: Panes, protocol: str, logs: Sequence[LogFile], types: Mapping[str, str]
) -> Sequence[LogFile]:
    """Take the records of some logs into the panes; the logs that were read."""
    columns, optional = reader.columns(protocol), reader.optional(protocol)
    while logs:
        records = zeek.records(reader.con, logs, columns, optional=optional, types=types)
        try:
            labelled = directions.label(records, reader.local)
            panes.add(entities.label(labelled, reader.by))
            break
        except engines.Failure:
            errors = damage.broken(reader.con, logs)
            if not errors:
                raise
            logs = sound(reader, logs, errors)
    return logs


def _counted(panes: Panes, logs: Sequence[LogFile], columns: Collection[str]) -> Reading:
    count = tally.total(tally.by_file(panes, logs, columns))
    earliest, latest = panes.reach()
    return Reading(panes, [one.path for one in logs], count, earliest, latest)
