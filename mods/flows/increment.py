"""Increment: what these logs add to the panes that a pool keeps, and which days that changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mods.errors import DatapoolError, InputError
from mods.features import engines
from mods.features.catalog import Catalogue
from mods.features.datapool import about
from mods.features.datapool.change import Change
from mods.features.panes import MICROSECONDS, Panes
from mods.features.store import Manifest, Source, batches, changes, compaction, growth, manifest
from mods.features.store.runs import Runs
from mods.features.table import Table
from mods.flows import arrivals, gather, incomplete, settle, tally
from mods.flows.arrivals import Arrivals
from mods.flows.cut import Cut
from mods.flows.prepared import LogCount, Prepared
from mods.progress import shown
from mods.request import PrepareRequest
from mods.window import Window

TOO_LATE = "{} of the logs read have records before {}, where panes were trimmed: windows are final"
TOO_SHORT = (
    "the records from {} to {} hold no whole window of {} yet; their panes are kept: add logs,"
    " or give a shorter window as in --window_slide w10m-s01m"
)


@dataclass(frozen=True)
class Increment:
    """One run: what is kept so far, what lies there now, and what is left out on the way."""

    request: PrepareRequest
    window: Window
    old: Manifest
    came: Arrivals
    skipped: list[tuple[Path, str]]


def add(request: PrepareRequest, change: Change) -> Prepared:
    """Keep the panes of the logs that are new, and write the days that they change.

    Where nothing is new nothing is written. Raises DatapoolError where the pool's panes do not fit.
    """
    mine, window = gather.about(request), Window.parse(request.window_slide)
    change.says(mine)
    empty = Manifest(window.slide, str(mine.catalogue), mine.local_networks or (), mine.by)
    old = kept(change, empty, window)
    found = gather.found(request)
    came = arrivals.look(found.logs, old, skip_broken=request.skip_broken)
    one = Increment(request, window, old, came, [*found.skipped, *came.skipped])
    new, cut, days = old, Cut(window), None
    if came.fresh or _moved(one):
        new, cut, days = _computed(one, manifest.folder(change.folder, window.slide))
    known = () if change.anew else about.read(change.pool).incomplete
    mine = replace(mine, incomplete=incomplete.of_manifest(known, one.skipped, new))
    count = 0
    if days is not None or mine.incomplete != known:
        count = cut.replace(change, changes.dates(days or ()), mine, request.layout)
    return replace(_told(one, new, cut.whole), days=count, incomplete=mine.incomplete)


def kept(change: Change, empty: Manifest, window: Window) -> Manifest:
    """What the pool keeps of logs read before; `empty` where it keeps nothing.

    Raises DatapoolError where its panes are of other entities, or its windows came without panes.
    """
    found = None if change.anew else manifest.read(change.pool, empty.slide)
    if found is None:
        if str(window) in change.windows():
            raise DatapoolError(
                f"holds windows {window} that came without panes",
                where=change.pool,
                fix="Pass --no_panes, give another --output, or make it anew with --rebuild",
            )
        return empty
    if found.entities != empty.entities:
        raise DatapoolError(
            f"keeps panes by {found.entities or 'no entity'}, not by {empty.entities or 'none'}",
            where=change.pool,
            fix="Give another --output, the same --by, or make it anew with --rebuild",
        )
    return found


def no_record(place: str) -> InputError:
    """Logs without any record."""
    return InputError("the logs hold no record", where=place, fix="Give another log folder")


def _moved(one: Increment) -> bool:
    """Whether, without any log to be read, the manifest or the windows would change."""
    new = settle.settled(one.old, one.came, {}, Path(), forget=one.request.forget_missing)
    return new != one.old or bool(changes.days(one.old, new, one.window))


def _computed(one: Increment, folder: Path) -> tuple[Manifest, Cut, Runs]:
    """Panes and manifest in the folder, and the windows of the days that changed."""
    request = one.request
    fresh = [log.file for log in one.came.fresh if log.file is not None]
    with engines.connected(request.memory) as con:
        try:
            readings = gather.readings(gather.reader(con, request, one.skipped), fresh)
            forget = request.forget_missing
            new = settle.settled(one.old, one.came, readings, folder, forget=forget)
            if new.reach() is None:
                raise no_record(request.logs)
            days = changes.days(one.old, new, one.window)
            cut = _cut(con, folder, new, one, days)
            new = growth.written(one.old, new, one.window)
            growth.save(folder, compaction.compact(con, folder, new))
        except engines.Failure as failure:
            raise engines.explain(failure, request.logs) from failure
    return new, cut, days


def _cut(con: Any, folder: Path, new: Manifest, one: Increment, days: Runs) -> Cut:
    """The windows that start on these days, out of the panes on disk."""
    window, catalogue = one.window, gather.catalogue(one.request)
    found = Cut(window, entities=bool(new.entities))
    spans = list(changes.stretches(days, changes.span(new, window), window))
    protocols = [name for name in catalogue.protocols if name in new.protocols()]
    with shown("merge panes into windows", len(spans) * len(protocols), "log") as progress:
        for protocol in protocols:
            for span in spans:
                reach = span.first, span.last + window.panes - 1
                held = batches.within(con, folder, new, protocol, reach)
                if held:
                    features = catalogue.features(protocol)
                    panes = Panes.of(con, features, window, held.pop(batches.SUMS), held)
                    found.add(protocol, panes, span)
                progress.advance(1, protocol)
    return found


def _told(one: Increment, new: Manifest, tables: Mapping[str, Table]) -> Prepared:
    """What came of it: the counts are those of all logs that lie there, read now or before."""
    there = [
        log for log in new.sources.values() if log.identity in one.came.seen and log.within is None
    ]
    asked = gather.catalogue(one.request)
    protocols = [name for name in asked.protocols if any(log.protocol == name for log in there)]
    left_out = {path for path, _ in one.skipped}
    paths = (Path(path) for log in there for path in log.paths)
    span = changes.span(new, one.window)
    reach = tuple(gather.moment(time // MICROSECONDS) for time in new.reach() or (0, 0))
    return Prepared(
        output=Path(),
        window=str(one.window),
        catalogue=new.catalogue,
        local_networks=new.local_networks,
        span=gather.bounds(span, one.window) if len(span) else (reach[0], reach[1]),
        logs={
            name: replace(
                _count([log for log in there if log.protocol == name], left_out, asked),
                windows=len(tables.get(name, ())),
            )
            for name in protocols
        },
        used=sorted(path for path in paths if path not in left_out),
        skipped=one.skipped,
        new=sum(log.number not in one.old.sources for log in there),
        notes=[*([] if len(span) else [TOO_SHORT.format(*reach, one.window)]), *_late(one, new)],
    )


def _late(one: Increment, new: Manifest) -> list[str]:
    """What came too late for windows whose panes are gone."""
    if new.begin is None:
        return []
    begin = new.begin * new.slide
    fresh = [log for number, log in new.sources.items() if number not in one.old.sources]
    late = [log for log in fresh if log.first is not None and log.first < begin * MICROSECONDS]
    return [TOO_LATE.format(len(late), gather.moment(begin))] if late else []


def _count(logs: list[Source], left_out: Collection[Path], asked: Catalogue) -> LogCount:
    """The records of some logs, as they were counted when they were read."""
    by_file = {}
    for log in logs:
        there = sorted(Path(path) for path in log.paths)
        path = next((one for one in there if one not in left_out), there[0])
        lacking = dict.fromkeys(log.lacking, 1)
        counted = tally.of(log.counts, directed=asked.directed(log.protocol))
        by_file[path] = replace(counted, lacking=lacking)
    return tally.total(by_file)
