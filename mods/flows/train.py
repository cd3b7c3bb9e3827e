"""Train: series -> fitted forecaster and detector -> one model file, scored beside baselines."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from mods import atomic, paths
from mods.anomaly.detector import LEAST_STEPS, Detector
from mods.config import Config
from mods.errors import SeriesError
from mods.flows import known, losses, onward, output, saved
from mods.flows import source as sources
from mods.flows.backtest import over, scores
from mods.models import catalogue
from mods.models.checkpoints import Run, Told
from mods.models.forecaster import Forecaster
from mods.models.prepared import Watch
from mods.request import Source, TrainRequest
from mods.series import contract, inputs, metrics, ranges, splits
from mods.timerange import TimeRange

log = logging.getLogger(__name__)
CALM_STEPS = 3 * LEAST_STEPS


def train(config: Config, request: TrainRequest, source: Source) -> dict[str, Any]:
    """Train, score, learn the alarm threshold and save; returns what was done as plain values.

    The model is replaced only after everything worked. A training that was killed goes on from
    its last epoch when the same is asked for again, unless the request says `fresh`. A model that
    loses to a baseline is saved with a warning that names it. Raises SeriesError, DatapoolError,
    UsageError or ResourceError.
    """
    started = time.monotonic()
    path = paths.model(request.model_name, source.models)
    atomic.check(path)
    output.check_picture(request.picture)
    run, old, changed = _run(request), *onward.begin(request.init_from, source.models, config)
    config = old.config if old else config
    catalogue.sweep(source.models)
    warnings: list[str] = []
    config = known.told(config, source)
    series = _read(source, config, request, warnings)
    parts = _parts(series, request)
    calm = _calm(_forecast(parts, config), request, warnings)
    learning = parts.train, parts.validation
    if old is None:
        forecaster = Forecaster(config).fit(*learning, run=run)
    else:
        forecaster = old.update(*learning, run=run, **changed)
    forecaster.remember(_uncut(series, parts, request))
    scored = {"validation": _scores(forecaster, series, parts.validation)}
    if parts.test is not None:
        scored["test"] = _scores(forecaster, series, parts.test)
    detector = _detector(forecaster, series, calm, request.alarms_per_week)
    summaries = {name: metrics.summary(evaluation) for name, evaluation in scored.items()}
    warnings += losses.lines(summaries)
    forecaster.metrics = {
        **({"init_from": request.init_from} if old else {}),
        "periods": _periods(parts, calm),
        **summaries,
        "warnings": warnings,
    }
    saved.save(path, forecaster, detector)
    if forecaster.checkpoint is not None:
        forecaster.checkpoint.remove()
    _draw(forecaster, request.picture)
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


def _run(request: TrainRequest) -> Run:
    """Where the training is kept, and who is told of its epochs."""
    told: tuple[Told, ...] = ()
    if request.tensorboard is not None:
        from mods.visualization import tensorboard

        told = (tensorboard.told(Path(request.tensorboard)),)
    return Run(paths.checkpoints(), fresh=request.fresh, keep=True, told=told)


def _draw(forecaster: Forecaster, path: str | None) -> None:
    if path is not None:
        from mods.visualization import plots

        output.picture(plots.learning_curve(forecaster.history), path)


def _filled(
    series: pd.DataFrame, config: Config, request: TrainRequest, warnings: list[str]
) -> pd.DataFrame:
    """The series without the features that came with a whole protocol and hold no value at all."""
    wanted = _range(request.train_time_range)
    learning = series if wanted is None else ranges.held(series, wanted)
    named = {one.name for one in config.query.selections}
    columns = inputs.features(series, config.known_columns)
    empty = [c for c in columns if c not in named and not learning[c].notna().any()]
    if empty and "query" in series.attrs and len(empty) < len(columns):
        warnings.append(f"left out, since they hold no value: {', '.join(empty)}")
        return series.drop(columns=empty)
    return series


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


def _forecast(parts: splits.Parts, config: Config) -> splits.Parts:
    """The parts without the columns that are only inputs."""
    names = list(inputs.features(parts.train, config.known_columns))
    test = None if parts.test is None else parts.test[names]
    return splits.Parts(parts.train[names], parts.validation[names], parts.calm[names], test)


def _range(text: str | None) -> TimeRange | None:
    return None if text is None else TimeRange.parse(text)


def _calm(parts: splits.Parts, request: TrainRequest, warnings: list[str]) -> pd.DataFrame:
    """The range the thresholds are learnt on; a short validation part is lengthened backward.

    Raises SeriesError, before any training, where even that holds too few values.
    """
    calm = parts.calm
    inside = bool(calm.index.isin(parts.train.index).any())
    if request.calm_time_range is None and _known(calm) < CALM_STEPS:
        both = contract.regular(pd.concat([parts.train, parts.validation]))
        both.attrs = dict(parts.train.attrs)
        calm, inside = both.iloc[-CALM_STEPS:], True
    if _known(calm) < 2 * LEAST_STEPS:
        raise SeriesError(
            f"{_known(calm)} known steps are too few to learn alarm thresholds on",
            where=calm.attrs.get("source", "calm range"),
            fix=f"Give at least {2 * LEAST_STEPS} steps to train on, or a --calm_time_range",
        )
    if inside:
        warnings.append(
            "thresholds were learnt on steps that the network was trained on, and may be too low: "
            "more data, or a --calm_time_range of its own, gives truer ones"
        )
    return calm


def _known(part: pd.DataFrame) -> int:
    return int(part.notna().any(axis=1).sum())


def _uncut(series: pd.DataFrame, parts: splits.Parts, request: TrainRequest) -> pd.DataFrame:
    """All that was known up to the end of the validation, without the cut between the parts."""
    whole = series.loc[parts.train.index[0] : parts.validation.index[-1]]
    return ranges.without(whole, request.train_time_ranges_excluded)


def _scores(forecaster: Forecaster, series: pd.DataFrame, part: pd.DataFrame) -> pd.DataFrame:
    """Errors on one part; what lies before it may be looked back on, what is excluded may not."""
    seen = _before(series, part)
    forecast, counted = over(forecaster, seen, pd.DatetimeIndex(part.index))
    return scores(forecast, seen, counted)


def _before(series: pd.DataFrame, part: pd.DataFrame) -> pd.DataFrame:
    """The series up to the end of the part, in which the part's own exclusions are gaps.

    Columns that the part does not have, since they are only inputs, come from the series.
    """
    earlier = series.loc[series.index < part.index[0], part.columns]
    joined: pd.DataFrame = pd.concat([earlier, part])
    joined = joined.join(series[[name for name in series if name not in part]])
    joined.attrs = dict(series.attrs)
    return joined


def _detector(
    forecaster: Forecaster, series: pd.DataFrame, calm: pd.DataFrame, alarms_per_week: float
) -> Detector:
    seen = _before(series, calm)
    forecast, _ = over(forecaster, seen, pd.DatetimeIndex(calm.index))
    return Detector(alarms_per_week=alarms_per_week).fit(calm, forecast)


def _periods(parts: splits.Parts, calm: pd.DataFrame) -> dict[str, list[str]]:
    """First and last step (UTC, window ends) of each part."""
    named = {
        "train": parts.train,
        "validation": parts.validation,
        "calm": calm,
        "test": parts.test,
    }
    return {
        name: [f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in (part.index[0], part.index[-1])]
        for name, part in named.items()
        if part is not None
    }


@dataclass(frozen=True, eq=False)
class Material:
    """A series cut into its parts as `train` cuts it, for whoever trains on it many times."""

    series: pd.DataFrame
    parts: splits.Parts
    request: TrainRequest

    def validation_error(self, config: Config, watch: Watch) -> float:
        """Error relative to persistence on the validation part, as `train` would tell it.

        Nothing of the test part is looked at. Raises SeriesError where no error can be told.
        """
        parts = self.parts
        forecaster = Forecaster(config).fit(parts.train, parts.validation, watch=watch)
        forecaster.remember(_uncut(self.series, parts, self.request))
        seen = _before(self.series, parts.validation)
        forecast, counted = over(forecaster, seen, pd.DatetimeIndex(parts.validation.index))
        actual = forecaster.features_of(seen)
        mean = metrics.summary(metrics.evaluate(forecast, actual, counted=counted))["mean"]
        if mean is None:
            raise SeriesError(
                "nothing changes in it", where="validation part", fix="Give more data"
            )
        return float(mean)


def material(config: Config, request: TrainRequest, source: Source) -> Material:
    """The series that a training with these settings is about, and its parts."""
    series = _read(source, config, request, [])
    return Material(series, _parts(series, request), request)


def _read(
    source: Source, config: Config, request: TrainRequest, warnings: list[str]
) -> pd.DataFrame:
    """The series to train on, up to its last step with a value, without empty features."""
    series = inputs.trimmed(sources.series(source, config), config.known_columns)
    return _filled(series, config, request, warnings)
