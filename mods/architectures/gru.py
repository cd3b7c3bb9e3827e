"""GRU: gated recurrent units."""

from __future__ import annotations

from typing import Any

from mods.architectures.registry import architecture


@architecture("GRU")
def gru(x: Any, config: Any, layers: Any) -> Any:
    """Gated recurrent units (Cho et al. 2014), stacked."""
    for left in reversed(range(config.stacked_blocks)):
        x = layers.GRU(config.blocks, return_sequences=left > 0)(x)
        if config.batch_normalization:
            x = layers.BatchNormalization()(x)
        x = layers.Dropout(config.dropout_rate)(x)
    return x
