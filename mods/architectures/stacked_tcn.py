"""stackedTCN: temporal convolutional networks on each other."""

from __future__ import annotations

from typing import Any

from mods.architectures.registry import architecture
from mods.architectures.tcn import stack


@architecture("stackedTCN")
def stacked_tcn(x: Any, config: Any, layers: Any) -> Any:
    """One TCN with `stacked_blocks` more on top, the ends of all added up (van den Oord 2016)."""
    ends = []
    for _ in range(1 + config.stacked_blocks):
        x = stack(x, 2, config, layers)
        ends.append(x[:, -1])
    return layers.Add()(ends)
