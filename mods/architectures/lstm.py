"""LSTM: long short-term memory."""

from __future__ import annotations

from typing import Any

from mods.architectures.registry import architecture
from mods.architectures.regular import regular


@architecture("LSTM")
def lstm(x: Any, config: Any, layers: Any) -> Any:
    """Long short-term memory (Hochreiter and Schmidhuber 1997), its last state."""
    for left in reversed(range(config.stacked_blocks)):
        x = layers.LSTM(config.blocks, return_sequences=left > 0)(x)
        x = regular(x, config, layers)
    return x
