"""export(): the same pool in another layout, cell for cell."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pyarrow as pa

from mods import atomic
from mods.errors import DatapoolError, UsageError
from mods.features.datapool import (
    about,
    cells,
    draft,
    formats,
    parquet,
    parts,
    places,
    tables,
)
from mods.features.datapool.places import Place
from mods.progress import Progress, shown
from mods.window import Window

log = logging.getLogger(__name__)


def export(pool: Path, output: Path, layout: str) -> int:
    """Write all windows of a pool to a new folder in another layout; returns how many files.

    The pools of its entities (--by) come along, panes do not. Raises DatapoolError where a file of
    the pool cannot be read, or where it is itself the part of an entity, UsageError where the
    output is there already. The output is written whole or not at all.
    """
    if output.exists():
        raise UsageError("is there already", where=output, fix="Give another --output")
    about.refuse_part(pool)
    with atomic.making(output) as fresh:
        written = _written(pool, fresh, layout)
        for part in sorted((pool / parts.BY).glob(f"*/{about.FILE}")):
            name = part.parent.name
            written += _written(part.parent, fresh / parts.BY / name, layout)
    return written


def _written(pool: Path, fresh: Path, layout: str) -> int:
    """One pool, without its parts, in its new folder; how many files there were."""
    found = places.find(pool)
    for error in found.broken.values():
        raise error
    fresh.mkdir(parents=True, exist_ok=True)
    with shown(f"export {pool.name}", len(found.places), "file") as progress:
        averages = _averages(found.places) if layout == "parquet" else {}
        draft.store(fresh, _texts(found.places, progress), layout, averages)
    told = (pool if pool.is_dir() else pool.parent) / about.FILE
    if told.is_file():
        shutil.copyfile(told, fresh / about.FILE)
    return len(found.places)


def _texts(found: list[Place], progress: Progress) -> Iterator[tuple[Place, bytes]]:
    """Every place with its text, day by day; each month is read in one go."""
    for _, month in groupby(found, key=lambda place: (place.day.year, place.day.month)):
        for place, content in _read(list(month)).items():
            progress.advance(1, str(place.day.date()))
            yield place, formats.as_text(place, content)


def _averages(found: list[Place]) -> dict[str, frozenset[str]]:
    """Per protocol the columns that are not whole numbers in each of its files."""
    averages: dict[str, set[str]] = {place.protocol: set() for place in found}
    for _, day in groupby(found, key=lambda place: place.day):
        for place, content in _read(list(day)).items():
            averages[place.protocol] |= _fractional(place, content)
    return {protocol: frozenset(names) for protocol, names in averages.items()}


def _fractional(place: Place, content: bytes) -> set[str]:
    loaded, broken = tables.parse({place: content}, Window.parse(place.window))
    for error in broken.values():
        raise error
    try:
        table = (
            parquet.load(content, place)
            if content.startswith(formats.MAGIC)
            else cells.load([content], {})
        )
    except pa.ArrowException as error:
        raise DatapoolError(f"is no table of windows: {error}", where=place) from None
    return {field.name for field in table.schema if pa.types.is_floating(field.type)}


def _read(found: list[Place]) -> dict[Place, bytes]:
    contents, broken = places.read(found)
    for error in broken.values():
        raise error
    return contents
