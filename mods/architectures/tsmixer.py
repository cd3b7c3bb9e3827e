"""TSMixer: dense layers over time and over channels, in turn."""

from __future__ import annotations

from typing import Any

from mods.architectures.registry import architecture
from mods.architectures.regular import regular


@architecture("TSMixer")
def tsmixer(x: Any, config: Any, layers: Any) -> Any:
    """Dense layers over time and over channels in turn, in residual blocks (Chen et al. 2023)."""
    for _ in range(config.stacked_blocks):
        x = layers.Add()([x, _over_time(x, config, layers)])
        x = layers.Add()([x, _over_channels(x, config, layers)])
    steps_last = layers.Permute((2, 1))(x)
    return layers.Permute((2, 1))(layers.Dense(config.steps_ahead)(steps_last))


def _over_time(x: Any, config: Any, layers: Any) -> Any:
    y = layers.Dense(config.sequence_len)(layers.Permute((2, 1))(x))
    return layers.Permute((2, 1))(regular(y, config, layers, activation="silu"))


def _over_channels(x: Any, config: Any, layers: Any) -> Any:
    y = regular(layers.Dense(config.blocks)(x), config, layers, activation="silu")
    return layers.Dropout(config.dropout_rate)(layers.Dense(x.shape[2])(y))
