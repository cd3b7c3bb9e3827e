"""Prepare: Zeek logs become a datapool of windowed features."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from mods import paths
from mods.dataset import files
from mods.errors import InputError
from mods.features import catalog, datapool, directions, engine, windows
from mods.features.panes import MICROSECONDS
from mods.features.windows import Span
from mods.flows import intake
from mods.flows.intake import MEGABYTE, Reader, Reading
from mods.flows.prepared import LogCount, Prepared
from mods.progress import shown
from mods.request import PrepareRequest
from mods.window import Window

log = logging.getLogger(__name__)


def prepare(request: PrepareRequest) -> Prepared:
    """Read the logs once, and write a datapool of their windows.

    Raises LogError for a log that cannot be read (with `skip_broken` it is left out and listed),
    InputError where no window comes of them; the datapool is written whole or not at all.
    """
    window, place = Window.parse(request.window_slide), Path(request.logs)
    local = directions.networks(request.local_networks)
    output = Path(request.output) if request.output else paths.features()
    found = files.find(place, catalog.PROTOCOLS, skip_broken=request.skip_broken)
    skipped = list(found.skipped)
    with engine.connected(request.memory) as con:
        try:
            readings = _read(Reader(con, window, local, request.skip_broken, skipped), found)
            span = _span(readings, window, place)
            tables = _tables(readings, span)
        except engine.Failure as failure:
            raise engine.explain(failure, place) from failure
    datapool.write(
        output,
        tables,
        window,
        layout=request.layout,
        local_networks=local,
        catalogue=catalog.identity(),
    )
    done = Prepared(
        output=output,
        window=str(window),
        catalogue=catalog.identity(),
        local_networks=local,
        span=(_iso(span.first * window.slide), _iso(span.last * window.slide + window.length)),
        logs={name: _count(one, tables[name]) for name, one in readings.items()},
        used=[path for one in readings.values() for path in one.files],
        skipped=skipped,
    )
    for hint in done.hints:
        log.warning("%s", hint)
    return done


def _read(reader: Reader, found: files.Found) -> dict[str, Reading]:
    """The readings of the protocols that have logs, in the catalogue's order."""
    size = sum(one.size for one in found.logs) / MEGABYTE
    readings = {}
    with shown("read logs", size, "MB") as progress:
        for protocol in catalog.PROTOCOLS:
            logs = found.of(protocol)
            reading = intake.read(reader, protocol, logs, progress) if logs else None
            if reading is not None:
                readings[protocol] = reading
    return readings


def _span(readings: Mapping[str, Reading], window: Window, place: Path) -> Span:
    """The windows wholly inside the time of all records; InputError where there is none."""
    earliest = [one.earliest for one in readings.values() if one.earliest is not None]
    latest = [one.latest for one in readings.values() if one.latest is not None]
    if not earliest:
        raise InputError("the logs hold no record", where=place, fix="Give another log folder")
    span = Span.of(window, min(earliest), max(latest))
    if not len(span):
        first, last = (_iso(time // MICROSECONDS) for time in (min(earliest), max(latest)))
        raise InputError(
            f"the records from {first} to {last} hold no whole window of {window}",
            where=place,
            fix="Give more logs, or a shorter window as in --window_slide w10m-s01m",
        )
    return span


def _tables(readings: Mapping[str, Reading], span: Span) -> dict[str, pd.DataFrame]:
    tables = {}
    with shown("merge panes into windows", len(readings), "log") as progress:
        for protocol, reading in readings.items():
            tables[protocol] = windows.table(reading.panes, span)
            progress.advance(1, protocol)
    return tables


def _count(reading: Reading, table: pd.DataFrame) -> LogCount:
    return replace(reading.count, windows=len(table))


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
