"""Fused epochs on TensorFlow: gathering, gradient and update of many steps in one graph."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from mods.models.gathering import Feed
from mods.models.network.loops import AT_ONCE, loss, padded

LEAST_STEPS = 5_000
SHORT = 48
SLOW_IN_XLA = (
    keras.layers.Conv1D,
    keras.layers.SeparableConv1D,
    keras.layers.DepthwiseConv1D,
    keras.layers.AveragePooling1D,
    keras.layers.MaxPooling1D,
)


class Fused:
    """Gradient steps in one compiled loop, over tables that stay on the device."""

    def __init__(
        self, network: Any, optimizer: Any, feed: Feed, batch: int, steps: int = 0
    ) -> None:
        self.network, self.optimizer, self.gather, self.batch = (
            network,
            optimizer,
            feed.gather,
            batch,
        )
        self.tables = {name: tf.constant(table) for name, table in feed.tables.items()}
        compiled = pays(network, steps)
        self._unrolls = compiled and batch == 1
        self._run = tf.function(self._steps, jit_compile=compiled, autograph=False)
        self._missed = tf.function(self._block, jit_compile=compiled, autograph=False)

    def run(self, rows: np.ndarray, steps: tuple[int, int], total: float) -> float:
        """Take steps first..last of the shuffled rows; the sum of losses, `total` included."""
        bounds = [tf.constant(bound, tf.int32) for bound in steps]
        return float(self._run(self.tables, tf.constant(rows), *bounds, tf.constant(total)))

    def error(self, rows: np.ndarray) -> float:
        """Mean weighted |error| over these rows."""
        total, block = 0.0, min(AT_ONCE, max(len(rows), 1))
        for begin in range(0, len(rows), block):
            chosen, counts = padded(rows[begin : begin + block], block)
            total += float(self._missed(self.tables, tf.constant(chosen), tf.constant(counts)))
        return total / max(len(rows), 1)

    def _steps(self, tables: Any, rows: Any, first: Any, last: Any, total: Any) -> Any:
        def step(number: Any, total: Any) -> tuple[Any, Any]:
            chosen = tf.slice(rows, [number * self.batch], [self.batch])
            inputs, targets, weights = self.gather(tables, chosen, keras.ops)
            with tf.GradientTape() as tape, unrolled(self.network, self._unrolls):
                path = self.network(inputs, training=True)
                missed = loss(self.network, path, targets, weights)
            learnt = self.network.trainable_variables
            self.optimizer.apply(tape.gradient(missed, learnt), learnt)
            return number + 1, total + missed

        return tf.while_loop(lambda number, _: number < last, step, (first, total))[1]

    def _block(self, tables: Any, rows: Any, counts: Any) -> Any:
        inputs, targets, weights = self.gather(tables, rows, keras.ops)
        path = self.network(inputs, training=False)
        return tf.reduce_sum(tf.reduce_mean(tf.abs(targets - path) * weights, axis=1) * counts)


@contextlib.contextmanager
def unrolled(network: Any, wanted: bool) -> Iterator[None]:
    """Recurrent layers are traced step by step, where wanted and their input is short.

    XLA then fuses all that one sample goes through: twice the steps per second. From batches of
    four on its matrix products are the slower for it.
    """
    longest = max(one.shape[1] for one in network.inputs)
    layers = network._flatten_layers() if wanted and longest <= SHORT else ()
    short = [one for one in layers if isinstance(one, keras.layers.RNN)]
    before = [layer.unroll for layer in short]
    for layer in short:
        layer.unroll = True
    try:
        yield
    finally:
        for layer, was in zip(short, before, strict=True):
            layer.unroll = was


def pays(network: Any, steps: int) -> bool:
    """Whether XLA is worth its compilation (seconds): never for convolutions, which it slows.

    Decided by the network and the number of steps alone, so that a seed gives the same model.
    """
    slow = any(isinstance(layer, SLOW_IN_XLA) for layer in network._flatten_layers())
    return steps >= LEAST_STEPS and not slow
