"""The list of networks, filled by the decorator `architecture`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache
from typing import Any

Network = Callable[[Any, Any, Any], Any]
_networks: dict[str, Network] = {}
_ignored: dict[str, tuple[str, ...]] = {}


def architecture(name: str, *, ignores: tuple[str, ...] = ()) -> Callable[[Network], Network]:
    """Register a network under the name users give as `model_type`.

    ignores: settings of the network that mean nothing to it; who sets them is told so
    """

    def register(network: Network) -> Network:
        if name in _networks:
            raise ValueError(f"there are two networks named {name}")
        _networks[name], _ignored[name] = network, ignores
        return network

    return register


@cache
def _load() -> None:
    """Import every module of this room once; each registers its networks."""
    import mods.architectures as room  # noqa: PLC0415 - the room imports this module

    for module in pkgutil.iter_modules(room.__path__):
        importlib.import_module(f"{room.__name__}.{module.name}")


def names() -> tuple[str, ...]:
    """All model types, in alphabetical order; networks registered elsewhere are among them."""
    _load()
    return tuple(sorted(_networks, key=str.lower))


def find(name: str) -> Network:
    """The network of that name; KeyError for a name that Config would have refused."""
    _load()
    return _networks[name]


def ignored(name: str) -> tuple[str, ...]:
    """The settings that mean nothing to the network of that name."""
    _load()
    return _ignored[name]
