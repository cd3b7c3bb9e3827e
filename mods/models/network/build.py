"""Builds a network from a Config and the sizes of its inputs: trunk by name, one head for all."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from mods import architectures
from mods.config import Config
from mods.models.network import layers
from mods.models.prepared import Sizes

MEMBERS = 4


def build(config: Config, sizes: Sizes) -> Any:
    """A Keras model: past, facts and bases of a row -> its path of shape (n, steps_ahead).

    The architecture turns `past` into one vector, or into one for every lead. The head adds the
    facts and weighs the bases of every lead by gates, and adds a path of its own. Its last layers
    begin at zero, so that an untrained network forecasts no change.
    """
    past = keras.Input((config.sequence_len, sizes.channels), name="past")
    facts = keras.Input((sizes.facts,), name="facts")
    bases = keras.Input((config.steps_ahead, sizes.bases), name="bases")
    seen, moment = layers.Standard(name="seen")(past), layers.Standard(name="moment")(facts)
    members = MEMBERS if config.accurate else 1
    paths = [_path(seen, moment, bases, config) for _ in range(members)]
    path = layers.Averaged()(paths) if config.accurate else paths[0]
    return keras.Model([past, facts, bases], path, name="network")


def _path(seen: Any, moment: Any, bases: Any, config: Config) -> Any:
    """One trunk with its head: the path (n, leads)."""
    found = architectures.find(config.model_type)(seen, config, layers)
    if isinstance(found, tuple):
        found = layers.Restoring()((*found, seen))
    head = _head if len(found.shape) == 2 else _head_of_leads
    gates, own = head(found, moment, config, bases.shape[2])
    return keras.ops.sum(gates * bases, axis=-1) + own


def standardise(network: Any, past: np.ndarray, facts: np.ndarray) -> None:
    """Let the network know how large its inputs are, from rows of training."""
    network.get_layer("seen").learn(past)
    network.get_layer("moment").learn(facts)


def _head(vector: Any, facts: Any, config: Config, count: int) -> tuple[Any, Any]:
    """Gates (n, leads, bases) and a path (n, leads) from one vector."""
    leads = config.steps_ahead
    both = layers.Concatenate()([vector, facts])
    hidden = layers.Dense(config.blocks, activation="silu")(both)
    hidden = layers.Dropout(config.dropout_rate)(hidden)
    gates = layers.Dense(leads * count, kernel_initializer="zeros")(hidden)
    own = layers.Dense(leads, kernel_initializer="zeros")(hidden)
    return layers.Reshape((leads, count))(gates), own


def _head_of_leads(vectors: Any, facts: Any, config: Config, count: int) -> tuple[Any, Any]:
    """Gates (n, leads, bases) and a path (n, leads) from one vector for every lead.

    All leads share the weights; what tells them apart is their vector and a learnt offset.
    """
    leads = config.steps_ahead
    both = layers.Concatenate()([vectors, layers.RepeatVector(leads)(facts)])
    hidden = layers.Position()(layers.Dense(config.blocks, use_bias=False)(both))
    hidden = layers.Dropout(config.dropout_rate)(layers.Activation("silu")(hidden))
    gates = layers.Dense(count, kernel_initializer="zeros")(hidden)
    own = layers.Dense(1, kernel_initializer="zeros")(hidden)
    return gates, layers.Reshape((leads,))(own)
