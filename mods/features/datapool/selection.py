"""From windows as they are stored to the features of a query: what is zero, what is missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from mods.errors import DatapoolError, QueryError, TimeRangeError
from mods.features.datapool.about import Incomplete
from mods.features.datapool.places import Place
from mods.features.datapool.text import END, START
from mods.query import Query, Selection
from mods.series import contract, ranges
from mods.timerange import TimeRange
from mods.window import Window

AVERAGE = re.compile(r"(^|_)avg_")


def features(query: Query, there: dict[str, tuple[str, ...]], where: Path) -> dict[str, Selection]:
    """The column behind each output name; DatapoolError for one that the pool does not have."""
    _check_merge(query, there)
    found: dict[str, Selection] = {}
    for asked in query.selections:
        for one in _expanded(asked, there[asked.protocol]):
            name = str(one.name)
            if one.column not in there[one.protocol]:
                raise DatapoolError(
                    f"{one.protocol} has no column {one.column!r}",
                    where=where,
                    fix=f"It has {', '.join(there[one.protocol])}",
                )
            if name in found:
                raise QueryError(
                    f"{name!r} comes out twice",
                    where="data_select_query",
                    fix="Give each column a name of its own, as in ssh|in~ssh_in",
                )
            found[name] = one
    return found


def _expanded(one: Selection, columns: tuple[str, ...]) -> list[Selection]:
    """All columns of the protocol under its prefix, where none is named."""
    if one.column is not None:
        return [one]
    return [Selection(one.protocol, name, f"{one.protocol}_{name}") for name in columns]


def _check_merge(query: Query, there: dict[str, tuple[str, ...]]) -> None:
    for column in query.merge_on:
        for protocol, columns in there.items():
            if column not in (START, END, *columns):
                raise QueryError(
                    f"merge column {column!r} is no column of {protocol}",
                    where="data_select_query",
                    fix=f"Merge on {START},{END}",
                )
    if not {START, END} & set(query.merge_on):
        raise QueryError(
            f"{', '.join(query.merge_on)} do not tell windows apart",
            where="data_select_query",
            fix=f"Merge on {START},{END}",
        )


@dataclass(frozen=True)
class Unknown:
    """On which days an absent row says nothing, since what may have held it cannot be read.

    known:   the places that were read
    broken:  the places that cannot be read
    lost:    the zips that cannot be opened; one that is named by its day, month or year held those
    incomplete:  the logs that were left out as broken when the pool was made
    """

    known: list[Place] = field(default_factory=list)
    broken: list[Place] = field(default_factory=list)
    lost: list[Path] = field(default_factory=list)
    incomplete: Sequence[Incomplete] = ()

    def low(self, protocol: str, starts: pd.DatetimeIndex, window: Window) -> np.ndarray:
        """Which windows lack records, since a log was left out: what they hold is too little."""
        low = np.zeros(len(starts), bool)
        for one in self.incomplete:
            if one.begin and one.protocol in (protocol, ""):
                length = pd.Timedelta(seconds=window.length)
                begin, end = pd.Timestamp(one.begin), pd.Timestamp(one.end)
                low |= np.asarray((starts > begin - length) & (starts < end))
        return low

    def days(self, protocol: str, days: pd.DatetimeIndex) -> np.ndarray:
        """Which of the days are so for the protocol."""
        broken = {place.day for place in self.broken if place.protocol == protocol}
        unknown = days.isin(list(broken))
        if self.lost:
            known = {place.day for place in self.known if place.protocol == protocol}
            held = [reach(path) for path in self.lost]
            lost = [np.full(len(days), one is None or one.holds(days)) for one in held]
            unknown |= np.logical_or.reduce(lost) & ~days.isin(list(known))
        return np.asarray(unknown)


def reach(path: Path) -> TimeRange | None:
    """The days a zip holds by its name, as in 2019-06-01.zip or 2019-06.zip; None: any."""
    try:
        return TimeRange.parse(f"<{path.stem},{path.stem}>")
    except TimeRangeError:
        return None


class Windows:
    """The loaded windows of all protocols, and where they are not known.

    averages:  (protocol, column) of the averages that the pool names beside those named avg_
    around:  what is loaded of the whole that this is a part of: where the whole was seen, the part
        is 0 and not missing
    """

    def __init__(
        self,
        loaded: list[tuple[str, pd.DataFrame]],
        unknown: Unknown,
        window: Window,
        averages: frozenset[tuple[str, str]] = frozenset(),
        around: Iterable[tuple[str, pd.DataFrame]] = (),
    ) -> None:
        self.loaded, self.unknown, self.window = loaded, unknown, window
        self.averages, self.around = averages, list(around)

    def starts(self, time_range: TimeRange | None = None) -> pd.DatetimeIndex:
        """The starts of all windows from the first to the last in the range, none left out."""
        every = [*self.loaded, *self.around]
        moments = [pd.DatetimeIndex(table.index).as_unit("us").asi8 for _, table in every]
        there = np.unique(np.concatenate(moments)) if moments else np.empty(0, np.int64)
        starts = pd.DatetimeIndex(pd.to_datetime(there, unit="us", utc=True)).as_unit("us")
        if time_range is not None:
            starts = starts[time_range.holds(starts)]
        if not len(starts):
            return starts
        slide = pd.Timedelta(seconds=self.window.slide)
        return contract.grid(starts[0], starts[-1], slide, rows=len(starts))

    def series(
        self,
        chosen: dict[str, Selection],
        starts: pd.DatetimeIndex,
        excluded: Iterable[TimeRange],
    ) -> pd.DataFrame:
        """The chosen features at these starts, labelled by the window's end."""
        alive = self.alive(starts)
        values = {name: self._feature(one, starts, alive) for name, one in chosen.items()}
        series = pd.DataFrame(values, index=starts)
        series.index = starts + pd.Timedelta(seconds=self.window.length)
        series = series.rename_axis("time").asfreq(f"{self.window.slide}s")
        series.attrs["window"] = str(self.window)
        return ranges.without(series, excluded)

    def alive(self, starts: pd.DatetimeIndex) -> np.ndarray:
        """In which windows at least one cell of one protocol holds a value."""
        alive = np.zeros(len(starts), bool)
        for _, table in [*self.loaded, *self.around]:
            seen = table.index[table.notna().any(axis=1)]
            alive |= starts.isin(seen)
        return alive

    def cells(self, protocol: str, column: str, starts: pd.DatetimeIndex) -> np.ndarray:
        """A column as its files hold it: NaN where a cell is empty or absent."""
        mine = [table for name, table in self.loaded if name == protocol]
        parts = [table[column] for table in mine if column in table]
        if not parts:
            return np.full(len(starts), np.nan)
        return np.array(pd.concat(parts).reindex(starts), float)

    def unsaid(self, protocol: str, column: str, starts: pd.DatetimeIndex) -> np.ndarray:
        """Where an absent cell says nothing: the file is broken, or does not have the column."""
        unknown = self.unknown.days(protocol, starts.floor("D"))
        unknown |= self.unknown.low(protocol, starts, self.window)
        for name, table in self.loaded:
            if name == protocol and column not in table:
                unknown |= starts.isin(table.index)
        return np.asarray(unknown)

    def blank(self, protocol: str, column: str) -> bool:
        """Whether an empty cell of a column is missing, not zero: an average of nothing."""
        return AVERAGE.search(column) is not None or (protocol, column) in self.averages

    def _feature(self, one: Selection, starts: pd.DatetimeIndex, alive: np.ndarray) -> np.ndarray:
        column = str(one.column)
        values = self.cells(one.protocol, column, starts)
        low = self.unknown.low(one.protocol, starts, self.window)
        if not self.blank(one.protocol, column):
            values[alive & np.isnan(values) & ~self.unsaid(one.protocol, column, starts)] = 0.0
        values[low] = np.nan
        return values if one.divisor == 1 else np.trunc(values / one.divisor)
