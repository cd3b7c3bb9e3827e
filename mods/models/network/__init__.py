"""The networks themselves: the only room that imports Keras, and it names no backend.

`learn` and `rebuilt` are its doors: whoever calls them pays for Keras, nobody else does.
"""

from __future__ import annotations

import importlib
from types import ModuleType


def room(name: str) -> ModuleType:
    """One module of this room, loaded with Keras; raises ResourceError where Keras is absent."""
    from mods.errors import ResourceError

    try:
        return importlib.import_module(f"{__name__}.{name}")
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("mods"):
            raise
        raise ResourceError(
            f"{error.name} is not installed, and this needs Keras",
            where="networks",
            fix='Run: pip install "mods[cpu]"',
        ) from None
