"""NLinear: one linear layer over the changes."""

from __future__ import annotations

from typing import Any

from mods.architectures.registry import architecture


@architecture("NLinear", ignores=("stacked_blocks", "batch_normalization"))
def nlinear(x: Any, config: Any, layers: Any) -> Any:
    """One linear layer from the past, less its last step, to the path (Zeng et al. 2023)."""
    last = x[:, -1:]
    return linear(x - last, config, layers) + last


def linear(x: Any, config: Any, layers: Any) -> Any:
    """(n, steps, channels) -> (n, leads, channels), with weights of its own for each channel."""
    shape = (config.steps_ahead, x.shape[2])
    return layers.EinsumDense("ntc,tkc->nkc", output_shape=shape, bias_axes="kc")(x)
