"""TSMixer: dense layers over time and over channels, in turn."""

from __future__ import annotations

from typing import Any

from mods.architectures.registry import architecture
from mods.architectures.regular import normal


@architecture("TSMixer")
def tsmixer(x: Any, config: Any, layers: Any) -> Any:
    """Dense layers over time and over channels in turn, in residual blocks (Chen et al. 2023)."""
    x = layers.Dense(config.blocks)(x)
    for _ in range(config.stacked_blocks):
        x = layers.Add()([x, _over_time(x, config, layers)])
        x = layers.Add()([x, _over_channels(x, config, layers)])
    steps_last = layers.Permute((2, 1))(x)
    return layers.Permute((2, 1))(layers.Dense(config.steps_ahead)(steps_last))


def _over_time(x: Any, config: Any, layers: Any) -> Any:
    y = layers.Permute((2, 1))(normal(x, config, layers))
    y = layers.Dense(config.sequence_len, activation="silu")(y)
    return layers.Dropout(config.dropout_rate)(layers.Permute((2, 1))(y))


def _over_channels(x: Any, config: Any, layers: Any) -> Any:
    y = layers.Dense(config.blocks, activation="silu")(normal(x, config, layers))
    y = layers.Dense(config.blocks)(layers.Dropout(config.dropout_rate)(y))
    return layers.Dropout(config.dropout_rate)(y)
