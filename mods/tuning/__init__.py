"""The search for better settings: what is searched, the study on disk, one trial after another.

`room` is its door: `space` needs nothing, the others need Optuna (the extra `tune`).
"""

from __future__ import annotations

import importlib
from types import ModuleType


def room(name: str) -> ModuleType:
    """One module of this room, loaded with Optuna; raises ResourceError where that is absent."""
    from mods.errors import ResourceError

    try:
        return importlib.import_module(f"{__name__}.{name}")
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("mods"):
            raise
        raise ResourceError(
            f"{error.name} is not installed",
            where="mods tune",
            fix="Run pip install 'mods[tune]'",
        ) from None
