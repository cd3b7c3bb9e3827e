"""The list of networks, filled by the decorator `architecture`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache
from typing import Any

Network = Callable[[Any, Any, Any], Any]
_networks: dict[str, Network] = {}


def architecture(name: str) -> Callable[[Network], Network]:
    """Register a network under the name users give as `model_type`."""

    def register(network: Network) -> Network:
        if name in _networks:
            raise ValueError(f"there are two networks named {name}")
        _networks[name] = network
        return network

    return register


@cache
def _all() -> dict[str, Network]:
    """Import every module of this room once; each registers its networks."""
    import mods.architectures as room  # noqa: PLC0415 - the room imports this module

    for module in pkgutil.iter_modules(room.__path__):
        importlib.import_module(f"{room.__name__}.{module.name}")
    return dict(sorted(_networks.items(), key=lambda item: item[0].lower()))


def names() -> tuple[str, ...]:
    """All model types, in alphabetical order."""
    return tuple(_all())


def find(name: str) -> Network:
    """The network of that name; KeyError for a name that Config would have refused."""
    return _all()[name]
