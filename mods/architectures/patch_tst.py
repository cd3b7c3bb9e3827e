"""PatchTST: a Transformer that reads the past patch by patch."""

from __future__ import annotations

from typing import Any

from mods.architectures.registry import architecture
from mods.architectures.regular import normal

PATCH = 4
HEADS = 4


@architecture("PatchTST")
def patch_tst(x: Any, config: Any, layers: Any) -> Any:
    """A Transformer encoder over overlapping patches of the past (Nie et al. 2023)."""
    x = layers.Position()(_patches(x, config, layers))
    for _ in range(config.stacked_blocks):
        y = normal(x, config, layers)
        y = layers.MultiHeadAttention(HEADS, max(config.blocks // HEADS, 1))(y, y)
        x = layers.Add()([x, layers.Dropout(config.dropout_rate)(y)])
        y = layers.Dense(2 * config.blocks, activation="silu")(normal(x, config, layers))
        y = layers.Dense(config.blocks)(y)
        x = layers.Add()([x, layers.Dropout(config.dropout_rate)(y)])
    x = layers.Dense(config.blocks)(layers.Flatten()(x))
    return layers.Dropout(config.dropout_rate)(x)


def _patches(x: Any, config: Any, layers: Any) -> Any:
    """A vector per patch; patches overlap by half, and the last ends with the last step."""
    patch = min(PATCH, config.sequence_len)
    stride = patch // 2
    before = (patch - config.sequence_len) % stride
    x = layers.ZeroPadding1D((before, 0))(x)
    return layers.Conv1D(config.blocks, patch, strides=stride)(x)
