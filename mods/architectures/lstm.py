"""LSTM: long short-term memory."""

from __future__ import annotations

from typing import Any

from mods.architectures.registry import architecture


@architecture("LSTM")
def lstm(x: Any, config: Any, layers: Any) -> Any:
    """Long short-term memory (Hochreiter and Schmidhuber 1997), stacked."""
    for left in reversed(range(config.stacked_blocks)):
        x = layers.LSTM(config.blocks, return_sequences=left > 0)(x)
        if config.batch_normalization:
            x = layers.BatchNormalization()(x)
        x = layers.Dropout(config.dropout_rate)(x)
    return x
