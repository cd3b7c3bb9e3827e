"""Trained: what training leaves behind, and how it is taken apart for saving and put together."""

from __future__ import annotations

import dataclasses
import reprlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from mods import settings
from mods.config import Config
from mods.errors import CorruptModelError, ModsError
from mods.models import inputs, network, preparation, runtime
from mods.models.inputs import Inputs
from mods.series import transforms
from mods.series.forecast import LEVELS
from mods.series.transforms import Transform
from mods.window import Window

NETWORK = "network/"


@dataclass(frozen=True, eq=False)
class Parts:
    """A model taken apart into plain values, as `artifact` writes it.

    config: the settings; state: features, step, window, transform and calibration, and the state
    of a detector where one is saved with it; metrics: how it did; weights: arrays by name; onnx:
    the exported network, None where it could not be exported.
    """

    config: dict[str, Any]
    state: dict[str, Any]
    metrics: dict[str, Any] = field(default_factory=dict)
    weights: dict[str, np.ndarray] = field(default_factory=dict)
    onnx: bytes | None = None


@dataclass(frozen=True, eq=False)
class Trained:
    """A trained network with what it needs to forecast by itself.

    inputs: what it gets beside the values; spread: quantiles of the validation |error| in the
    features' units (levels, leads, features);
    trust: the share of its change that is forecast (features,);
    tail: the last steps of the training series; curve: errors by epoch; origin: local networks and
    catalogue of the pool it learnt from, where known.
    """

    features: tuple[str, ...]
    step: pd.Timedelta
    window: Window
    transform: Transform
    inputs: Inputs
    weights: dict[str, np.ndarray]
    onnx: bytes | None
    answers: runtime.Answers
    spread: np.ndarray
    trust: np.ndarray
    tail: pd.DataFrame
    curve: dict[str, list[float]]
    metrics: dict[str, Any]
    origin: dict[str, Any] = field(default_factory=dict)


def said(config: Config, trained: Trained | None) -> str:
    """A forecaster in a line: network, leads, and the features it is trained on.

    >>> said(Config(model_type="LSTM", steps_ahead=6), None)
    '<Forecaster LSTM, steps_ahead=6, not trained>'
    """
    state = "not trained" if trained is None else f"trained on {reprlib.repr(trained.features)}"
    return f"<Forecaster {config.model_type}, steps_ahead={config.steps_ahead}, {state}>"


def apart(config: Config, trained: Trained, metrics: dict[str, Any]) -> Parts:
    """The parts to save."""
    state = {
        "features": list(trained.features),
        "step": trained.step.total_seconds(),
        "window": str(trained.window),
        "transform": trained.transform.state(),
        "inputs": trained.inputs.state(),
        "spread": trained.spread.tolist(),
        "tail_columns": [str(name) for name in trained.tail.columns],
        "trust": trained.trust.tolist(),
        "tail_start": trained.tail.index[0].isoformat(),
        "origin": trained.origin,
    }
    weights = {f"{NETWORK}{name}": array for name, array in trained.weights.items()}
    weights["tail"] = trained.tail.fillna(0.0).to_numpy()
    weights["tail_gaps"] = trained.tail.isna().to_numpy().astype(np.uint8)
    told = {**metrics, "curve": trained.curve}
    return Parts(dataclasses.asdict(config), state, told, weights, trained.onnx)


def together(parts: Parts) -> tuple[Config, Trained]:
    """Config and model from their parts; raises CorruptModelError where these do not fit."""
    try:
        settings.known(parts.config, Config)
        config = Config(**parts.config)
        return config, _trained(config, parts)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise CorruptModelError(f"the parts of the model do not fit: {error!r}") from None
    except ModsError as error:
        raise CorruptModelError(f"the parts of the model do not fit: {error.message}") from None


def _trained(config: Config, parts: Parts) -> Trained:
    state, metrics = parts.state, dict(parts.metrics)
    features = tuple(str(name) for name in state["features"])
    window = Window.parse(state["window"])
    transform = transforms.read(state["transform"])
    beside = inputs.read(state["inputs"], config, window)
    spread = np.asarray(state["spread"], dtype=float)
    wanted = (len(LEVELS), config.steps_ahead, len(features))
    trust = np.asarray(state["trust"], dtype=float)
    if trust.shape != wanted[2:] or not ((trust >= 0) & (trust <= 1)).all():
        raise ValueError("the trust in the features is no share")
    if spread.shape != wanted or not np.isfinite(spread).all() or len(transform.scale) != wanted[2]:
        raise ValueError("sizes of features and leads differ")
    arrays = {
        name.removeprefix(NETWORK): array
        for name, array in parts.weights.items()
        if name.startswith(NETWORK)
    }
    step = pd.Timedelta(seconds=float(state["step"]))
    return Trained(
        features=features,
        step=step,
        window=window,
        transform=transform,
        inputs=beside,
        weights=arrays,
        onnx=parts.onnx,
        answers=_answers(config, (transform, beside), arrays, parts.onnx),
        spread=spread,
        trust=trust,
        tail=_tail(parts, step),
        curve=metrics.pop("curve", {}),
        metrics=metrics,
        origin=dict(state["origin"]),
    )


def _answers(
    config: Config,
    made: tuple[Transform, Inputs],
    arrays: dict[str, np.ndarray],
    onnx: bytes | None,
) -> runtime.Answers:
    """ONNX Runtime where there is an export, else the network rebuilt in Keras; tried once."""
    past, ahead = config.sequence_len, config.steps_ahead
    sizes = preparation.sizes(*made, past, ahead)
    answers: runtime.Answers
    if onnx is not None:
        answers = runtime.Network(onnx)
    else:
        export = network.room("export")
        answers = export.Network(export.rebuilt(config, sizes, arrays))
    shapes = (1, past, sizes.channels), (1, sizes.facts), (1, ahead, sizes.bases)
    answer = answers.paths(*(np.zeros(shape, dtype=np.float32) for shape in shapes))
    if answer.shape != (1, ahead):
        raise ValueError(f"the network answers {answer.shape[1:]}, not {ahead} leads")
    return answers


def _tail(parts: Parts, step: pd.Timedelta) -> pd.DataFrame:
    columns = [str(name) for name in parts.state["tail_columns"]]
    values, gaps = parts.weights["tail"].astype(float), parts.weights["tail_gaps"].astype(bool)
    start = pd.Timestamp(parts.state["tail_start"])
    if not len(values) or step <= pd.Timedelta(0) or start.tz is None:
        raise ValueError("the tail of the history has no steps")
    index = pd.date_range(start, periods=len(values), freq=step, name="time")
    return pd.DataFrame(np.where(gaps, np.nan, values), index, columns)
