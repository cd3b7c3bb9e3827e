"""bidirectLSTM: long short-term memory read from both ends."""

from __future__ import annotations

from typing import Any

from mods.architectures.registry import architecture
from mods.architectures.regular import regular


@architecture("bidirectLSTM")
def bidirect_lstm(x: Any, config: Any, layers: Any) -> Any:
    """Two LSTMs, one from each end of the past (Schuster and Paliwal 1997)."""
    for left in reversed(range(config.stacked_blocks)):
        one = layers.LSTM(config.blocks, return_sequences=left > 0)
        x = regular(layers.Bidirectional(one)(x), config, layers)
    return x
