"""Detect: where a period departs from what the model expected of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import numpy as np
import pandas as pd

from mods.anomaly import expected as periods
from mods.anomaly import marks
from mods.anomaly.detector import Detector
from mods.anomaly.events import Event
from mods.anomaly.marks import Mark
from mods.config import Config
from mods.flows import filerows, known
from mods.flows import source as sources
from mods.flows.backtest import over
from mods.flows.model import Model
from mods.flows.silence import Feedback, blanked, echoing, judged, parted, quieted
from mods.request import PredictRequest, Source
from mods.series import ranges, splits
from mods.series.forecast import Forecast, iso
from mods.timerange import TimeRange
from mods.window import Window

COLUMNS = ["time", "anomaly_score", "threshold", "anomaly", "feature"]


@dataclass(frozen=True, eq=False)
class Detection:
    """`rows` is the table of the contract; `events` are what an analyst would look at.

    watched:  the series with the weeks before, from which `detector` was warm at its first step
    silenced:  what would be one, were it not expected
    unmatched:  marks on what is no event any more, of those that lie in the range
    """

    model: Model
    series: pd.DataFrame
    forecast: Forecast
    found: pd.DataFrame
    rows: pd.DataFrame
    events: list[Event]
    watched: pd.DataFrame
    detector: Detector
    silenced: list[Event] = field(default_factory=list)
    unmatched: list[Mark] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Of the model."""
        return self.model.name

    @property
    def config(self) -> Config:
        """The settings that made the model."""
        return self.model.config

    @property
    def window(self) -> Window:
        """Of the series."""
        return self.model.forecaster.window

    @cached_property
    def seen(self) -> pd.DataFrame:
        """By (time, feature) what the detector saw in the range; scores in thresholds."""
        table = self.detector.explain(self.watched, self.forecast)
        times = table.index.get_level_values("time")
        inside: pd.DataFrame = table.loc[times >= self.series.index[0]]
        return inside

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
            "silenced": len(self.silenced),
        }


def detect(request: PredictRequest, source: Source, expected: tuple[str, ...] = ()) -> Detection:
    """Score every step of the range against the forecasts made before it.

    expected:  periods that raise no alarm, beside those kept with the model

    Raises ModelError for a model without a detector, SeriesError or DatapoolError for data that do
    not fit it.
    """
    model = Model.load(request.model_name, source.models)
    said = Feedback.of(model.path, expected)
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
    asked = map(periods.Period.parse, expected)
    periods.check(asked, dict.fromkeys([*forecast.features, *model.forecaster.features]))
    detector = model.watching(series, times[0])
    quiet = _Quiet.of(said, model, detector, watched, forecast)
    found = detector.detect(watched, forecast)
    if quiet.forecast is not None:
        heard = detector.detect(blanked(watched, quiet.mask), quiet.forecast)
        found = found.assign(anomaly=heard["anomaly"])
    table = _per_window(found.loc[times])
    if rows:
        scored = partial(filerows.scored, rows, detector, watched=watched, wanted=wanted)
        table = scored(forecast)
        if quiet.forecast is not None:
            table["anomaly"] = scored(quiet.forecast, mask=quiet.mask)["anomaly"]
    loud, silenced = (
        _since(some, watched, times[0], excluded) for some in (quiet.loud, quiet.silenced)
    )
    told = marks.named([*loud, *silenced], model.name, said.marks)
    return Detection(
        model,
        watched.loc[times[0] :],
        forecast,
        found.loc[times],
        table[COLUMNS],
        told[: len(loud)],
        watched,
        detector,
        told[len(loud) :],
        marks.unmatched(told, judged(said.marks, watched.loc[times[0] :])),
    )


def events(model: Model, series: pd.DataFrame, times: pd.DatetimeIndex) -> list[Event]:
    """The events that go on in `times`, without those that are expected."""
    watched, forecast = watch(model, series, times)
    seen = watched, forecast, times[0]
    return unexpected(model, model.watching(series, times[0]), seen, Feedback.of(model.path))


def unexpected(
    model: Model,
    detector: Detector,
    seen: tuple[pd.DataFrame, Forecast, pd.Timestamp],
    said: Feedback,
) -> list[Event]:
    """The events without the expected ones.

    seen:  what `watch` gave, and the time at or after which they end
    """
    watched, forecast, begin = seen
    quiet = _Quiet.of(said, model, detector, watched, forecast)
    return marks.named(_since(quiet.loud, watched, begin, ()), model.name, said.marks)


@dataclass(frozen=True, eq=False)
class _Quiet:
    """What is found without the steps that are expected to depart (`mask`).

    forecast:  without those steps; None where there are none
    """

    loud: list[Event]
    silenced: list[Event]
    mask: pd.DataFrame
    forecast: Forecast | None = None

    @classmethod
    def of(
        cls,
        said: Feedback,
        model: Model,
        detector: Detector,
        watched: pd.DataFrame,
        forecast: Forecast,
    ) -> _Quiet:
        series = _past(watched, model)
        found = detector.events(series, forecast)
        mask = said.mask(pd.DatetimeIndex(watched.index), forecast, model.forecaster.window)
        if not mask.to_numpy().any():
            return cls(found, [], mask)
        wider = echoing(mask, found)
        quiet = quieted(forecast, wider)
        loud = detector.events(blanked(series, wider), quiet)
        return cls(*parted(found, loud, mask), wider, quiet)


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
