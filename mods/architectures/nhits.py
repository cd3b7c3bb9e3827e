"""NHITS: coarse and fine parts of the past, one after the other."""

from __future__ import annotations

from typing import Any

from mods.architectures.registry import architecture
from mods.architectures.regular import regular

POOLS = (8, 4, 1)


@architecture("NHITS")
def nhits(x: Any, config: Any, layers: Any) -> Any:
    """Blocks for coarse to fine rates, each reading what those before left (Challu et al. 2023).

    `stacked_blocks` blocks for each rate; what a block tells of the path is interpolated.
    """
    paths = []
    for pool in POOLS:
        for _ in range(config.stacked_blocks):
            explained, path = _block(x, min(pool, config.sequence_len), config, layers)
            x = x - explained
            paths.append(path)
    return layers.Add()(paths)


def _block(x: Any, pool: int, config: Any, layers: Any) -> tuple[Any, Any]:
    y = layers.Flatten()(layers.MaxPooling1D(pool, padding="same")(x))
    for _ in range(2):
        y = regular(layers.Dense(config.blocks)(y), config, layers, activation="silu")
    explained = _interpolated(y, (config.sequence_len, x.shape[2]), pool, layers)
    return explained, _interpolated(y, (config.steps_ahead, config.blocks), pool, layers)


def _interpolated(y: Any, shape: tuple[int, int], pool: int, layers: Any) -> Any:
    """One vector for every `pool` steps, repeated for each of them."""
    steps, width = shape
    knots = -(-steps // pool)
    vectors = layers.Reshape((knots, width))(layers.Dense(knots * width)(y))
    return layers.UpSampling1D(pool)(vectors)[:, :steps]
