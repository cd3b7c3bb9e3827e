"""stackedLSTM: layers of long short-term memory, each reading the one below at every step."""

from __future__ import annotations

from typing import Any

from mods.architectures.registry import architecture
from mods.architectures.regular import regular


@architecture("stackedLSTM")
def stacked_lstm(x: Any, config: Any, layers: Any) -> Any:
    """One LSTM with `stacked_blocks` more on top, the last states of all of them (Graves 2013)."""
    ends = []
    for _ in range(1 + config.stacked_blocks):
        x = layers.LSTM(config.blocks, return_sequences=True)(x)
        x = regular(x, config, layers)
        ends.append(x[:, -1])
    return layers.Concatenate()(ends)
