"""What stands between the layers of most networks."""

from __future__ import annotations

from typing import Any


def regular(x: Any, config: Any, layers: Any, *, activation: str | None = None) -> Any:
    """Normalise each batch where asked for, bend, and drop a share of the units in training."""
    if config.batch_normalization:
        x = layers.BatchNormalization()(x)
    if activation is not None:
        x = layers.Activation(activation)(x)
    return layers.Dropout(config.dropout_rate)(x)


def normal(x: Any, config: Any, layers: Any) -> Any:
    """Normalise each batch where asked for, else the layer (Ba et al. 2016)."""
    kind = layers.BatchNormalization if config.batch_normalization else layers.LayerNormalization
    return kind()(x)
