"""Detect: where a period departs from what the model expected of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mods.anomaly.events import Event
from mods.flows import source as sources
from mods.flows.backtest import over
from mods.flows.model import Model
from mods.request import PredictRequest, Source
from mods.series import files, ranges, splits
from mods.series.forecast import Forecast
from mods.timerange import TimeRange

COLUMNS = ("time", "anomaly_score", "threshold", "anomaly", "feature")


@dataclass(frozen=True, eq=False)
class Detection:
    """`rows` is the table of the contract; `events` are what an analyst would look at."""

    model: Model
    series: pd.DataFrame
    forecast: Forecast
    found: pd.DataFrame
    rows: pd.DataFrame
    events: list[Event]

    def table(self) -> pd.DataFrame:
        """One row per window; of a CSV one per input row, in its order, stamps untouched."""
        return self.rows

    def record(self) -> dict[str, Any]:
        """The events as a program reads them."""
        return {
            "model": self.model.identity(),
            "rows": len(self.rows),
            "alarms": int(self.rows["anomaly"].sum()),
            "events": [event.record() for event in self.events],
        }


def detect(request: PredictRequest, source: Source) -> Detection:
    """Score every step of the range against the forecasts made before it.

    Raises ModelError for a model without a detector or of other features, SeriesError,
    DatapoolError.
    """
    model = Model.load(request.model_name, source.models)
    detector = model.watchful()
    wanted = None if request.time_range is None else TimeRange.parse(request.time_range)
    series = sources.series(source, model.config, excluded=request.time_ranges_excluded)
    times = splits.inside(series, wanted)
    warm = max(times[0] - detector.reach * model.forecaster.step, series.index[0])
    watched = series.loc[warm : times[-1]]
    forecast, _ = over(model.forecaster, series, pd.DatetimeIndex(watched.index))
    found = detector.detect(watched, forecast).loc[times]
    asked_out = _excluded(watched, request.time_ranges_excluded)
    events = [
        event
        for event in detector.events(watched, forecast)
        if event.end >= times[0] and not asked_out.loc[event.start : event.end].all()
    ]
    rows = _per_window(found)
    if source.data is not None and sources.is_table(source.data):
        table = files.rows(source.data, source.time_column)
        rows = _per_row(table, found, wanted, model.forecaster.step)
    return Detection(model, watched.loc[times[0] :], forecast, found, rows, events)


def _excluded(series: pd.DataFrame, excluded: tuple[str, ...]) -> pd.Series:
    """Which steps the request leaves out: what is missing there is missing on purpose."""
    marked = pd.DataFrame({"kept": 1.0}, series.index)
    marked.attrs = dict(series.attrs)
    return ranges.without(marked, excluded)["kept"].isna()


def _per_window(found: pd.DataFrame) -> pd.DataFrame:
    stamps = pd.DatetimeIndex(found.index).strftime("%Y-%m-%dT%H:%M:%SZ")
    return found.assign(time=stamps).reset_index(drop=True)[list(COLUMNS)]


def _per_row(
    rows: pd.DataFrame, found: pd.DataFrame, wanted: TimeRange | None, step: pd.Timedelta
) -> pd.DataFrame:
    """Give each row of a file the score of the step it fell on; a row without a value has 0."""
    moments = files.moments(rows)
    kept = np.ones(len(rows), bool) if wanted is None else np.asarray(wanted.holds(moments))
    place = found.index.get_indexer(moments, method="nearest", tolerance=step / 2)
    scored = found.iloc[np.where(place < 0, 0, place)].reset_index(drop=True)
    values = rows.drop(columns=rows.columns[0]).select_dtypes("number")
    silent = (place < 0) | values.isna().all(axis=1).to_numpy()
    scored.loc[silent, ["anomaly_score", "anomaly"]] = 0
    scored.insert(0, "time", rows.iloc[:, 0].to_numpy())
    return scored.loc[kept, list(COLUMNS)].reset_index(drop=True)
