"""The datapool: windows on disk, in the reference's layout or Parquet, read back as a series."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mods.features.datapool.change import changing
    from mods.features.datapool.convert import export
    from mods.features.datapool.pool import Datapool
    from mods.features.datapool.writer import write

__all__ = ["Datapool", "changing", "export", "write"]
_PLACES = {"Datapool": "pool", "changing": "change", "export": "convert", "write": "writer"}


def __getattr__(name: str) -> Any:
    """Loaded when asked for: who writes windows needs no pandas."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_PLACES[name]}"), name)
    globals()[name] = value
    return value
