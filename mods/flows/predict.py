"""Predict: the next steps after the last known window, or after every window of a period."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from mods import notes
from mods.anomaly.events import Event
from mods.errors import SeriesError
from mods.flows import limits
from mods.flows import source as sources
from mods.flows.backtest import rivals, scores
from mods.flows.detect import events
from mods.flows.limits import Warnings
from mods.flows.model import Model
from mods.request import PredictRequest, Source
from mods.series import figures, inputs, ranges, splits
from mods.series.forecast import Forecast, iso
from mods.timerange import TimeRange

log = logging.getLogger(__name__)
DIGITS = 6


@dataclass(frozen=True, eq=False)
class Prediction:
    """An answer: forecasts, the baselines beside them, and what departed from the forecast.

    called: the data's own origins; warnings: which limits the forecasts are likely to cross;
    notes: what it warned of on its way; data: what they were read from, beside what `record` tells
    """

    model: Model
    series: pd.DataFrame
    forecast: Forecast
    called: pd.DatetimeIndex
    baselines: dict[str, Forecast]
    evaluation: pd.DataFrame
    events: list[Event]
    warnings: Warnings = field(default_factory=Warnings)
    data: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def table(self) -> pd.DataFrame:
        """One row per origin, lead and feature."""
        return self.forecast.table(called=self.called).dropna(subset="forecast")

    def beside(self) -> pd.DataFrame:
        """The forecast beside the baselines, one row per origin, lead and feature."""
        table = self.forecast.table(called=self.called)
        rivals = {name: one.values.ravel() for name, one in self.baselines.items()}
        beside = table[["origin", "lead", "feature", "forecast"]].assign(**rivals)
        return beside.dropna(subset="forecast")

    def record(self) -> dict[str, Any]:
        """The JSON answer of the contract; arrays are [origin][lead][feature].

        Numbers have six significant digits: the networks compute in float32, which has no more.
        """
        bounds = {
            f"{side}_{level}": rounded(values)
            for side, levels in (("lower", self.forecast.lower), ("upper", self.forecast.upper))
            for level, values in levels.items()
        }
        return {
            "model": self.model.identity(),
            "data": {**self.data, **self._read()},
            "origins": iso(self.called),
            "leads": self.forecast.leads.tolist(),
            "features": list(self.forecast.features),
            "forecasts": rounded(self.forecast.values),
            **bounds,
            "quantiles": {f"{q:g}": rounded(one) for q, one in self.forecast.quantiles.items()},
            "baselines": {name: rounded(one.values) for name, one in self.baselines.items()},
            "warnings": self.warnings.record(),
            "anomalies": [event.record() for event in self.events],
            "evaluation": figures.summary(self.evaluation),
            "notes": list(self.notes),
        }

    def _read(self) -> dict[str, Any]:
        """From when to when the series reaches, by the stamps of its steps, and how many."""
        first, last = iso(pd.DatetimeIndex(self.series.index[[0, -1]]))
        return {"first": first, "last": last, "steps": len(self.series)}

    def figure(self) -> Any:
        """The forecast from the last origin with its bands (matplotlib Figure)."""
        from mods.visualization import plots
        from mods.visualization.limits import Line

        last = pd.Timestamp(self.forecast.origins[-1])
        lines = [Line(one, self.warnings.warned(one, last)) for one in self.warnings.limits]
        return plots.forecast_band(self.forecast, self.series, limits=lines)


def rounded(values: np.ndarray) -> np.ndarray:
    """The values to six significant digits; NaN and infinity stay.

    >>> rounded(np.array([[12345.678901, 0.000123456789, -2.0, 0.0, np.nan]])).tolist()
    [[12345.7, 0.000123457, -2.0, 0.0, nan]]
    """
    usable = np.where(np.isfinite(values) & (values != 0), np.abs(values), 1.0)
    places = np.clip(DIGITS - 1 - np.floor(np.log10(usable)), -300, 300)
    scale = np.power(10.0, np.abs(places))
    with np.errstate(over="ignore", invalid="ignore"):
        fine, coarse = np.round(values * scale) / scale, np.round(values / scale) * scale
    found: np.ndarray = np.where(places >= 0, fine, coarse)
    return found


def predict(
    request: PredictRequest,
    source: Source,
    *,
    model: Model | None = None,
    every_origin: bool = False,
) -> Prediction:
    """Forecast from the last known window at or before the end of the range (of the data).

    every_origin: from every known window that lies in the range, the last one among them
    Raises ModelNotFoundError, CorruptModelError, SeriesError, DatapoolError.
    """
    model = model or Model.load(request.model_name, source.models)
    with notes.collected() as said:
        found = _predicted(request, source, model, every_origin)
    return replace(found, notes=tuple(said))


def _predicted(
    request: PredictRequest, source: Source, model: Model, every_origin: bool
) -> Prediction:
    wanted = None if request.time_range is None else TimeRange.parse(request.time_range)
    step, excluded = model.forecaster.step, request.time_ranges_excluded
    forecaster, config = model.forecaster, model.asked(request.entities)
    ahead = config.steps_ahead
    told = sources.series(source, config, excluded=excluded, step=step, ahead=ahead)
    series = inputs.trimmed(told, config.known_columns)
    series = _until(forecaster.features_of(series), wanted)
    every = every_origin and wanted is not None
    _begun(series, wanted)
    times, origins = _origins(series, wanted if every else None)
    forecaster.check_ahead(told, origins)
    told = model.informed(told, source, config, times)
    forecast = forecaster.backtest(
        told.loc[: origins[-1] + ahead * step],
        origins,
        batch_size=request.batch_size,
        quantiles=request.quantiles,
    )
    whole = forecaster.joined(told.loc[: series.index[-1]])
    beside = rivals(forecast, whole)
    return Prediction(
        model,
        series,
        forecast,
        sources.stamps(source, origins, step),
        beside,
        scores(forecast, whole, forecast.reaching(pd.DatetimeIndex(series.index)), beside),
        events(model, told, times) if every and model.detector and model.detector.usable else [],
        limits.warnings(model, request, forecast, series),
        {"kind": "file" if sources.is_table(source.data or "") else "datapool"},
    )


def _until(series: pd.DataFrame, wanted: TimeRange | None) -> pd.DataFrame:
    """The windows that start at or before the end of the range; SeriesError where there is none."""
    if wanted is None:
        return series
    begins, end = ranges.starts(series), pd.Timestamp(wanted.end)
    early = np.asarray(begins <= end if wanted.end_in else begins < end)
    if not early.any():
        raise SeriesError(
            f"no step lies before the end of {wanted}",
            where=series.attrs.get("source", "series"),
            fix=f"It begins {begins[0]:%Y-%m-%dT%H:%MZ}",
        )
    chosen: pd.DataFrame = series.loc[early]
    return chosen


def _begun(series: pd.DataFrame, wanted: TimeRange | None) -> None:
    """Warn where the last known step lies before the range: the forecast may end before it, too."""
    known = ranges.starts(series)[series.notna().any(axis=1).to_numpy()]
    if wanted is not None and len(known) and known[-1] < wanted.begin:
        notes.warn(
            log,
            "%s: the last known step, %s, lies before %s: forecasts from there",
            series.attrs.get("source", "series"),
            iso(known[-1:])[0],
            wanted,
        )


def _origins(
    series: pd.DataFrame, wanted: TimeRange | None
) -> tuple[pd.DatetimeIndex, pd.DatetimeIndex]:
    """The steps in the range and those of them with a value; without a range the last such alone.

    Raises SeriesError where no step holds a value.
    """
    inside = splits.inside(series, wanted)
    known = _known(series, inside)
    return (known[-1:], known[-1:]) if wanted is None else (inside, known)


def _known(series: pd.DataFrame, inside: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """The steps with a value; SeriesError where there is none."""
    alive = series.notna().any(axis=1).to_numpy() & series.index.isin(inside)
    if not alive.any():
        raise SeriesError(
            f"no step holds a value from {iso(inside[:1])[0]} to {iso(inside[-1:])[0]}",
            where=series.attrs.get("source", "series"),
            fix="Give another time range",
        )
    return pd.DatetimeIndex(series.index[alive])
