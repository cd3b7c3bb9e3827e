"""Datapool: windows on disk, read back as a series."""

from __future__ import annotations

import logging
from collections.abc import Hashable, Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from mods.config import DEFAULT_QUERY
from mods.errors import DatapoolError, offered
from mods.features.datapool import about, parts, places, selection, tables
from mods.features.datapool.places import Place
from mods.query import Query, Selection
from mods.timerange import TimeRange
from mods.window import Window

log = logging.getLogger(__name__)
HEADER = 2**16
Between = tuple[pd.Timestamp, pd.Timestamp]


class Datapool:
    """A folder in the reference's layout, with or without daily or monthly zips, or one zip.

    window:  which of the windows in the pool, as in `w01h-s10m`; needed where there are several

    Raises DatapoolError where nothing can be read or the window is not there.
    """

    def __init__(self, path: str | Path, window: str | Window | None = None) -> None:
        self.path = Path(path)
        found = places.find(self.path)
        there = found.places
        self.window = chosen(window, sorted({place.window for place in there}), self.path)
        self._about = about.read(self.path)
        self._places = [place for place in there if Window.parse(place.window) == self.window]
        self._lost = list(found.broken)
        self._headers: dict[Place, tuple[str, ...]] = {}

    def __repr__(self) -> str:
        return f"Datapool({str(self.path)!r}, window={str(self.window)!r})"

    @property
    def local_networks(self) -> tuple[str, ...] | None:
        """The networks that were local when the pool was made; None where it does not say."""
        return self._about.local_networks

    @property
    def catalogue(self) -> str | None:
        """The catalogue of features the pool was made with; None where it does not say."""
        return self._about.catalogue

    @property
    def protocols(self) -> tuple[str, ...]:
        """The protocols of the pool, sorted."""
        return tuple(sorted({place.protocol for place in self._places}))

    @property
    def entities(self) -> tuple[str, ...]:
        """The subnets, sensors or groups that have pools of their own in this one (--by)."""
        return tuple(sorted(self._about.entities))

    def entity(self, name: str) -> Datapool:
        """The pool of one entity, which knows where the whole was silent."""
        return Datapool(self.path / parts.place(self.called(name)), self.window)

    def called(self, name: str) -> str:
        """The entity of that name, or folder name; DatapoolError names those that there are."""
        entity = parts.called(name, self.entities)
        if entity is None:
            fix = offered(name, self.entities)
            raise DatapoolError(f"has no entity {name!r}", where=self.path, fix=fix)
        return entity

    @cached_property
    def _whole(self) -> Datapool | None:
        return whole(self.path, self.window)

    def columns(self, protocol: str) -> tuple[str, ...]:
        """The columns of a protocol, in the order of its widest file."""
        if protocol not in self.protocols:
            raise DatapoolError(
                f"the datapool has no protocol {protocol!r}",
                where=self.path,
                fix=f"It has {', '.join(self.protocols)}",
            )
        found = self._columns(protocol)
        if not found:
            # no file of it can be read: let reading them say why
            self._windows([place for place in self._places if place.protocol == protocol])
        return found

    def _columns(self, protocol: str) -> tuple[str, ...]:
        mine = [place for place in self._places if place.protocol == protocol]
        unread = [place for place in mine if place not in self._headers]
        self._learn(unread, places.read(unread, limit=HEADER)[0])
        headers = {self._headers[place] for place in mine}
        found: dict[str, None] = {}
        for names in sorted(headers, key=lambda names: (-len(names), names)):
            found |= dict.fromkeys(names)
        return tuple(found)

    def _learn(self, read: list[Place], contents: dict[Place, bytes]) -> None:
        """Keep which columns the files have, so that none is opened again for that."""
        self._headers |= {
            place: tables.columns(contents[place]) if place in contents else () for place in read
        }

    def span(self) -> tuple[pd.Timestamp, pd.Timestamp]:
        """Start of the first window and end of the last."""
        days = sorted({place.day for place in self._places})
        edges = [place for place in self._places if place.day in (days[0], days[-1])]
        starts = self._windows(edges).starts()
        if not len(starts):
            raise DatapoolError("holds no windows", where=self.path)
        return starts[0], starts[-1] + pd.Timedelta(seconds=self.window.length)

    def select(
        self,
        query: str | Query | None = None,
        time_range: str | TimeRange | None = None,
        excluded: Iterable[str | TimeRange] = (),
        *,
        leaving: int = 0,
    ) -> pd.DataFrame:
        """The features of a query as a series: UTC index `time` = window end, float64 columns.

        query:  which columns, `conn|in_count_uid~conn_in;ssh|in~ssh_in`; default: as the reference
        time_range, excluded:  windows by their start; those excluded stay as rows of NaN
        leaving:  also what leaves each window within 1 to so many slides, by the panes that the
            pool keeps (series/leaving.py); nothing is added where it keeps none

        An empty cell of a window in which anything was seen is 0 (an average: NaN); a window in
        which nothing was seen at all is NaN.
        """
        asked = query if isinstance(query, Query) else Query.parse(query or DEFAULT_QUERY)
        wanted = _range(time_range)
        left_out = [TimeRange.parse(one) if isinstance(one, str) else one for one in excluded]
        here = [place for place in self._places if place.overlaps(wanted)]
        contents, broken = places.read(here)
        self._learn(here, contents)
        chosen = self.chosen(asked)
        windows = self._parsed(contents, broken)
        if self._whole is not None:
            windows.around = self._whole.windows(wanted).loaded
        starts = windows.starts(wanted)
        if not len(starts):
            first, end = self.span()
            raise DatapoolError(
                f"holds no window that starts in {wanted or 'any range'}",
                where=self.path,
                fix=f"It reaches from {first:%Y-%m-%dT%H:%MZ} to {end:%Y-%m-%dT%H:%MZ}",
            )
        series = windows.series(chosen, starts, left_out)
        series.attrs |= self.origin(asked)
        return self.beside(series, chosen, leaving) if leaving else series

    def beside(
        self,
        series: pd.DataFrame,
        chosen: dict[str, Selection],
        ahead: int,
        between: Between | None = None,
    ) -> pd.DataFrame:
        """The series with what leaves its windows (those that end `between`), where panes are kept.

        Raises DatapoolError or InputError where they cannot be read.
        """
        from mods.features.datapool import panes  # which loads the engine

        mine, pool = self._about.entity, self.path
        if mine:
            pool = self.path.absolute().parent.parent
        if not pool.is_dir():
            return series
        kept = panes.read(pool, self.window, chosen, ahead, entities=bool(mine), between=between)
        return series if kept is None else kept.beside(series, mine)

    def chosen(self, query: Query) -> dict[str, Selection]:
        """The column behind each name of a query; DatapoolError for one that is not there."""
        there = {one.protocol: self.columns(one.protocol) for one in query.selections}
        return selection.features(query, there, self.path)

    def origin(self, query: Query) -> dict[Hashable, Any]:
        """What a series says of where it is from."""
        told: dict[Hashable, Any] = {"query": query.text, "source": str(self.path)}
        if self.catalogue is None:
            return told
        networks = list(self.local_networks or ())
        return told | {"local_networks": networks, "catalogue": self.catalogue}

    def windows(self, wanted: TimeRange | None = None) -> selection.Windows:
        """The windows of all days in the range, as they are stored."""
        return self._windows([place for place in self._places if place.overlaps(wanted)])

    def _windows(self, wanted: list[Place]) -> selection.Windows:
        """The windows in these places; what is broken is named in the log and left out.

        Raises DatapoolError where nothing else is left to read, or the pool is a single zip.
        """
        return self._parsed(*places.read(wanted))

    def _parsed(
        self, contents: dict[Place, bytes], broken: dict[Place, DatapoolError]
    ) -> selection.Windows:
        loaded, unfit = tables.parse(contents, self.window)
        broken = broken | unfit
        if broken and (not loaded or not self.path.is_dir()):
            raise next(iter(broken.values()))
        for error in broken.values():
            log.warning("%s It is left out.", error)
        known = [place for place in contents if place not in broken]
        unknown = selection.Unknown(known, list(broken), self._lost, self._about.incomplete)
        return selection.Windows(loaded, unknown, self.window, self._about.averages)


def whole(path: Path, window: Window) -> Datapool | None:
    """The pool that the one at `path` is a part of (--by), if any."""
    outer = about.whole(path)
    return None if outer is None else Datapool(outer, window)


def _range(text: str | TimeRange | None) -> TimeRange | None:
    return TimeRange.parse(text) if isinstance(text, str) else text


def chosen(window: str | Window | None, names: list[str], path: Path) -> Window:
    """The window wanted, or the only one; DatapoolError where it is not among the names."""
    there = {Window.parse(name): name for name in names}
    if window is None and len(there) == 1:
        return next(iter(there))
    if window is None:
        raise DatapoolError(
            f"holds several windows: {', '.join(names)}",
            where=path,
            fix="Say which, as in --window_slide " + names[0],
        )
    wanted = Window.parse(window) if isinstance(window, str) else window
    if wanted not in there:
        raise DatapoolError(
            f"holds no windows {wanted}, but {', '.join(names)}",
            where=path,
            fix=f"Give --window_slide {names[0]}, or prepare the logs with {wanted}",
        )
    return wanted
