"""NLinear: one linear layer over the changes."""

from __future__ import annotations

from typing import Any

from mods.architectures.registry import architecture


@architecture("NLinear", ignores=("stacked_blocks", "batch_normalization"))
def nlinear(x: Any, config: Any, layers: Any) -> Any:
    """One linear layer from the past, less its last step, to the path (Zeng et al. 2023)."""
    last = x[:, -1:]
    steps_last = layers.Permute((2, 1))(x - last)
    path = layers.Permute((2, 1))(layers.Dense(config.steps_ahead)(steps_last))
    return path + last
