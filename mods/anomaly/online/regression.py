"""Recursive least squares with slow forgetting: one row at a time, constant memory.

Several targets may share their inputs, and with them the costly part (Haykin, Adaptive Filter
Theory, chapter 9).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

TEND = 512


class Regression:
    """Weights of `targets` linear functions of `inputs` numbers.

    forgetting:  what one step leaves of the weight of an earlier one; 0.9998 remembers about 5,000
    doubt:  the variance of the weights before anything was seen, and the highest at any time
    """

    def __init__(self, inputs: int, targets: int, forgetting: float, doubt: float = 1.0) -> None:
        self.forgetting, self.doubt = forgetting, doubt
        self.weights = np.zeros((targets, inputs))
        self._spread = np.eye(inputs) * doubt
        self._steps = 0

    def predict(self, x: np.ndarray) -> list[float]:
        """What is expected of each target."""
        found: list[float] = (self.weights @ x).tolist()
        return found

    def learn(self, x: np.ndarray, errors: np.ndarray) -> None:
        """Correct the weights by the errors (actual minus predicted) made at `x`."""
        reach = self._spread @ x
        gain = reach / (self.forgetting + reach @ x)
        self.weights += errors[:, None] * gain
        self._spread -= gain[:, None] * reach
        self._spread /= self.forgetting
        self._steps += 1
        if self._steps % TEND == 0:
            self._tend()

    def _tend(self) -> None:
        """Keep the doubt within its limits: what is never excited would grow without end."""
        values, vectors = np.linalg.eigh((self._spread + self._spread.T) / 2)
        self._spread = (vectors * np.clip(values, 1e-12, self.doubt)) @ vectors.T

    def state(self) -> dict[str, Any]:
        """All that was learnt, as JSON."""
        return {
            "weights": self.weights.tolist(),
            "spread": self._spread.tolist(),
            "steps": self._steps,
        }

    def resume(self, state: Mapping[str, Any]) -> None:
        """Take over what `state` says; ValueError where its shape is another."""
        weights, spread = np.array(state["weights"], float), np.array(state["spread"], float)
        if weights.shape != self.weights.shape or spread.shape != self._spread.shape:
            raise ValueError(f"weights of shape {weights.shape}, not {self.weights.shape}")
        self.weights, self._spread, self._steps = weights, spread, int(state["steps"])
