"""Train: series -> fitted forecaster and detector -> one model file, scored beside baselines."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pandas as pd

from mods import atomic, paths
from mods.anomaly.detector import Detector
from mods.anomaly.events import Event
from mods.config import Config
from mods.flows import calibrate, known, limits, losses, material, onward, output, saved
from mods.flows.backtest import scores
from mods.flows.calibrated import MOST_EVENTS
from mods.flows.calm import Lessons, learn, named
from mods.flows.material import Material
from mods.flows.model import Model
from mods.flows.silence import Feedback
from mods.models import catalogue, locks
from mods.models.checkpoints import Run, Told
from mods.models.forecaster import Forecaster
from mods.request import Source, TrainRequest
from mods.series import figures, splits


def train(
    config: Config,
    request: TrainRequest,
    source: Source,
    given: Collection[str] = (),
    told: tuple[Told, ...] = (),
) -> dict[str, Any]:
    """Train, score, learn the alarm threshold and save; returns what was done as plain values.

    The model is replaced only after everything worked. A training that was killed goes on from
    its last epoch when the same is asked for again, unless the request says `fresh`. A model that
    does not beat a baseline is saved with a warning that names it; the caller shows them.

    given:  the settings that were asked for by name; only these change a model that is gone on from
    told:  who is told each epoch and its errors, after its checkpoint is written
    Raises SeriesError, DatapoolError, UsageError or ResourceError, also where another training to
    the name goes on.
    """
    path = paths.model(request.model_name, source.models)
    atomic.check(path)
    with locks.training(path):
        return _train(config, request, source, given, _run(request, told))


def _train(
    config: Config, request: TrainRequest, source: Source, given: Collection[str], run: Run
) -> dict[str, Any]:
    """Train and save, alone in doing so to this name."""
    started = time.monotonic()
    path = paths.model(request.model_name, source.models)
    output.check_picture(request.picture)
    said = Feedback.of(path)
    old, changed = onward.begin(request.init_from, source, config, given)
    step = old.step if old else None
    catalogue.sweep(source.models)
    config = known.told(old.config if old else config, source)
    gathered = material.gather(config, request, source, step)
    wanted = limits.given(request, source, config, gathered)
    calm, doubts = material.calm(gathered, config)
    parts = gathered.parts
    learning = parts.train, parts.validation
    if old is None:
        forecaster = Forecaster(config).fit(*learning, run=run)
    else:
        forecaster = old.update(*learning, run=run, **changed)
    forecaster.remember(gathered.uncut())
    scored = {"validation": _scores(forecaster, gathered, parts.validation)}
    if parts.test is not None:
        scored["test"] = _scores(forecaster, gathered, parts.test)
    lessons = _lessons(gathered, forecaster, calm)
    model = Model(request.model_name, path, forecaster, None)
    detector, _, left_out = learn(model, lambda: Detector(request.alarms_per_week), lessons, said)
    model = dataclasses.replace(model, detector=detector)
    detector = calibrate.forgiving(model, gathered.series, said.marks)
    summaries = {name: figures.summary(evaluation) for name, evaluation in scored.items()}
    warnings = [*gathered.warnings, *doubts, *_severe(left_out), *losses.lines(summaries)]
    forecaster.metrics = {
        **({"init_from": request.init_from} if old else {}),
        "periods": _periods(parts, calm),
        **summaries,
        "warnings": warnings,
    }
    saved.save(path, forecaster, detector, limits.kept(wanted, gathered, lessons.forecast))
    if forecaster.checkpoint is not None:
        forecaster.checkpoint.remove()
    _draw(forecaster, request.picture)
    return {
        "model_name": request.model_name,
        "path": str(path),
        "model_type": config.model_type,
        "features": list(forecaster.features),
        "window_slide": str(forecaster.window),
        "steps_ahead": config.steps_ahead,
        "training_time": round(time.monotonic() - started, 2),
        "epochs": len(forecaster.history["loss"]),
        "budget": detector.budget,
        "metrics": forecaster.metrics,
        "evaluation": {name: figures.rows(one) for name, one in scored.items()},
        **({"picture": request.picture} if request.picture else {}),
    }


def _lessons(gathered: Material, forecaster: Forecaster, calm: pd.DataFrame) -> Lessons:
    """What the detector learns from."""
    seen, forecast, _ = gathered.forecast(forecaster, calm)
    watched = forecaster.features_of(seen)
    return Lessons(seen, calm, forecast, watched, gathered.earlier(forecaster))


def _severe(left_out: list[Event]) -> list[str]:
    """What was left out of the calm range though nobody marked it."""
    told = "severe events that nobody marked, left out of the calm range"
    return [f"{told}: {named(left_out, MOST_EVENTS)}"] if left_out else []


def _run(request: TrainRequest, told: tuple[Told, ...]) -> Run:
    """Where the training is kept, and who is told of its epochs."""
    if request.tensorboard is not None:
        from mods.visualization import tensorboard

        told = (*told, tensorboard.told(Path(request.tensorboard)))
    return Run(paths.checkpoints(), fresh=request.fresh, keep=True, told=told)


def _draw(forecaster: Forecaster, path: str | None) -> None:
    if path is not None:
        from mods.visualization import plots

        output.picture(plots.learning_curve(forecaster.history), path)


def _scores(forecaster: Forecaster, gathered: Material, part: pd.DataFrame) -> pd.DataFrame:
    """Errors on one part; what lies before it may be looked back on, what is excluded may not."""
    seen, forecast, counted = gathered.forecast(forecaster, part)
    return scores(forecast, seen, counted)


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
