"""Train: series -> fitted forecaster and detector -> one model file, scored beside persistence."""

from __future__ import annotations

import logging
import time
from typing import Any

import pandas as pd

from mods import paths
from mods.anomaly.detector import Detector
from mods.config import Config
from mods.flows import saved
from mods.flows import source as sources
from mods.flows.backtest import over, scores
from mods.models.forecaster import Forecaster
from mods.request import Source, TrainRequest
from mods.series import metrics, splits
from mods.timerange import TimeRange

log = logging.getLogger(__name__)


def train(config: Config, request: TrainRequest, source: Source) -> dict[str, Any]:
    """Train, score, learn the alarm threshold and save; returns what was done as plain values.

    The model is replaced only after everything worked. A model that loses to persistence is saved
    with a warning. Raises SeriesError, DatapoolError, UsageError or ResourceError.
    """
    started = time.monotonic()
    path = paths.model(request.model_name, source.models)
    series = sources.series(source, config)
    parts = _parts(series, request)
    forecaster = Forecaster(config).fit(parts.train, parts.validation)
    scored = {"validation": _scores(forecaster, series, parts.validation)}
    if parts.test is not None:
        scored["test"] = _scores(forecaster, series, parts.test)
    detector = _detector(forecaster, series, parts.calm, request.alarms_per_week)
    warnings = _warnings(scored)
    forecaster.metrics = {
        "periods": _periods(parts),
        **{name: metrics.summary(evaluation) for name, evaluation in scored.items()},
        "warnings": warnings,
    }
    saved.save(path, forecaster, detector)
    for line in warnings:
        log.warning("%s: %s", request.model_name, line)
    return {
        "model_name": request.model_name,
        "path": str(path),
        "model_type": config.model_type,
        "features": list(forecaster.features),
        "window_slide": str(forecaster.window),
        "steps_ahead": config.steps_ahead,
        "training_time": round(time.monotonic() - started, 2),
        "epochs": len(forecaster.history["loss"]),
        "metrics": forecaster.metrics,
        "evaluation": {name: metrics.rows(one) for name, one in scored.items()},
    }


def _parts(series: pd.DataFrame, request: TrainRequest) -> splits.Parts:
    """Cut the series as the request says, or by the rule of thumb where it says nothing."""
    return splits.parts(
        series,
        train=_range(request.train_time_range),
        test=_range(request.test_time_range),
        train_excluded=[TimeRange.parse(text) for text in request.train_time_ranges_excluded],
        test_excluded=[TimeRange.parse(text) for text in request.test_time_ranges_excluded],
        calm=_range(request.calm_time_range),
    )


def _range(text: str | None) -> TimeRange | None:
    return None if text is None else TimeRange.parse(text)


def _scores(forecaster: Forecaster, series: pd.DataFrame, part: pd.DataFrame) -> pd.DataFrame:
    """Errors on one part; what lies before it may be looked back on, what is excluded may not."""
    seen = _before(series, part)
    forecast, counted = over(forecaster, seen, pd.DatetimeIndex(part.index))
    return scores(forecast, seen, counted)


def _before(series: pd.DataFrame, part: pd.DataFrame) -> pd.DataFrame:
    """The series up to the end of the part, in which the part's own exclusions are gaps."""
    earlier = series.loc[series.index < part.index[0]]
    joined: pd.DataFrame = pd.concat([earlier, part])
    joined.attrs = dict(series.attrs)
    return joined


def _detector(
    forecaster: Forecaster, series: pd.DataFrame, calm: pd.DataFrame, alarms_per_week: float
) -> Detector:
    seen = _before(series, calm)
    forecast, _ = over(forecaster, seen, pd.DatetimeIndex(calm.index))
    return Detector(alarms_per_week=alarms_per_week).fit(calm, forecast)


def _periods(parts: splits.Parts) -> dict[str, list[str]]:
    """First and last step (UTC, window ends) of each part."""
    named = {
        "train": parts.train,
        "validation": parts.validation,
        "calm": parts.calm,
        "test": parts.test,
    }
    return {
        name: [f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in (part.index[0], part.index[-1])]
        for name, part in named.items()
        if part is not None
    }


def _warnings(scored: dict[str, pd.DataFrame]) -> list[str]:
    """A line for each part on which the network does not beat persistence."""
    means = {name: metrics.summary(one)["mean"] for name, one in scored.items()}
    return [
        f"loses to persistence on the {name} part: {mean:.3f} times its error"
        for name, mean in means.items()
        if mean is not None and mean >= 1
    ]
