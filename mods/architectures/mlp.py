"""MLP: dense layers."""

from __future__ import annotations

from typing import Any

from mods.architectures.registry import architecture


@architecture("MLP")
def mlp(x: Any, config: Any, layers: Any) -> Any:
    """Dense layers over the whole past at once."""
    x = layers.Flatten()(x)
    for _ in range(config.stacked_blocks):
        x = layers.Dense(config.blocks)(x)
        if config.batch_normalization:
            x = layers.BatchNormalization()(x)
        x = layers.Activation("silu")(x)
        x = layers.Dropout(config.dropout_rate)(x)
    return x
