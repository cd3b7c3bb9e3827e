"""Predict: the next steps after the last known window, or after every window of a period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from mods.anomaly.events import Event
from mods.errors import SeriesError
from mods.flows import source as sources
from mods.flows.backtest import scores
from mods.flows.model import Model
from mods.request import PredictRequest, Source
from mods.series import baselines, metrics, splits
from mods.series.forecast import Forecast
from mods.timerange import TimeRange


@dataclass(frozen=True, eq=False)
class Prediction:
    """An answer: forecasts, the baselines beside them, and what departed from the forecast."""

    model: Model
    series: pd.DataFrame
    forecast: Forecast
    baselines: dict[str, Forecast]
    evaluation: pd.DataFrame
    events: list[Event]

    def table(self) -> pd.DataFrame:
        """One row per origin, lead and feature."""
        return self.forecast.table().dropna(subset="forecast")

    def record(self) -> dict[str, Any]:
        """The JSON answer of the contract; arrays are [origin][lead][feature]."""
        bounds = {
            f"{side}_{level}": values.tolist()
            for side, levels in (("lower", self.forecast.lower), ("upper", self.forecast.upper))
            for level, values in levels.items()
        }
        return {
            "model": self.model.identity(),
            "origins": self.forecast.origins.strftime("%Y-%m-%dT%H:%M:%SZ").tolist(),
            "leads": self.forecast.leads.tolist(),
            "features": list(self.forecast.features),
            "forecasts": self.forecast.values.tolist(),
            **bounds,
            "baselines": {name: one.values.tolist() for name, one in self.baselines.items()},
            "anomalies": [event.record() for event in self.events],
            "evaluation": metrics.summary(self.evaluation),
        }

    def figure(self) -> Any:
        """The forecast from the last origin with its bands (matplotlib Figure)."""
        from mods.visualization import plots

        return plots.forecast_band(self.forecast, self.series)


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
    wanted = None if request.time_range is None else TimeRange.parse(request.time_range)
    series = sources.series(source, model.config, excluded=request.time_ranges_excluded)
    series = series.loc[: splits.inside(series, wanted, until_end=True)[-1]]
    inside = splits.inside(series, wanted if every_origin else None)
    origins = _origins(series, inside, every_origin=every_origin and wanted is not None)
    forecast = model.forecaster.backtest(series, origins=origins, batch_size=request.batch_size)
    return Prediction(
        model,
        series,
        forecast,
        baselines.all_of(series, forecast.origins, len(forecast.leads)),
        scores(forecast, series, forecast.reaching(pd.DatetimeIndex(series.index))),
        _events(model, series, forecast),
    )


def _origins(
    series: pd.DataFrame, inside: pd.DatetimeIndex, *, every_origin: bool
) -> pd.DatetimeIndex:
    alive = series.notna().any(axis=1).to_numpy() & series.index.isin(inside)
    known = pd.DatetimeIndex(series.index[alive])
    if len(known) == 0:
        raise SeriesError(
            "no window of the period holds a value",
            where=f"{inside[0]:%Y-%m-%d %H:%M} to {inside[-1]:%Y-%m-%d %H:%M}",
            fix="Give another time range",
        )
    return known if every_origin else known[-1:]


def _events(model: Model, series: pd.DataFrame, forecast: Forecast) -> list[Event]:
    """Events among the steps that these forecasts reach; none for a single origin."""
    if model.detector is None or len(forecast.origins) < 2:
        return []
    reached = series.loc[series.index >= forecast.origins[0]]
    return model.detector.events(reached, forecast)
