"""Builds a network from a Config and the sizes of its inputs: trunk by name, one head for all."""

from __future__ import annotations

from typing import Any

import keras

from mods import architectures
from mods.config import Config
from mods.models.prepared import Sizes


def build(config: Config, sizes: Sizes) -> Any:
    """A Keras model: past, facts and bases of a row -> its path of shape (n, steps_ahead).

    The architecture turns `past` into one vector. The head adds the facts and weighs the bases of
    every lead by gates, and adds a path of its own. Its last layers begin at zero, so that an
    untrained network forecasts no change.
    """
    layers = keras.layers
    past = keras.Input((config.sequence_len, sizes.channels), name="past")
    facts = keras.Input((sizes.facts,), name="facts")
    bases = keras.Input((config.steps_ahead, sizes.bases), name="bases")
    trunk = architectures.find(config.model_type)
    vector = layers.Flatten()(trunk(past, config, layers))
    path = _head(vector, facts, bases, config)
    return keras.Model([past, facts, bases], path, name="network")


def _head(vector: Any, facts: Any, bases: Any, config: Config) -> Any:
    layers, leads, count = keras.layers, config.steps_ahead, bases.shape[2]
    both = layers.Concatenate()([vector, facts])
    hidden = layers.Dense(config.blocks, activation="silu")(both)
    hidden = layers.Dropout(config.dropout_rate)(hidden)
    gates = layers.Dense(leads * count, kernel_initializer="zeros")(hidden)
    gates = layers.Reshape((leads, count))(gates)
    own = layers.Dense(leads, kernel_initializer="zeros")(hidden)
    return keras.ops.sum(gates * bases, axis=-1) + own
