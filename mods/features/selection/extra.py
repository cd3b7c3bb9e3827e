"""statsmodels, which only this room needs: the extra `features` installs it."""

from __future__ import annotations

from typing import Any

from mods.errors import ResourceError


def stattools() -> Any:
    """Its module of time series tests; raises ResourceError where it is not installed."""
    try:
        from statsmodels.tsa import stattools as found
    except ModuleNotFoundError as missing:
        raise ResourceError(
            f"{missing.name} is not installed",
            where="mods features",
            fix="Run pip install 'mods[features]'",
        ) from None
    return found
