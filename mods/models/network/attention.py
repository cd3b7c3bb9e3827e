"""What a network attends to, where it has a layer named `attention`."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from mods.errors import ModelError


def over_past(network: Any, inputs: list[np.ndarray]) -> np.ndarray:
    """The weight of each step of the past in each row: (n, sequence_len), 1 in sum.

    inputs: past, facts and bases. Raises ModelError for a network that does not attend.
    """
    found = [layer for layer in network.layers if layer.name == "attention"]
    if not found:
        raise ModelError(
            "gives no weights to the steps of the past",
            where="network",
            fix="Train one that does: model_type=attentionLSTM",
        )
    return np.asarray(keras.Model(network.inputs, found[0].output).predict_on_batch(inputs))
