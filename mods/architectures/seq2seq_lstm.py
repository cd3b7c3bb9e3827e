"""seq2seqLSTM: one network reads the past, another writes the path."""

from __future__ import annotations

from typing import Any

from mods.architectures.registry import architecture
from mods.architectures.regular import regular


@architecture("seq2seqLSTM")
def seq2seq_lstm(x: Any, config: Any, layers: Any) -> Any:
    """An LSTM encodes the past, another decodes a vector for every lead (Sutskever et al. 2014).

    With `stacked_blocks` both have as many layers, and each layer of the decoder begins with the
    state in which that of the encoder ended.
    """
    states = []
    for _ in range(config.stacked_blocks):
        x, *state = layers.LSTM(config.blocks, return_sequences=True, return_state=True)(x)
        x = regular(x, config, layers)
        states.append(state)
    path = layers.RepeatVector(config.steps_ahead)(x[:, -1])
    for state in states:
        path = layers.LSTM(config.blocks, return_sequences=True)(path, initial_state=state)
        path = regular(path, config, layers)
    return path
