"""Refits: a backtest in which the model is trained anew at cuts, on what was known by then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mods import duration, progress
from mods.config import Config
from mods.errors import SeriesError
from mods.flows.backtest import Backtest
from mods.models.forecaster import Forecaster
from mods.request import BacktestRequest
from mods.series import figures, metrics
from mods.series.forecast import Forecast, iso

FIXED = "fixed_model"


@dataclass(frozen=True, eq=False)
class Refits:
    """A backtest of the model as it is saved, and the same forecasts by models trained on the way.

    cuts:  when they were trained, UTC: each on what lies before its cut, for origins from it on
    """

    fixed: Backtest
    every: str
    span: str | None
    cuts: pd.DatetimeIndex
    forecast: Forecast
    evaluation: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """One row per origin, lead and feature, forecast by the refitted models."""
        return self.forecast.table(self.fixed.counted, self.fixed.called).dropna(subset="forecast")

    def record(self) -> dict[str, Any]:
        """The scores as a program reads them; `fixed_model` stands among the baselines."""
        return {
            "every": self.every,
            "span": self.span,
            "cuts": iso(self.cuts),
            "summary": figures.summary(self.evaluation),
            "evaluation": figures.rows(self.evaluation),
            "warnings": self.warnings(),
        }

    def text(self) -> str:
        """The scores as a person reads them."""
        from mods.visualization import terminal

        on = "all before it" if self.span is None else f"the last {self.span} before it"
        head = f"refitted every {self.every} ({len(self.cuts)} times, each on {on}):"
        columns = ["feature", "lead", "rel_mae", "persistence_mae", f"{FIXED}{metrics.ERROR}"]
        warned = [f"warning: {line}" for line in self.warnings()]
        return "\n".join([head, terminal.scores(self.evaluation[columns]), *warned])

    def warnings(self) -> list[str]:
        """What makes the comparison unfair: a fixed model that has seen part of the period."""
        periods = self.fixed.model.forecaster.metrics.get("periods", {})
        seen = [
            pd.Timestamp(periods[part][1]) for part in ("train", "validation") if part in periods
        ]
        if not seen or max(seen) < self.fixed.first_target():
            return []
        return [
            f"the fixed model was trained on data up to {iso(pd.DatetimeIndex([max(seen)]))[0]}, "
            "within the period: its errors there are no errors of a forecast"
        ]


def refit(fixed: Backtest, request: BacktestRequest) -> Refits:
    """Train anew every `request.refit` and forecast from the origins up to the next cut.

    The first cut is the first origin. A model is trained on the series before its cut: all of it,
    or the last `request.refit_span`. Raises SeriesError where that is too little.
    """
    every = pd.Timedelta(duration.parse(request.refit or "7d"))
    span = None if request.refit_span is None else pd.Timedelta(duration.parse(request.refit_span))
    origins, config = fixed.forecast.origins, fixed.model.config
    number = (origins - origins[0]) // every
    cuts = pd.DatetimeIndex([origins[0] + int(n) * every for n in np.unique(number)])
    made = []
    with progress.shown("refits", len(cuts), "refit") as bar:
        for cut, block in zip(cuts, np.unique(number), strict=True):
            forecaster = _trained(known(fixed.series, cut, span), config, cut, bar)
            chosen = origins[number == block]
            ahead = config.steps_ahead * fixed.forecast.step
            seen = fixed.series.loc[: chosen[-1] + ahead]
            size, quantiles = request.batch_size, request.quantiles
            made.append(forecaster.backtest(seen, chosen, batch_size=size, quantiles=quantiles))
    forecast = _joined(made)
    evaluation = metrics.evaluate(
        forecast, fixed.actual, {FIXED: fixed.forecast}, counted=fixed.counted
    )
    for column in _others(fixed.evaluation, evaluation):
        evaluation[column] = fixed.evaluation[column]
    return Refits(fixed, str(request.refit), request.refit_span, cuts, forecast, evaluation)


def known(series: pd.DataFrame, cut: pd.Timestamp, span: pd.Timedelta | None) -> pd.DataFrame:
    """What may be learnt from at a cut: the steps before it, all or the last `span`."""
    earlier = series.index < cut
    if span is not None:
        earlier &= series.index >= cut - span
    part: pd.DataFrame = series.loc[earlier]
    return part


def _trained(
    series: pd.DataFrame, config: Config, cut: pd.Timestamp, bar: progress.Progress
) -> Forecaster:
    """A model of the same settings, trained on this part of the series."""
    epochs = 0

    def watch(epoch: int, error: float) -> None:
        nonlocal epochs
        epochs = epoch
        bar.advance(1 / config.num_epochs, f"{cut:%Y-%m-%d %H:%M}: {error:.3f}")

    try:
        forecaster = Forecaster(config).fit(series, watch=watch)
    except SeriesError as error:
        raise SeriesError(
            f"{error.message} (training on the {len(series)} steps before it)",
            where=f"refit at {iso(pd.DatetimeIndex([cut]))[0]}",
            fix="Begin the time range later, or give more data before it",
        ) from None
    bar.advance(1 - epochs / config.num_epochs)
    return forecaster


def _others(fixed: pd.DataFrame, refitted: pd.DataFrame) -> list[str]:
    """The columns of the baselines, of which the refits need no figures of their own."""
    return [c for c in map(str, fixed) if c.endswith(metrics.ERROR) and c not in refitted]


def _joined(parts: Sequence[Forecast]) -> Forecast:
    """One forecast of many that follow each other."""
    first = parts[0]
    origins = pd.DatetimeIndex(np.concatenate([one.origins for one in parts]), tz="UTC")
    values = np.concatenate([one.values for one in parts])
    beside = {
        name: {key: np.concatenate([getattr(one, name)[key] for one in parts]) for key in inner}
        for name in ("lower", "upper", "quantiles")
        for inner in [getattr(first, name)]
    }
    return Forecast(origins, first.features, first.step, values, **beside)
