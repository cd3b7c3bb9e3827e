"""DLinear: trend and remainder, each through a linear layer."""

from __future__ import annotations

from typing import Any

from mods.architectures.nlinear import linear
from mods.architectures.registry import architecture


@architecture("DLinear", ignores=("stacked_blocks", "batch_normalization"))
def dlinear(x: Any, config: Any, layers: Any) -> Any:
    """Trend and remainder of the past, a linear layer to the path for each (Zeng et al. 2023).

    The trend is the mean over half the past, around each step.
    """
    trend = layers.AveragePooling1D(1 + config.sequence_len // 2, strides=1, padding="same")(x)
    return layers.Add()([linear(part, config, layers) for part in (trend, x - trend)])
