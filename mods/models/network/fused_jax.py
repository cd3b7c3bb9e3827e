"""Fused epochs on JAX: gathering, gradient and update of many steps in one compiled loop."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np

from mods.models.gathering import Feed
from mods.models.network.loops import AT_ONCE, padded


class Fused:
    """Gradient steps as a pure function of weights and state, over tables on the device.

    Between two calls the Keras variables hold where it stands, as checkpoints need it.
    """

    def __init__(
        self, network: Any, optimizer: Any, feed: Feed, batch: int, steps: int = 0
    ) -> None:
        self.network, self.optimizer, self.gather, self.batch = (
            network,
            optimizer,
            feed.gather,
            batch,
        )
        self.tables = {name: jnp.asarray(table) for name, table in feed.tables.items()}
        self._run, self._missed = jax.jit(self._steps), jax.jit(self._block)

    def run(self, rows: np.ndarray, steps: tuple[int, int], total: float) -> float:
        """Take steps first..last of the shuffled rows; the sum of losses, `total` included."""
        groups = self._groups()
        values = [[variable.value for variable in group] for group in groups]
        values, end = self._run(self.tables, jnp.asarray(rows), steps, values, jnp.float32(total))
        for group, arrays in zip(groups, values, strict=True):
            for variable, array in zip(group, arrays, strict=True):
                variable.assign(array)
        return float(end)

    def error(self, rows: np.ndarray) -> float:
        """Mean weighted |error| over these rows."""
        total, block = 0.0, min(AT_ONCE, max(len(rows), 1))
        values = [[variable.value for variable in group] for group in self._groups()[:2]]
        for begin in range(0, len(rows), block):
            chosen, counts = padded(rows[begin : begin + block], block)
            total += float(self._missed(self.tables, chosen, counts, values))
        return total / max(len(rows), 1)

    def _groups(self) -> list[list[Any]]:
        network = self.network
        return [
            network.trainable_variables,
            network.non_trainable_variables,
            self.optimizer.variables,
        ]

    def _steps(self, tables: Any, rows: Any, steps: Any, values: Any, total: Any) -> Any:
        def missed(learnt: Any, other: Any, batch: Any) -> Any:
            inputs, targets, weights = batch
            path, other, losses = self.network.stateless_call(
                learnt, other, inputs, training=True, return_losses=True
            )
            return sum(losses, jnp.mean(jnp.abs(targets - path) * weights)), other

        def step(number: Any, carried: Any) -> Any:
            (learnt, other, memory), total = carried
            chosen = jax.lax.dynamic_slice(rows, (number * self.batch,), (self.batch,))
            batch = self.gather(tables, chosen, keras.ops)
            (loss, other), slope = jax.value_and_grad(missed, has_aux=True)(learnt, other, batch)
            learnt, memory = self.optimizer.stateless_apply(memory, slope, learnt)
            return [list(learnt), list(other), list(memory)], total + loss

        return jax.lax.fori_loop(*steps, step, (values, total))

    def _block(self, tables: Any, rows: Any, counts: Any, values: Any) -> Any:
        inputs, targets, weights = self.gather(tables, rows, keras.ops)
        path, _ = self.network.stateless_call(*values, inputs, training=False)
        return jnp.sum(jnp.mean(jnp.abs(targets - path) * weights, axis=1) * counts)
