"""TCN: temporal convolutional network."""

from __future__ import annotations

from typing import Any

from mods.architectures.registry import architecture
from mods.architectures.regular import regular

KERNEL = 3


@architecture("TCN")
def tcn(x: Any, config: Any, layers: Any) -> Any:
    """Dilated causal convolutions in residual blocks that see all the past (Bai et al. 2018).

    A block has 1 + `stacked_blocks` convolutions, each next block looks twice as far back.
    """
    return stack(x, 1 + config.stacked_blocks, config, layers)[:, -1]


def stack(x: Any, convolutions: int, config: Any, layers: Any) -> Any:
    """Residual blocks of dilations 1, 2, 4 ... until the last step sees the first."""
    dilation, seen = 1, 1
    while seen < config.sequence_len:
        x = _residual(x, dilation, convolutions, config, layers)
        seen += convolutions * (KERNEL - 1) * dilation
        dilation *= 2
    return x


def _residual(x: Any, dilation: int, convolutions: int, config: Any, layers: Any) -> Any:
    """Weights are normalised (Salimans and Kingma 2016), unless the batches are."""
    kind = layers.Conv1D if config.batch_normalization else layers.WeightNormalizedConv1D
    y = x
    for _ in range(convolutions):
        y = kind(config.blocks, KERNEL, dilation_rate=dilation, padding="causal")(y)
        y = regular(y, config, layers, activation="relu")
    if x.shape[-1] != config.blocks:
        x = layers.Conv1D(config.blocks, 1)(x)
    return layers.Add()([x, y])
