"""What is looked through: the cells of a pool, or the values of a series, on an exact grid."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from mods.features.datapool.selection import AVERAGE, Windows
from mods.series import contract

MISSING, PARTLY, SILENT, COMPLETE = 1, 2, 3, 4
USUAL = 0.99
# in a sum over panes that are not negative, no window can lack what its panes hold
ADDITIVE = re.compile(
    r"(^|_)(count|sum|distinct|true|false)(_|$)|_(true|false)$|^(in|out|internal)$"
)


@dataclass(frozen=True, eq=False)
class Material:
    """Cells as they lie in a pool, before an empty one is read as zero.

    values:  by window start (UTC, an exact grid); columns (group, column), float64, NaN: empty
    unknown:  like values: where an empty cell says nothing, since its file cannot be read or does
        not have the column
    panes:  how many slides one window holds; 1 where windows do not overlap or nobody knows
    sparse:  whether an empty cell of an alive window is zero, as in a datapool, or missing
    averages:  the columns without a zero: an average of nothing is missing
    elsewhere:  in which windows the whole was alive, where this is the part of one entity
    """

    values: pd.DataFrame
    unknown: pd.DataFrame
    panes: int = 1
    sparse: bool = True
    averages: frozenset[tuple[str, str]] = frozenset()
    elsewhere: np.ndarray | None = None

    @property
    def starts(self) -> pd.DatetimeIndex:
        """The start of every window from the first to the last."""
        return pd.DatetimeIndex(self.values.index)

    @property
    def slide(self) -> pd.Timedelta:
        """From one window to the next."""
        starts = self.starts
        return starts[1] - starts[0] if len(starts) > 1 else pd.Timedelta(0)

    @property
    def columns(self) -> list[tuple[str, str]]:
        """The (group, column) of each column."""
        return [(str(one[0]), str(one[1])) for one in self.values.columns]

    @property
    def groups(self) -> list[str]:
        """Protocols, or the features of a series."""
        return list(dict.fromkeys(group for group, _ in self.columns))

    @cached_property
    def alive(self) -> np.ndarray:
        """In which windows at least one cell holds a value, here or elsewhere."""
        mine = np.asarray(self.values.notna().any(axis=1))
        return mine if self.elsewhere is None else mine | self.elsewhere

    @cached_property
    def read(self) -> pd.DataFrame:
        """The values as a model reads them: an empty cell of an alive window is 0, unless unknown.

        Averages have no zero: they stay NaN.
        """
        if not self.sparse:
            return self.values
        total = np.array([one not in self.averages for one in self.columns])
        empty = self.values.isna() & ~self.unknown & self.alive[:, None] & total
        return self.values.mask(empty, 0.0)

    @cached_property
    def absent(self) -> pd.DataFrame:
        """Where a column that nearly always holds a value holds none, although others do."""
        judged = ~self.unknown & self.alive[:, None]
        there = self.values.notna()
        usual = (there & judged).sum() >= USUAL * judged.sum()
        return judged & ~there & usual

    def seen(self, group: str) -> np.ndarray:
        """In which windows the group has at least one value."""
        return np.asarray(self._of(self.values.notna(), group).any(axis=1))

    def states(self, group: str) -> np.ndarray:
        """COMPLETE, SILENT, PARTLY or MISSING for each window, as small integers."""
        seen = self.seen(group)
        told = np.where(seen, COMPLETE, SILENT)
        told[self._of(self.absent, group).any(axis=1)] = PARTLY
        told[~self.alive | (self._of(self.unknown, group).all(axis=1) & ~seen)] = MISSING
        return told.astype(np.int8)

    def _of(self, flags: pd.DataFrame, group: str) -> np.ndarray:
        """The flags of one group's columns."""
        return flags.to_numpy()[:, [name == group for name, _ in self.columns]]

    def length(self, first: int, last: int) -> str:
        """How long a run is, in windows and hours."""
        count = last - first + 1
        return f"{count} window{'s' * (count > 1)} ({lasting(count * self.slide)})"


def of_windows(windows: Windows, columns: Iterable[tuple[str, str]]) -> Material:
    """The cells of a pool's windows."""
    starts, listed = windows.starts(), list(columns)
    named = pd.MultiIndex.from_tuples(listed)
    cells = [windows.cells(*one, starts) for one in listed]
    unsaid = [windows.unsaid(*one, starts) for one in listed]
    return Material(
        pd.DataFrame(np.column_stack(cells), starts, named),
        pd.DataFrame(np.column_stack(unsaid), starts, named),
        windows.window.panes,
        averages=frozenset(one for one in listed if windows.blank(*one)),
        elsewhere=windows.alive(starts),
    )


def of_series(series: pd.DataFrame) -> Material:
    """The values of a series, each feature a group of its own."""
    named = pd.MultiIndex.from_tuples([(str(name), "") for name in series.columns])
    cells = series.set_axis(named, axis=1)
    panes = contract.window(series).panes if "window" in series.attrs else 1
    unsaid = pd.DataFrame(False, cells.index, cells.columns)
    return Material(cells, unsaid, panes, sparse=False)


def lasting(time: pd.Timedelta) -> str:
    """A length of time in its two largest units.

    >>> lasting(pd.Timedelta("4h10min")), lasting(pd.Timedelta("3D")), lasting(pd.Timedelta("90s"))
    ('4 h 10 min', '3 d', '1 min 30 s')
    """
    parts = time.components
    units = zip(
        (parts.days, parts.hours, parts.minutes, parts.seconds), ("d", "h", "min", "s"), strict=True
    )
    said = [f"{count} {unit}" for count, unit in units if count]
    return " ".join(said[:2]) or "0 s"


def additive(column: str) -> bool:
    """Whether a column counts or sums, so that its windows hold what their panes hold.

    >>> additive("in_count_uid"), additive("in"), additive("in_avg_duration")
    (True, True, False)
    """
    return ADDITIVE.search(column) is not None and not AVERAGE.search(column)
