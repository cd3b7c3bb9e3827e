"""GRU: gated recurrent units."""

from __future__ import annotations

from typing import Any

from mods.architectures.registry import architecture
from mods.architectures.regular import regular


@architecture("GRU")
def gru(x: Any, config: Any, layers: Any) -> Any:
    """Gated recurrent units (Cho et al. 2014), their last state."""
    for left in reversed(range(config.stacked_blocks)):
        x = layers.GRU(config.blocks, return_sequences=left > 0)(x)
        x = regular(x, config, layers)
    return x
