"""attentionLSTM: long short-term memory that looks back at its own states."""

from __future__ import annotations

from typing import Any

from mods.architectures.registry import architecture
from mods.architectures.regular import regular


@architecture("attentionLSTM")
def attention_lstm(x: Any, config: Any, layers: Any) -> Any:
    """An LSTM whose last state attends to all its states (Luong et al. 2015, general score).

    The weights over the steps of the past are what the softmax gives: models/network/attention.py.
    """
    for _ in range(config.stacked_blocks):
        x = layers.LSTM(config.blocks, return_sequences=True)(x)
        x = regular(x, config, layers)
    last = x[:, -1]
    asked = layers.Dense(config.blocks, use_bias=False)(last)
    weights = layers.Softmax()(layers.Dot(axes=(2, 1))([x, asked]))
    context = layers.Dot(axes=(1, 1))([weights, x])
    return layers.Concatenate()([context, last])
