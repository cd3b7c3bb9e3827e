"""The layers a network may use: all those of Keras, and these."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

RESTORATION = 0.1
LIMIT = 8.0


def __getattr__(name: str) -> Any:
    return getattr(keras.layers, name)


class Standard(keras.layers.Layer):  # type: ignore[misc]
    """Brings each number to mean 0 and spread 1 over the training rows, and clips it at 8."""

    def build(self, shape: tuple[int | None, ...]) -> None:
        """As it comes, until `learn` is called."""
        self.centre = self.add_weight(shape=shape[-1:], initializer="zeros", trainable=False)
        self.factor = self.add_weight(shape=shape[-1:], initializer="ones", trainable=False)

    def learn(self, values: np.ndarray) -> None:
        """Take centre and spread from values of shape (n, ..., numbers)."""
        rows = values.reshape(-1, values.shape[-1]).astype(float)
        spread = rows.std(axis=0)
        self.centre.assign(rows.mean(axis=0))
        self.factor.assign(1.0 / np.where(spread > 1e-6, spread, 1.0))

    def call(self, x: Any) -> Any:
        """(n, ..., numbers) -> the same."""
        return keras.ops.clip((x - self.centre) * self.factor, -LIMIT, LIMIT)


class Averaged(keras.layers.Layer):  # type: ignore[misc]
    """The mean of the members' answers; in training all of them, so that each learns by itself."""

    def call(self, paths: list[Any], training: bool = False) -> Any:
        """(n, leads) of each member -> (n, leads), in training (members, n, leads)."""
        every = keras.ops.stack(paths)
        return every if training else keras.ops.mean(every, axis=0)


class Position(keras.layers.Layer):  # type: ignore[misc]
    """Adds a learnt vector to each step, so that what follows can tell the steps apart."""

    def build(self, shape: tuple[int | None, ...]) -> None:
        """One vector for each step."""
        self.vectors = self.add_weight(shape=shape[1:], initializer="glorot_uniform")

    def call(self, x: Any) -> Any:
        """(n, steps, units) -> (n, steps, units)."""
        return x + self.vectors


class WeightNormalizedConv1D(keras.layers.Conv1D):  # type: ignore[misc]
    """A convolution that learns length and direction of its weights apart.

    Salimans and Kingma 2016, arXiv 1602.07868.
    """

    def build(self, shape: tuple[int | None, ...]) -> None:
        """One length for each filter, 1 at the start."""
        self.length = None
        super().build(shape)
        self.length = self.add_weight(shape=(self.filters,), initializer="ones")

    @property
    def kernel(self) -> Any:
        """The weights (kernel size, channels, filters) in use."""
        if self.length is None:
            return self._kernel
        squares = keras.ops.sum(self._kernel * self._kernel, axis=(0, 1))
        return self._kernel * self.length * keras.ops.rsqrt(squares + 1e-12)


class Restoring(keras.layers.Layer):  # type: ignore[misc]
    """Passes the first of its three inputs on; in training the others ought to be alike."""

    def call(self, inputs: tuple[Any, Any, Any], training: bool = False) -> Any:
        """(code, restored, x) -> code; the loss is a share of the mean |restored - x|."""
        code, restored, x = inputs
        if training:
            self.add_loss(RESTORATION * keras.ops.mean(keras.ops.abs(restored - x)))
        return code
