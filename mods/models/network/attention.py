"""What a network attends to, where it has a softmax over the steps of the past."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from mods.errors import ModelError


def over_past(network: Any, inputs: list[np.ndarray]) -> np.ndarray:
    """The weight of each step of the past in each row: (n, sequence_len), 1 in sum.

    Of a network of several members it is their mean. inputs: past, facts and bases.
    Raises ModelError for a network that does not attend.
    """
    found = [one.output for one in network.layers if isinstance(one, keras.layers.Softmax)]
    if not found:
        raise ModelError(
            "gives no weights to the steps of the past",
            where="network",
            fix="Train one that does: model_type=attentionLSTM",
        )
    members = keras.Model(network.inputs, keras.ops.stack(found)).predict_on_batch(inputs)
    return np.asarray(np.asarray(members).mean(axis=0))
