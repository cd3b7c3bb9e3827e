"""Fitting: a training series becomes a trained network, its calibration and its figures."""

from __future__ import annotations

import itertools
import time
from typing import Any

import numpy as np
import pandas as pd

from mods.config import Config
from mods.errors import SeriesError
from mods.models import (
    blanks,
    history,
    inputs,
    intervals,
    judging,
    many,
    network,
    preparation,
    runtime,
)
from mods.models.checkpoints import UNKEPT, Kept
from mods.models.inputs import Inputs
from mods.models.prepared import Prepared
from mods.models.trained import Trained
from mods.series import contract, splits, transforms
from mods.window import Window

CHECKED = 256
LARGEST = 1e150


def fit(
    series: pd.DataFrame,
    parts: tuple[slice, slice],
    config: Config,
    window: Window,
    *,
    start: Trained | None = None,
    kept: Kept = UNKEPT,
) -> Trained:
    """Train on one part of the series, stop early on the other; parts are slices of steps.

    start: the model to go on from: its transform stays, its weights are where training begins;
    kept: the checkpoint of this training, and who is told of each epoch
    """
    began = time.monotonic()
    start = many.of(start, series, config, series.index[parts[0].stop - 1]) if start else None
    given, prepared = _prepare(series, parts, config, window, start)
    train, validation = _rows(prepared, parts, config)
    learnt = _learn(prepared, (train, validation), parts[0].stop, config, start, kept)
    weights, onnx, answers = _exported(learnt.network, prepared, validation, config)
    features = inputs.features(series, config)
    judged = judging.judged(answers, prepared, validation, features)
    return Trained(
        features=features,
        step=contract.step(series),
        window=window,
        transform=prepared.transform,
        inputs=given,
        weights=weights,
        onnx=onnx,
        answers=answers,
        spread=judged.spread,
        trust=judged.trust,
        tail=_tail(series, features, given, prepared),
        curve=learnt.curve,
        metrics={
            "validation": judged.figures,
            "epochs": len(learnt.curve["loss"]),
            "samples": len(train),
            "seconds": round(time.monotonic() - began, 1),
        },
        origin=history.origin(series),
    )


def _prepare(
    told: pd.DataFrame,
    parts: tuple[slice, slice],
    config: Config,
    window: Window,
    start: Trained | None,
) -> tuple[Inputs, Prepared]:
    """The series made ready, checked, with what the training part or `start` knows of it."""
    features = inputs.features(told, config)
    series = told.loc[:, list(features)]
    learning = series.iloc[parts[0]]
    _alive(learning)
    _squarable(series)
    given = start.inputs if start else inputs.fit(told.iloc[parts[0]], features, config, window)
    transform = start.transform if start else _transform(series, learning, window, config)
    _near(series, transform)
    grid = inputs.grid(series.index, contract.step(series), config.steps_ahead)
    beside = given.beside(told, features, grid)
    return given, preparation.prepare(
        series.to_numpy(float),
        transform,
        beside=blanks.untold(beside, parts[0].stop, config.seed),
        sequence_len=config.sequence_len,
        steps_ahead=config.steps_ahead,
    )


def _learn(
    prepared: Prepared,
    rows: tuple[np.ndarray, np.ndarray],
    until: int,
    config: Config,
    start: Trained | None,
    kept: Kept,
) -> Any:
    """The network that training on these rows, up to the step `until`, leaves, and its curve."""
    began = None if start is None else [start.weights[name] for name in sorted(start.weights)]
    shown = blanks.hidden(prepared, until, config.seed)
    learnt = network.room("train").learn(shown, rows, config, start=began, kept=kept)
    _settled(learnt.curve, config)
    return learnt


def _exported(
    learnt: Any, prepared: Prepared, rows: np.ndarray, config: Config
) -> tuple[dict[str, np.ndarray], bytes | None, runtime.Answers]:
    """A network's weights, its ONNX export where there is one, and what answers for it."""
    export = network.room("export")
    onnx = export.onnx(learnt, list(prepared.inputs(rows[:CHECKED])), config)
    answers = runtime.Network(onnx) if onnx else export.Network(learnt)
    return export.weights(learnt), onnx, answers


def _tail(
    series: pd.DataFrame, features: tuple[str, ...], given: Inputs, prepared: Prepared
) -> pd.DataFrame:
    """The end of the series, as long as forecasts and their intervals look back."""
    columns = [*features, *given.columns(series, features)]
    reach = preparation.reach(prepared.transform, prepared.sequence_len)
    return history.tail(series[columns], reach + intervals.WARM_UP)


def _transform(
    series: pd.DataFrame, learning: pd.DataFrame, window: Window, config: Config
) -> transforms.Transform:
    return transforms.fit(
        learning.to_numpy(float), panes=window.panes, day=_day(series), delta=config.model_delta
    )


def parts(steps: int, panes: int, config: Config) -> tuple[slice, slice]:
    """All but the last tenth to train on, the last tenth to validate, one window apart."""
    tenth = max(steps // 10, min(steps // 4, 2 * config.steps_ahead), 1)
    first = steps - tenth
    return slice(0, max(first - panes, 0)), slice(first, steps)


def _alive(series: pd.DataFrame) -> None:
    """Raise SeriesError for a feature without any value to learn from."""
    for name, known in series.notna().any().items():
        if not known:
            raise SeriesError(
                f"has no value in the {len(series)} steps of the training part",
                where=name,
                fix="Leave this feature out, or train on another period",
            )


def _squarable(series: pd.DataFrame) -> None:
    """Raise SeriesError for a feature whose squares, and so its scores, are infinite."""
    for name, largest in series.abs().max().items():
        if largest > LARGEST:
            raise SeriesError(
                f"holds values as large as {largest:.1e}, of which no score can be computed",
                where=name,
                fix=f"Scale this column down, to less than {LARGEST:.0e}",
            )


def _near(series: pd.DataFrame, transform: transforms.Transform) -> None:
    """Raise SeriesError for a feature with values beyond what the network can be given."""
    sizes = series.abs().max()
    for (name, largest), scale in zip(sizes.items(), transform.scale, strict=True):
        if largest / preparation.FARTHEST > scale:
            raise SeriesError(
                f"holds values as large as {largest:.1e}, where in training it changes by "
                f"{scale:.1e} a step",
                where=name,
                fix="Leave such values empty, or scale the column down by its logarithm",
            )


def _settled(curve: dict[str, list[float]], config: Config) -> None:
    """Raise SeriesError where training ran away."""
    if not np.isfinite([*curve["loss"], *curve["val_loss"]]).all():
        raise SeriesError(
            f"the loss is no longer finite after epoch {len(curve['loss'])}",
            where="series",
            fix=f"Scale its columns down, or lower learning_rate={config.learning_rate:g}",
        )


def _rows(
    prepared: Prepared, parts: tuple[slice, slice], config: Config
) -> tuple[np.ndarray, np.ndarray]:
    """The rows of whole samples; those of the validation may look back out of it."""
    train, validation = parts
    back = max(validation.start - prepared.sequence_len + 1, 0)
    rows = prepared.whole(train.start, train.stop), prepared.whole(back, validation.stop)
    if len(rows[0]) and len(rows[1]):
        return rows
    past, ahead = prepared.sequence_len, prepared.steps_ahead
    what, part = ("validation", validation) if len(rows[0]) else ("training", train)
    raise SeriesError(
        f"the {part.stop - part.start} steps of the {what} part are too few, or too full of gaps, "
        f"for sequence_len={past} and steps_ahead={ahead}",
        where="series",
        fix=f"{_enough(prepared, parts, config)}, or lower sequence_len or steps_ahead",
    )


def _enough(prepared: Prepared, chosen: tuple[slice, slice], config: Config) -> str:
    """How long a series has to be for one sample in each part.

    Validation samples look back into training, unless the cut between the parts is a gap.
    """
    past, ahead, panes = config.sequence_len, config.steps_ahead, prepared.transform.panes
    if chosen == parts(prepared.steps, panes, config):
        least = next(steps for steps in itertools.count(past) if _holds(steps, panes, config))
        return f"Give at least {least} steps without a gap"
    inside = ahead + 1 if chosen[0].stop == chosen[1].start else past + ahead
    whole, learning = splits.fewest(past + ahead, inside, panes)
    return (
        f"Give a series of at least {whole} steps without a gap, or a train range of {learning}, "
        "to the default split"
    )


def _holds(steps: int, panes: int, config: Config) -> bool:
    train, validation = parts(steps, panes, config)
    ahead: int = config.steps_ahead
    learnt = train.stop >= config.sequence_len + ahead
    return learnt and bool(validation.stop - validation.start > ahead)


def _day(series: pd.DataFrame) -> int:
    """Steps of a day; 0 where a day is no whole number of them."""
    steps = pd.Timedelta(days=1) / contract.step(series)
    return int(steps) if steps == int(steps) else 0
