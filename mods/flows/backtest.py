"""Backtest: what a saved model would have forecast over a period, beside the baselines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mods.errors import SeriesError
from mods.flows import source as sources
from mods.flows.model import Model
from mods.models.forecaster import Forecaster
from mods.request import PredictRequest, Source
from mods.series import baselines, metrics, splits
from mods.series.forecast import Forecast
from mods.timerange import TimeRange


@dataclass(frozen=True, eq=False)
class Backtest:
    """Forecasts whose targets lie in a period. `counted` (n, leads) tells which of them do."""

    model: Model
    series: pd.DataFrame
    forecast: Forecast
    counted: np.ndarray
    evaluation: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """One row per origin, lead and feature that lies in the period."""
        return self.forecast.table(self.counted).dropna(subset="forecast")

    def record(self) -> dict[str, Any]:
        """The scores as a program reads them."""
        return {
            "model": self.model.identity(),
            "origins": len(self.forecast.origins),
            "summary": metrics.summary(self.evaluation),
            "evaluation": metrics.rows(self.evaluation),
        }


def backtest(request: PredictRequest, source: Source) -> Backtest:
    """Forecast from every known origin so that each target window lies in the request's range.

    Raises SeriesError where the range holds too little, ModelError where data and model differ.
    """
    model = Model.load(request.model_name, source.models)
    series = sources.series(source, model.config, excluded=request.time_ranges_excluded)
    wanted = None if request.time_range is None else TimeRange.parse(request.time_range)
    times = splits.inside(series, wanted)
    forecast, counted = over(model.forecaster, series, times)
    return Backtest(model, series, forecast, counted, scores(forecast, series, counted))


def over(
    forecaster: Forecaster, series: pd.DataFrame, times: pd.DatetimeIndex
) -> tuple[Forecast, np.ndarray]:
    """The forecasts that reach one of `times`, and a boolean (n, leads): which targets are in it.

    The series before `times` is what the forecasts may look back on.
    """
    reach = forecaster.config.steps_ahead * forecaster.step
    near = (series.index >= times[0] - reach) & (series.index < times[-1])
    origins = pd.DatetimeIndex(series.index[near & series.notna().any(axis=1).to_numpy()])
    if len(origins) == 0:
        raise SeriesError(
            "no value is known before or in the period",
            where=f"{times[0]:%Y-%m-%d %H:%M} to {times[-1]:%Y-%m-%d %H:%M}",
            fix="Give another time range",
        )
    forecast = forecaster.backtest(series.loc[: times[-1]], origins=origins)
    return forecast, forecast.reaching(times)


def scores(forecast: Forecast, series: pd.DataFrame, counted: np.ndarray) -> pd.DataFrame:
    """The forecast's errors beside persistence and the other baselines, per feature and lead."""
    rivals = baselines.all_of(series, forecast.origins, len(forecast.leads))
    return metrics.evaluate(forecast, series, rivals, counted=counted)
