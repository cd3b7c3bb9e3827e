"""Prepare: Zeek logs become a datapool of windowed features, or add to one."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from mods import paths
from mods.dataset import json_lines, packing
from mods.dataset.files import LogFile
from mods.errors import DatapoolError, InputError
from mods.features import engines
from mods.features.datapool import about
from mods.features.datapool.change import Change, changing
from mods.features.panes import MICROSECONDS
from mods.features.store import manifest
from mods.features.store.changes import DAY
from mods.features.table import Table
from mods.features.windows import Span
from mods.flows import gather, incomplete, increment, local
from mods.flows.cut import Cut
from mods.flows.intake import Reading
from mods.flows.prepared import LogCount, Prepared
from mods.progress import shown
from mods.request import PrepareRequest
from mods.window import Window

log = logging.getLogger(__name__)


def prepare(request: PrepareRequest) -> Prepared:
    """Read the logs that are new, keep their panes, and write the windows that they change.

    Raises LogError for a log that cannot be read (with `skip_broken` it is left out and listed),
    InputError where no record comes of them, DatapoolError where the pool was made otherwise,
    ResourceError where disk or memory do not suffice; the datapool is changed whole or not at all.
    """
    output = Path(request.output) if request.output else paths.features()
    with changing(output, anew=request.rebuild) as change:
        done = _at_once(request, change) if _keeps_none(request) else increment.add(request, change)
    done = replace(done, output=output, networks_from=local.find(request)[1])
    for hint in done.hints:
        log.warning("%s", hint)
    return done


def _at_once(request: PrepareRequest, change: Change) -> Prepared:
    """Write the windows of these logs, and keep no panes."""
    mine, window = gather.about(request), Window.parse(request.window_slide)
    change.says(mine)
    if not change.anew and manifest.read(change.pool, window.slide) is not None:
        raise DatapoolError(
            "keeps panes, which would not know of these windows",
            where=change.pool,
            fix="Leave --no_panes and --engine out, give another --output, or make it anew with"
            " --rebuild",
        )
    found = gather.found(request)
    if request.engine == engines.SPARK:
        _check_forms(found.logs)
    skipped = list(found.skipped)
    with engines.connected(request.memory, engine=request.engine, master=request.master) as con:
        try:
            readings = gather.readings(gather.reader(con, request, skipped), found.logs)
            span = _span(readings, window, request.logs)
            cut = _cut(readings, span, window, entities=bool(mine.by))
        except engines.Failure as failure:
            raise engines.explain(failure, request.logs) from failure
    tables = cut.whole
    if not any(len(table) for table in tables.values()):
        raise InputError("no whole window holds a record", where=request.logs, fix="Give more logs")
    known = () if change.anew else about.read(change.pool).incomplete
    used = [path for one in readings.values() for path in one.files]
    mine = replace(mine, incomplete=incomplete.told(known, skipped, used))
    cut.extend(change, mine, request.layout)
    return Prepared(
        output=change.pool,
        window=str(window),
        catalogue=str(mine.catalogue),
        local_networks=mine.local_networks or (),
        span=gather.bounds(span, window),
        logs={name: _count(one, tables[name]) for name, one in readings.items()},
        used=used,
        skipped=skipped,
        new=sum(len(one.files) for one in readings.values()),
        days=_days(tables),
        incomplete=mine.incomplete,
    )


def _keeps_none(request: PrepareRequest) -> bool:
    """Spark keeps no panes: they lie in DuckDB's reach."""
    return request.no_panes or request.engine == engines.SPARK


def _check_forms(logs: Sequence[LogFile]) -> None:
    """InputError for a log that Spark does not read."""
    for one in logs:
        packed = packing.kind(one.path)
        if one.header.form == json_lines.FORM or packed == "zstd":
            form = "JSON lines" if one.header.form == json_lines.FORM else "zstd"
            raise InputError(
                f"is {form}; Spark reads Zeek's TSV, plain or gz",
                where=one.path,
                fix="Use --engine duckdb",
            )


def _days(tables: Mapping[str, Table]) -> int:
    """On how many days windows start."""
    return len({start // DAY for table in tables.values() for start in table.starts})


def _span(readings: Mapping[str, Reading], window: Window, place: str) -> Span:
    """The windows wholly inside the time of all records; InputError where there is none."""
    earliest = [one.earliest for one in readings.values() if one.earliest is not None]
    latest = [one.latest for one in readings.values() if one.latest is not None]
    if not earliest:
        raise increment.no_record(place)
    span = Span.of(window, min(earliest), max(latest))
    if not len(span):
        first, last = (gather.moment(t // MICROSECONDS) for t in (min(earliest), max(latest)))
        raise InputError(
            f"the records from {first} to {last} hold no whole window of {window}",
            where=place,
            fix="Give more logs, or a shorter window as in --window_slide w10m-s01m",
        )
    return span


def _cut(readings: Mapping[str, Reading], span: Span, window: Window, *, entities: bool) -> Cut:
    found = Cut(window, entities)
    with shown("merge panes into windows", len(readings), "log") as progress:
        for protocol, reading in readings.items():
            found.add(protocol, reading.panes, span)
            progress.advance(1, protocol)
    return found


def _count(reading: Reading, table: Table) -> LogCount:
    return replace(reading.count, windows=len(table))
