"""Learning: how a series is cut for a training, what is kept of it, and how a model goes on."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pandas as pd

from mods import settings
from mods.config import Config
from mods.errors import UsageError
from mods.models import checkpoints, fitting, history, recall
from mods.models.checkpoints import Checkpoint, Run
from mods.models.trained import Trained
from mods.window import Window

CONTINUED = (
    "num_epochs",
    "epochs_patience",
    "batch_size",
    "dropout_rate",
    "learning_rate",
    "seed",
)
FINER = 0.25


def cut(
    train: pd.DataFrame, validation: pd.DataFrame | None, window: Window, config: Config
) -> tuple[pd.DataFrame, tuple[slice, slice]]:
    """One series, and which of its steps to train on and to validate.

    Without a validation the last tenth, a window apart, is one. Raises SeriesError where the
    validation does not follow the training.
    """
    if validation is None:
        return train, fitting.parts(len(train), window.panes, config)
    series = history.followed(train, validation)
    end = len(series)
    return series, (slice(0, len(train)), slice(end - len(validation), end))


def onward(config: Config, named: Mapping[str, Any]) -> tuple[Config, Config]:
    """The settings of a model that goes on, and those it is trained with now.

    Now its steps are a quarter as large, unless a rate was named. What it keeps is the rate of a
    whole training, so that the tenth time is trained like the first. Raises UsageError for a
    setting that stays as it is.
    """
    settings.known(named, Config)
    for name in sorted(set(named) - set(CONTINUED)):
        raise UsageError(
            "stays as it is when a model goes on learning",
            where=name,
            fix=f"It may change {', '.join(CONTINUED)}",
        )
    whole = {"learning_rate": config.learning_rate}
    now = {"learning_rate": config.learning_rate * FINER, **named}
    return dataclasses.replace(config, **{**named, **whole}), dataclasses.replace(config, **now)


def behind(
    model: Trained, series: pd.DataFrame, parts: tuple[slice, slice], sequence_len: int
) -> tuple[pd.DataFrame, tuple[slice, slice]]:
    """The series behind the history that the model keeps, and where its parts are then."""
    whole = recall.behind(model, series, sequence_len)
    before = len(whole) - len(series)
    train, validation = (slice(part.start + before, part.stop + before) for part in parts)
    return whole, (train, validation)


def trained(
    config: Config,
    series: pd.DataFrame,
    parts: tuple[slice, slice],
    run: Run,
    *,
    start: Trained | None = None,
) -> tuple[Trained, Checkpoint | None]:
    """Train as `run` says, and its checkpoint, which is removed where it is not to be kept."""
    began = None if start is None else start.weights
    kept = run.kept(checkpoints.identity(config, series, parts, weights=began))
    window = Window.parse(config.window_slide)
    model = fitting.fit(series, parts, config, window, start=start, kept=kept)
    if kept.checkpoint is not None and not run.keep:
        kept.checkpoint.remove()
    return model, kept.checkpoint
