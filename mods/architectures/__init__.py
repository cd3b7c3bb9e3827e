"""The networks: one small function each, found by its name. Knows no Keras.

A function gets the tensor `x` of shape (batch, sequence_len, channels), the Config and `layers`
(those of Keras and of models/network/layers.py). It returns one vector per sample, or a path of
`steps_ahead` vectors; or such a thing and its restoration of `x`, which training then asks for too.
The head, training, saving, the choices of CLI and REST and the contract test come with the
decorator.
"""

from __future__ import annotations

from mods.architectures.registry import architecture, find, ignored, names

__all__ = ["architecture", "find", "ignored", "names"]
