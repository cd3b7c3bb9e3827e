"""Detect: where a period departs from what the model expected of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mods.anomaly.events import Event
from mods.flows import filerows, known
from mods.flows import source as sources
from mods.flows.backtest import over
from mods.flows.model import Model
from mods.request import PredictRequest, Source
from mods.series import ranges, splits
from mods.series.forecast import Forecast, iso
from mods.timerange import TimeRange

COLUMNS = ["time", "anomaly_score", "threshold", "anomaly", "feature"]


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
            "budget": self.model.watchful().budget,
            "events": [event.record() for event in self.events],
        }


def detect(request: PredictRequest, source: Source) -> Detection:
    """Score every step of the range against the forecasts made before it.

    Raises ModelError for a model without a detector, SeriesError or DatapoolError for data that do
    not fit it.
    """
    model = Model.load(request.model_name, source.models)
    wanted = None if request.time_range is None else TimeRange.parse(request.time_range)
    step, excluded = model.forecaster.step, request.time_ranges_excluded
    rows = filerows.read(source, step) if sources.is_table(source.data or "") else None
    config = model.asked(request.entities)
    if rows:
        series = known.joined(sources.without(rows.series, config, excluded), source, config)
    else:
        series = sources.series(source, config, excluded=excluded)
    times = splits.inside(series, wanted)
    series = model.informed(series, source, config, times)
    watched, forecast = watch(model, series, times)
    detector = model.watching(series, times[0])
    found = detector.detect(watched, forecast).loc[times]
    table = _per_window(found)
    if rows:
        table = filerows.scored(rows, detector, forecast, watched, wanted)
    return Detection(
        model,
        watched.loc[times[0] :],
        forecast,
        found,
        table[COLUMNS],
        _since(detector.events(_past(watched, model), forecast), watched, times[0], excluded),
    )


def events(model: Model, series: pd.DataFrame, times: pd.DatetimeIndex) -> list[Event]:
    """The events that go on in `times`."""
    watched, forecast = watch(model, series, times)
    found = model.watching(series, times[0]).events(_past(watched, model), forecast)
    return _since(found, watched, times[0], ())


def watch(
    model: Model, series: pd.DataFrame, times: pd.DatetimeIndex
) -> tuple[pd.DataFrame, Forecast]:
    """The series from where the detector has to begin to be warm at `times`, and its forecasts.

    Forecasts made before the model had a whole input and a period of history are not judged, nor
    those of a new entity before the scale of its alarms is known.
    """
    warm = times[0] - model.watchful().reach * model.forecaster.step
    told = model.forecaster.features_of(series)
    watched = told.loc[max(warm, series.index[0]) : times[-1]]
    near = times[0] - model.watchful().forecast_reach * model.forecaster.step
    judged = pd.DatetimeIndex(watched.index[watched.index >= near])
    forecast, _ = over(model.forecaster, series, judged)
    early = np.asarray(forecast.origins < model.forecaster.settled(series))
    forecast.values[early] = np.nan
    for name, since in model.forecaster.ready(series).items():
        forecast.values[~(forecast.origins >= since), :, forecast.features.index(name)] = np.nan
    return watched, forecast


def _past(watched: pd.DataFrame, model: Model) -> pd.DataFrame:
    """Without the steps to come, of which only what is known in advance is told."""
    last = watched.last_valid_index() if model.config.known_columns else None
    return watched if last is None else watched.loc[:last]


def _since(
    found: list[Event], series: pd.DataFrame, begin: pd.Timestamp, excluded: tuple[str, ...]
) -> list[Event]:
    """The events that end at or after `begin`; what is left out on purpose is not missing."""
    marked = pd.DataFrame({"kept": 1.0}, series.index)
    marked.attrs = dict(series.attrs)
    blank = ranges.without(marked, excluded)["kept"].isna()
    return [one for one in found if one.end >= begin and not blank.loc[one.start : one.end].all()]


def _per_window(found: pd.DataFrame) -> pd.DataFrame:
    return found.assign(time=iso(pd.DatetimeIndex(found.index))).reset_index(drop=True)
