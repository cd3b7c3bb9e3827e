"""Online detection: score a file or a datapool as it goes, without a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mods.anomaly.online import OnlineDetector
from mods.config import Config
from mods.flows import source as sources
from mods.flows.detect import COLUMNS
from mods.request import OnlineRequest, Source
from mods.series import files, ranges
from mods.series.forecast import iso
from mods.timerange import TimeRange

MOST_PROBATION = 750


@dataclass(frozen=True, eq=False)
class OnlineDetection:
    """`rows` is the table of the contract and, behind it, whose kind of score the highest is."""

    rows: pd.DataFrame
    probation: int

    def table(self) -> pd.DataFrame:
        """One row per window; of a CSV one per input row, in its order, stamps untouched."""
        return self.rows[COLUMNS]

    def record(self) -> dict[str, Any]:
        """The alarms as a program reads them."""
        raised = self.rows[self.rows["anomaly"] == 1]
        return {
            "online": True,
            "rows": len(self.rows),
            "probation": self.probation,
            "alarms": len(raised),
            "events": raised.drop(columns="anomaly").to_dict("records"),
        }


def detect(
    request: OnlineRequest,
    source: Source,
    wanted: TimeRange | None = None,
    excluded: tuple[str, ...] = (),
) -> OnlineDetection:
    """Score every row by those before it; nothing later in the data changes its score.

    wanted:  only rows of this range are told of; those before it are learnt from
    excluded:  what lies in these ranges is neither scored nor learnt from
    """
    stamps, values = _rows(request, source)
    values = ranges.without(values, excluded)
    known = probation(request.probation, len(values))
    detector = OnlineDetector(request.alarms_per_week, known)
    found = detector.run(values)
    found.insert(0, "time", np.asarray(stamps))
    if wanted is not None:
        ranges.held(values, wanted)
        found = found[wanted.holds(ranges.starts(values))]
    return OnlineDetection(found.reset_index(drop=True), detector.probation)


def _rows(request: OnlineRequest, source: Source) -> tuple[pd.Series | list[str], pd.DataFrame]:
    """The stamps as they are told, and the values by their times, in the order they came."""
    if sources.is_table(source.data or ""):
        table = files.rows(str(source.data), source.time_column)
        moments = files.moments(table, source.data)
        return table.iloc[:, 0], table.iloc[:, 1:].set_axis(moments, axis=0)
    config = Config(data_select_query=request.data_select_query, window_slide=request.window_slide)
    values = sources.series(source, config)
    return iso(pd.DatetimeIndex(values.index)), values


def probation(wanted: float, rows: int) -> int:
    """Values of probation: a share of the rows (750 at most), or their number."""
    return int(wanted) if wanted >= 1 else min(int(wanted * rows), MOST_PROBATION)
