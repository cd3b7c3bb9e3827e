"""Training: gradient steps over gathered batches, early stopping, the best weights kept."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from mods import progress
from mods.config import Config
from mods.models.network.build import build
from mods.models.prepared import Prepared, Watch

log = logging.getLogger(__name__)
BATCH = 4_096
WEIGHT_DECAY = 1e-3
CLIP = 1.0
LEAST = 0.05


@dataclass(frozen=True, eq=False)
class Learnt:
    """A trained network and how the errors fell: relative to persistence, one per epoch."""

    network: Any
    curve: dict[str, list[float]]


def learn(
    prepared: Prepared,
    train: np.ndarray,
    validation: np.ndarray,
    config: Config,
    watch: Watch | None = None,
) -> Learnt:
    """Train on some rows of a prepared series until the error on others no longer falls.

    watch:  told each epoch done (1, 2, ...) and its validation error; what it raises ends training

    The loss is |error| over the persistence error of training, feature by feature and lead by
    lead, so that every one of them counts the same. AdamW (Loshchilov and Hutter 2019) with
    cosine decay. The batch shrinks to the rows there are; the remainder of an epoch is dropped.
    """
    with _seeded(config.seed):
        network = build(config, prepared.sizes)
        batch = min(config.batch_size, len(train))
        steps = len(train) // batch
        network.compile(optimizer=_optimizer(config, steps), loss=_relative)
        weights = _weights(prepared, train)
        data = _Data(prepared, weights, batch)
        curve = _epochs(network, data, (train, validation), config, watch)
    return Learnt(network, curve)


@dataclass(frozen=True, eq=False)
class _Data:
    prepared: Prepared
    weights: np.ndarray
    batch: int

    def targets(self, rows: np.ndarray) -> np.ndarray:
        """The paths and their weights side by side: (n, 2 leads)."""
        weights = self.weights[rows // self.prepared.steps]
        return np.concatenate([self.prepared.paths(rows), weights], axis=1)


def _epochs(
    network: Any,
    data: _Data,
    rows: tuple[np.ndarray, np.ndarray],
    config: Config,
    watch: Watch | None,
) -> dict[str, list[float]]:
    train, validation = rows
    order = np.random.default_rng(config.seed)
    curve: dict[str, list[float]] = {"loss": [], "val_loss": []}
    best, weights, waited = np.inf, network.get_weights(), 0
    steps = len(train) // data.batch
    with progress.shown(f"training {config.model_type}", config.num_epochs * steps, "step") as bar:
        for epoch in range(config.num_epochs):
            shuffled = train[order.permutation(len(train)).astype(np.int32)]
            curve["loss"].append(_epoch(network, data, shuffled, bar))
            curve["val_loss"].append(error(network, data, validation))
            log.debug(
                "epoch %d: %.4f, validation %.4f", epoch + 1, *(c[-1] for c in curve.values())
            )
            if watch is not None:
                watch(epoch + 1, curve["val_loss"][-1])
            waited += 1
            if curve["val_loss"][-1] < best:
                best, weights, waited = curve["val_loss"][-1], network.get_weights(), 0
            if waited >= config.epochs_patience:
                break
    network.set_weights(weights)
    return curve


def _epoch(network: Any, data: _Data, rows: np.ndarray, bar: progress.Progress) -> float:
    """One pass over the rows; the mean loss."""
    steps, total = len(rows) // data.batch, 0.0
    for step in range(steps):
        chosen = rows[step * data.batch : (step + 1) * data.batch]
        loss = network.train_on_batch(list(data.prepared.inputs(chosen)), data.targets(chosen))
        total += float(loss)
        bar.advance(1, f"error/persistence {total / (step + 1):.3f}")
    return total / steps


def error(network: Any, data: _Data, rows: np.ndarray) -> float:
    """Mean |error| over the persistence error of training, over these rows."""
    total = 0.0
    for begin in range(0, len(rows), BATCH):
        chosen = rows[begin : begin + BATCH]
        paths = network.predict_on_batch(list(data.prepared.inputs(chosen)))
        missed = np.abs(data.prepared.paths(chosen) - np.asarray(paths))
        total += float((missed * data.weights[chosen // data.prepared.steps]).sum())
    return float(total / max(len(rows) * data.weights.shape[1], 1))


def _relative(target: Any, path: Any) -> Any:
    """The loss of each sample: targets and their weights come side by side."""
    wanted, weights = keras.ops.split(target, 2, axis=-1)
    return keras.ops.mean(keras.ops.abs(wanted - path) * weights, axis=-1)


def _weights(prepared: Prepared, rows: np.ndarray) -> np.ndarray:
    """One over the persistence error of training: (features, leads)."""
    feature = rows // prepared.steps
    counts = np.bincount(feature, minlength=len(prepared.scaled))[:, None]
    sums = np.zeros((len(counts), prepared.steps_ahead))
    for begin in range(0, len(rows), BATCH):
        chosen = slice(begin, begin + BATCH)
        np.add.at(sums, feature[chosen], np.abs(prepared.changes(rows[chosen])))
    return np.asarray(1.0 / np.maximum(sums / np.maximum(counts, 1), LEAST), dtype=np.float32)


def _optimizer(config: Config, steps: int) -> Any:
    decay = keras.optimizers.schedules.CosineDecay(config.learning_rate, steps * config.num_epochs)
    return keras.optimizers.AdamW(decay, weight_decay=WEIGHT_DECAY, clipnorm=CLIP)


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Seed every generator Keras draws from; the caller's own go on where they were."""
    before, arrays = random.getstate(), np.random.get_state()  # noqa: NPY002 - Keras draws from it
    keras.utils.set_random_seed(seed)
    try:
        yield
    finally:
        random.setstate(before)
        np.random.set_state(arrays)  # noqa: NPY002
