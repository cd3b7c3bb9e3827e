"""Loops: what runs the gradient steps; every backend has its own fused one, or the plain one."""

from __future__ import annotations

import importlib
from typing import Any, Protocol

import keras
import numpy as np

from mods.models.gathering import Feed

FUSED = {"tensorflow": "fused_tensorflow", "jax": "fused_jax"}
AT_ONCE = 4_096


class Loop(Protocol):
    """Gradient steps over a feed."""

    def run(self, rows: np.ndarray, steps: tuple[int, int], total: float) -> float:
        """Take steps first..last of the shuffled rows; the sum of losses, `total` included."""

    def error(self, rows: np.ndarray) -> float:
        """Mean weighted |error| over these rows."""


def fastest(network: Any, optimizer: Any, feed: Feed, batch: int, steps: int) -> Loop:
    """The loop for this backend; steps: how many gradient steps it will run at most."""
    module = FUSED.get(keras.backend.backend())
    if module is None:
        return Plain(network, optimizer, feed, batch)
    fused: Loop = importlib.import_module(f"mods.models.network.{module}").Fused(
        network, optimizer, feed, batch, steps
    )
    return fused


def loss(network: Any, path: Any, target: Any, weights: Any) -> Any:
    """Mean weighted |error| of a batch, and what layers add to it (`add_loss`)."""
    missed = keras.ops.mean(keras.ops.abs(target - path) * weights)
    return sum(network.losses, missed)


class Plain:
    """One call per gradient step: any backend, batches gathered by NumPy."""

    def __init__(self, network: Any, optimizer: Any, feed: Feed, batch: int) -> None:
        self.network, self.feed, self.batch = network, feed, batch
        network.compile(optimizer=optimizer, loss=_relative)

    def run(self, rows: np.ndarray, steps: tuple[int, int], total: float) -> float:
        """Take steps first..last of the shuffled rows; the sum of losses, `total` included."""
        for step in range(*steps):
            chosen = rows[step * self.batch : (step + 1) * self.batch]
            inputs, targets, weights = self.feed.gather(self.feed.tables, chosen, np)
            both = np.concatenate([targets, weights], axis=1)
            total += float(self.network.train_on_batch(inputs, both))
        return total

    def error(self, rows: np.ndarray) -> float:
        """Mean weighted |error| over these rows."""
        total = 0.0
        for begin in range(0, len(rows), AT_ONCE):
            chosen = rows[begin : begin + AT_ONCE]
            inputs, targets, weights = self.feed.gather(self.feed.tables, chosen, np)
            paths = np.asarray(self.network.predict_on_batch(inputs))
            total += float((np.abs(targets - paths) * weights).mean(axis=1).sum())
        return total / max(len(rows), 1)


def _relative(target: Any, path: Any) -> Any:
    """The loss of each sample: targets and their weights come side by side."""
    wanted, weights = keras.ops.split(target, 2, axis=-1)
    return keras.ops.mean(keras.ops.abs(wanted - path) * weights, axis=-1)


def padded(rows: np.ndarray, length: int) -> tuple[np.ndarray, np.ndarray]:
    """So many rows, the first repeated where there are fewer, and which of them count."""
    counts = (np.arange(length) < len(rows)).astype(np.float32)
    return np.resize(rows, length), counts
