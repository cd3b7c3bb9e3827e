"""The networks: one small function each, found by its name. Knows no Keras.

A function gets the tensor `x` of shape (batch, sequence_len, channels), the Config and Keras'
`layers`, and returns one vector per sample; the head, training, saving, the choices of CLI and REST
and the contract test come with the decorator.
"""

from __future__ import annotations

from mods.architectures.registry import architecture, find, names

__all__ = ["architecture", "find", "names"]
