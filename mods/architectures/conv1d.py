"""Conv1D: convolutions over time."""

from __future__ import annotations

from typing import Any

from mods.architectures.registry import architecture


@architecture("Conv1D")
def conv1d(x: Any, config: Any, layers: Any) -> Any:
    """Convolutions over time, each followed by a pooling that halves the past."""
    for _ in range(config.stacked_blocks):
        x = layers.Conv1D(config.blocks, 3, padding="same")(x)
        if config.batch_normalization:
            x = layers.BatchNormalization()(x)
        x = layers.Activation("silu")(x)
        x = layers.MaxPooling1D(2, padding="same")(x)
        x = layers.Dropout(config.dropout_rate)(x)
    return layers.Flatten()(x)
