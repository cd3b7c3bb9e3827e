"""Online detection: score a file or a datapool as it goes, without a model."""

from __future__ import annotations

import dataclasses
import logging
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mods.anomaly.events import Event
from mods.anomaly.expected import Period, check
from mods.anomaly.marks import identity
from mods.anomaly.online import OnlineDetector, events
from mods.config import Config
from mods.errors import SeriesError
from mods.flows import source as sources
from mods.flows.detect import COLUMNS
from mods.flows.silence import announced
from mods.request import OnlineRequest, Source
from mods.request.events import EXPECTED
from mods.series import files, ranges
from mods.series.forecast import iso
from mods.timerange import TimeRange
from mods.window import Window

log = logging.getLogger(__name__)
MOST_PROBATION = 750
ONLINE = "online"
FEWEST = 2
ECHO = pd.Timedelta("1h")


@dataclass(frozen=True, eq=False)
class OnlineDetection:
    """`rows` is the table of the contract and, behind it, whose kind of score the highest is.

    events:  with the position of the row of `rows` that each begins with
    silenced:  those that are expected
    values, scored:  what all rows hold, the excluded ones NaN, and their scores, by time
    """

    rows: pd.DataFrame
    probation: int
    events: list[tuple[int, Event]]
    silenced: list[tuple[int, Event]]
    values: pd.DataFrame
    scored: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """One row per window; of a CSV one per input row, in its order, stamps untouched."""
        return self.rows[COLUMNS]

    def record(self) -> dict[str, Any]:
        """The events as a program reads them, each with the row that it begins with."""
        return {
            "online": True,
            "rows": len(self.rows),
            "probation": self.probation,
            "alarms": int(self.rows["anomaly"].sum()),
            "events": [self._record(at, event) for at, event in self.events],
            "silenced": len(self.silenced),
        }

    def _record(self, at: int, event: Event) -> dict[str, Any]:
        row = {name: self.rows.at[at, name] for name in ("time", "anomaly_score", "threshold")}
        return {**row, "feature": event.features[0], **event.record()}


def detect(
    request: OnlineRequest,
    source: Source,
    wanted: TimeRange | None = None,
    excluded: tuple[str, ...] = (),
    expected: tuple[str, ...] = (),
) -> OnlineDetection:
    """Score every row by those before it; nothing later in the data changes its score.

    wanted:  only rows of this range are told of; those before it are learnt from
    excluded:  what lies in these ranges is neither scored nor learnt from
    expected:  periods that raise no alarm; they are scored and learnt from
    """
    periods = [Period.parse(one) for one in expected]
    stamps, values = _rows(request, source)
    check(periods, map(str, values))
    known = probation(request.probation, len(values))
    detector = OnlineDetector(request.alarms_per_week, known)
    heard = ranges.without(values, excluded)
    found = detector.run(heard)
    _warn(heard, detector.probation)
    scored = found
    told, names = events.tell(found, values), [str(name) for name in values]
    quiet = announced(periods, pd.DatetimeIndex(values.index), names, _late(values))
    found = found.assign(anomaly=found["anomaly"].where(~_of(found["feature"], quiet, values), 0))
    found.insert(0, "time", np.asarray(stamps))
    rows = np.arange(len(found))
    if wanted is not None:
        ranges.held(values, wanted)
        rows = rows[wanted.holds(ranges.starts(values))]
    parts: dict[bool, list[tuple[int, Event]]] = {False: [], True: []}
    for at, event in told:
        place, silent = int(np.searchsorted(rows, at)), quiet[at, _column(event, values)]
        if place < len(rows) and rows[place] == at:
            parts[bool(silent)].append((place, _named(event, EXPECTED if silent else "")))
    shown = found.iloc[rows].reset_index(drop=True)
    loud, silent_ones = parts[False], parts[True]
    return OnlineDetection(shown, detector.probation, loud, silent_ones, heard, scored)


def _warn(values: pd.DataFrame, probation: int) -> None:
    """Say so where no row was scored: that is no finding of calm."""
    most = int(values.notna().sum().max())
    if not most:
        log.warning("no row was scored: no row has a value")
    elif most <= probation:
        log.warning(
            "no row was scored: probation takes the first %d values, and there are %d",
            probation,
            most,
        )


def _late(values: pd.DataFrame) -> pd.Timedelta:
    """How long behind a period its rows are expected to depart: a window, and what sees it end."""
    if "window" not in values.attrs:
        return ECHO
    return ECHO + pd.Timedelta(seconds=Window.parse(values.attrs["window"]).length)


def _of(names: pd.Series, quiet: np.ndarray, values: pd.DataFrame) -> np.ndarray:
    """Of each row whether the feature it names is expected to depart."""
    columns = pd.Index([str(name) for name in values]).get_indexer(pd.Index(names))
    silent: np.ndarray = (columns >= 0) & quiet[np.arange(len(values)), columns]
    return silent


def _column(event: Event, values: pd.DataFrame) -> int:
    return [str(name) for name in values].index(event.features[0])


def _named(event: Event, silenced: str) -> Event:
    return dataclasses.replace(event, id=identity(ONLINE, event), silenced=silenced)


def _rows(request: OnlineRequest, source: Source) -> tuple[pd.Series | list[str], pd.DataFrame]:
    """The stamps as they are told, and the values by their times, in the order they came."""
    if sources.is_table(source.data or ""):
        table = files.rows(str(source.data), source.time_column)
        if len(table) < FEWEST:
            raise SeriesError(
                f"{len(table)} rows are too few to learn from",
                where=source.data,
                fix="Give one row per step, hundreds of them",
            )
        moments = files.moments(table, source.data)
        return table.iloc[:, 0], table.iloc[:, 1:].set_axis(moments, axis=0)
    config = Config(data_select_query=request.data_select_query, window_slide=request.window_slide)
    values = sources.series(source, config)
    return iso(pd.DatetimeIndex(values.index)), values


def probation(wanted: float, rows: int) -> int:
    """Values of probation: a share of the rows (750 at most), or their number."""
    return int(wanted) if wanted >= 1 else min(int(wanted * rows), MOST_PROBATION)
