"""Backtest: what a saved model would have forecast over a period, beside the baselines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mods.errors import SeriesError
from mods.flows import source as sources
from mods.flows.model import Model
from mods.models.forecaster import Forecaster
from mods.request import BacktestRequest, PredictRequest, Source
from mods.series import baselines, figures, metrics, ranges
from mods.series.forecast import Forecast
from mods.timerange import TimeRange


@dataclass(frozen=True, eq=False)
class Backtest:
    """Forecasts whose targets lie in a period.

    counted: boolean (n, leads), which targets lie in it; called: the data's own origins
    rivals: the baselines by name, from the same origins
    """

    model: Model
    series: pd.DataFrame
    forecast: Forecast
    counted: np.ndarray
    called: pd.DatetimeIndex
    rivals: Mapping[str, Forecast]
    evaluation: pd.DataFrame

    @property
    def actual(self) -> pd.DataFrame:
        """The features of the series that are forecast."""
        return self.series.loc[:, list(self.forecast.features)]

    def first_target(self) -> pd.Timestamp:
        """The first moment that was forecast: the end of the period's first window."""
        hit = [lead for lead in range(self.counted.shape[1]) if self.counted[:, lead].any()]
        origins, step = self.forecast.origins, self.forecast.step
        return min(
            pd.Timestamp(origins[int(self.counted[:, k].argmax())] + (k + 1) * step) for k in hit
        )

    def table(self) -> pd.DataFrame:
        """One row per origin, lead and feature that lies in the period."""
        return self.forecast.table(self.counted, self.called).dropna(subset="forecast")

    def record(self) -> dict[str, Any]:
        """The scores as a program reads them."""
        return {
            "model": self.model.identity(),
            "origins": len(self.forecast.origins),
            "summary": figures.summary(self.evaluation),
            "evaluation": figures.rows(self.evaluation),
        }


def backtest(request: PredictRequest, source: Source) -> Backtest:
    """Forecast from every known origin so that each target window lies in the request's range.

    Raises SeriesError where the range holds too little or data and model differ.
    """
    model = Model.load(request.model_name, source.models)
    step, excluded = model.forecaster.step, request.time_ranges_excluded
    config = model.asked(request.entities)
    series = sources.series(source, config, excluded=excluded, step=step)
    wanted = None if request.time_range is None else TimeRange.parse(request.time_range)
    times = targets(series, model.forecaster, wanted, excluded)
    refitted = isinstance(request, BacktestRequest) and request.refit is not None
    learnt = pd.DatetimeIndex(series.index) if refitted else times
    series = model.informed(series, source, config, learnt)
    asked = {"batch_size": request.batch_size, "quantiles": request.quantiles}
    forecast, counted = over(model.forecaster, series, times, **asked)
    called = sources.stamps(source, forecast.origins, step)
    beside = rivals(forecast, series)
    evaluation = scores(forecast, series, counted, beside)
    return Backtest(model, series, forecast, counted, called, beside, evaluation)


def targets(
    series: pd.DataFrame,
    forecaster: Forecaster,
    wanted: TimeRange | None,
    excluded: Iterable[str] = (),
) -> pd.DatetimeIndex:
    """The steps in the range and in no exclusion, also those that are yet to come.

    Raises SeriesError where no forecast from the series reaches one.
    """
    ahead = forecaster.config.steps_ahead
    grid = pd.date_range(
        series.index[0], periods=len(series) + ahead, freq=forecaster.step, name="time"
    )
    steps = pd.DataFrame({"step": 1.0}, grid)
    steps.attrs = dict(series.attrs)
    steps = ranges.without(steps.iloc[: None if wanted else len(series)], excluded)
    inside = steps if wanted is None else ranges.held(steps, wanted)
    return pd.DatetimeIndex(inside.index[inside["step"].notna()])


def over(
    forecaster: Forecaster, series: pd.DataFrame, times: pd.DatetimeIndex, **asked: Any
) -> tuple[Forecast, np.ndarray]:
    """The forecasts that reach one of `times`, and a boolean (n, leads): which targets are in it.

    The series before `times` is what the forecasts may look back on; `asked` are batch_size and
    quantiles of `Forecaster.backtest`.
    """
    reach = forecaster.config.steps_ahead * forecaster.step
    near = np.zeros(len(series), bool)
    if len(times):
        near = (series.index >= times[0] - reach) & (series.index < times[-1])
    told = forecaster.features_of(series).notna().any(axis=1).to_numpy()
    origins = pd.DatetimeIndex(series.index[near & told])
    if len(origins) == 0:
        raise SeriesError(
            "no value is known before or in the period",
            where=series.attrs.get("source", "series"),
            fix="Give another time range",
        )
    forecast = forecaster.backtest(series.loc[: times[-1] + reach], origins, **asked)
    return forecast, forecast.reaching(times)


def rivals(forecast: Forecast, series: pd.DataFrame) -> dict[str, Forecast]:
    """What the baselines say from the origins of a forecast, of the features it forecasts."""
    actual = series.loc[:, list(forecast.features)]
    return baselines.all_of(actual, forecast.origins, len(forecast.leads))


def scores(
    forecast: Forecast,
    series: pd.DataFrame,
    counted: np.ndarray,
    beside: Mapping[str, Forecast] | None = None,
) -> pd.DataFrame:
    """The forecast's errors beside persistence and the other baselines, per feature and lead.

    beside:  the `rivals`, where they are there already; they take longer than the forecast
    """
    actual = series.loc[:, list(forecast.features)]
    beside = rivals(forecast, series) if beside is None else beside
    return metrics.evaluate(forecast, actual, beside, counted=counted)
