"""The head without its network: the same head, trained the same way, over a vector of zeros."""

from __future__ import annotations

from typing import Any

import keras

from mods import architectures
from mods.config import Config
from mods.models.network import layers


def register(shape: tuple[int, ...]) -> str:
    """The name of a model type whose network gives zeros of this shape, batch left out."""
    name = "zeros" + "x".join(map(str, shape))
    if name not in architectures.names():
        architectures.architecture(name)(lambda x, config, layers: _zeros(x, shape, layers))
    return name


def shape(config: Config, channels: int) -> tuple[int, ...]:
    """The shape of what the network of this config gives its head, batch left out."""
    past = keras.Input((config.sequence_len, channels))
    found = architectures.find(config.model_type)(past, config, layers)
    given = found[0] if isinstance(found, tuple) else found
    return tuple(given.shape[1:])


def _zeros(x: Any, shape: tuple[int, ...], layers: Any) -> Any:
    zero = {"kernel_initializer": "zeros", "use_bias": False, "trainable": False}
    vector = layers.Dense(shape[-1], **zero)(layers.Flatten()(x))
    return layers.RepeatVector(shape[0])(vector) if len(shape) == 2 else vector
