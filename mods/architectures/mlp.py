"""MLP: dense layers."""

from __future__ import annotations

from typing import Any

from mods.architectures.registry import architecture
from mods.architectures.regular import regular


@architecture("MLP")
def mlp(x: Any, config: Any, layers: Any) -> Any:
    """Dense layers over the whole past at once."""
    x = layers.Flatten()(x)
    for _ in range(config.stacked_blocks):
        x = layers.Dense(config.blocks)(x)
        x = regular(x, config, layers, activation="silu")
    return x
