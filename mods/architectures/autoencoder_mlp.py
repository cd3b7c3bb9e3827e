"""autoencoderMLP: dense layers through a narrow code."""

from __future__ import annotations

from typing import Any

from mods.architectures.registry import architecture
from mods.architectures.regular import regular


@architecture("autoencoderMLP")
def autoencoder_mlp(x: Any, config: Any, layers: Any) -> Any:
    """A code from which the past can be restored (Hinton and Salakhutdinov 2006) is the input.

    `stacked_blocks` dense layers of 2 `blocks` units lead to a code of `blocks` units, as many
    lead back to the past; training asks for both the forecast and the restoration.
    """
    code = layers.Flatten()(x)
    for _ in range(config.stacked_blocks):
        code = layers.Dense(2 * config.blocks)(code)
        code = regular(code, config, layers, activation="silu")
    code = layers.Dense(config.blocks, activation="tanh")(code)
    restored = code
    for _ in range(config.stacked_blocks):
        restored = layers.Dense(2 * config.blocks)(restored)
        restored = regular(restored, config, layers, activation="silu")
    restored = layers.Dense(x.shape[1] * x.shape[2])(restored)
    return code, layers.Reshape(x.shape[1:])(restored)
