"""Fitting: a training series becomes a trained network, its calibration and its figures."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd

from mods.config import Config
from mods.errors import SeriesError
from mods.models import history, intervals, network, preparation, runtime
from mods.models.prepared import Prepared
from mods.models.trained import Trained
from mods.series import contract, transforms
from mods.series.forecast import LEVELS
from mods.window import Window

CHECKED = 256


def fit(
    series: pd.DataFrame, parts: tuple[slice, slice], config: Config, window: Window
) -> Trained:
    """Train on one part of the series, stop early on the other; parts are slices of steps."""
    began = time.monotonic()
    values, learning = series.to_numpy(float), series.iloc[parts[0]]
    _alive(learning)
    transform = transforms.fit(
        learning.to_numpy(float), panes=window.panes, day=_day(series), delta=config.model_delta
    )
    prepared = preparation.prepare(
        values, transform, sequence_len=config.sequence_len, steps_ahead=config.steps_ahead
    )
    train, validation = _rows(prepared, parts)
    learnt = network.room("train").learn(prepared, train, validation, config)
    export = network.room("export")
    onnx = export.onnx(learnt.network, list(prepared.inputs(validation[:CHECKED])))
    answers = runtime.Network(onnx) if onnx else export.Network(learnt.network)
    features = tuple(map(str, series.columns))
    spread, figures = _judged(answers, prepared, validation, features)
    reach = preparation.reach(transform, config.sequence_len)
    return Trained(
        features=features,
        step=contract.step(series),
        window=window,
        transform=transform,
        weights=export.weights(learnt.network),
        onnx=onnx,
        answers=answers,
        spread=spread,
        tail=history.tail(series, reach + intervals.WARM_UP),
        curve=learnt.curve,
        metrics={
            "validation": figures,
            "epochs": len(learnt.curve["loss"]),
            "samples": len(train),
            "seconds": round(time.monotonic() - began, 1),
        },
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


def _rows(prepared: Prepared, parts: tuple[slice, slice]) -> tuple[np.ndarray, np.ndarray]:
    """The rows of whole samples; those of the validation may look back out of it."""
    train, validation = parts
    back = max(validation.start - prepared.sequence_len + 1, 0)
    rows = prepared.whole(train.start, train.stop), prepared.whole(back, validation.stop)
    if len(rows[0]) and len(rows[1]):
        return rows
    past, ahead = prepared.sequence_len, prepared.steps_ahead
    what, part = ("validation", validation) if len(rows[0]) else ("training", train)
    need = ahead + 1 if len(rows[0]) else past + ahead
    raise SeriesError(
        f"the {part.stop - part.start} steps of the {what} part are too few, or too full of gaps, "
        f"for sequence_len={past} and steps_ahead={ahead}",
        where="series",
        fix=f"Give that part at least {need} steps without a gap, or lower sequence_len or "
        "steps_ahead",
    )


def _day(series: pd.DataFrame) -> int:
    """Steps of a day; 0 where a day is no whole number of them."""
    steps = pd.Timedelta(days=1) / contract.step(series)
    return int(steps) if steps == int(steps) else 0


def _judged(
    answers: runtime.Answers,
    prepared: Prepared,
    rows: np.ndarray,
    features: tuple[str, ...],
) -> tuple[np.ndarray, dict[str, Any]]:
    """Quantiles of |error| in the features' units, and the figures beside persistence."""
    missed = np.abs(runtime.answers(answers, prepared, rows) - prepared.paths(rows))
    same = np.abs(prepared.changes(rows))
    feature = rows // prepared.steps
    spread = np.zeros((len(LEVELS), prepared.steps_ahead, len(features)))
    figures = {}
    for number, name in enumerate(features):
        mine = feature == number
        if mine.any():
            scale = prepared.transform.scale[number]
            spread[:, :, number] = intervals.quantiles(missed[mine]) * scale
            figures[name] = _relative(missed[mine], same[mine])
    by_lead = np.mean(list(figures.values()), axis=0)
    return spread, {
        "mean": float(by_lead.mean()),
        "leads": {str(lead): float(one) for lead, one in enumerate(by_lead, start=1)},
        "features": {name: float(one.mean()) for name, one in figures.items()},
    }


def _relative(missed: np.ndarray, same: np.ndarray) -> np.ndarray:
    """MAE over that of persistence by lead; 1 where nothing ever moves."""
    error, persistence = missed.mean(axis=0, dtype=float), same.mean(axis=0, dtype=float)
    relative = np.divide(error, persistence, out=np.ones_like(error), where=persistence > 0)
    return np.asarray(relative)
