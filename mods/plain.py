"""Plain values: what strict JSON can hold, made of what our answers are made of."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from typing import Any


def plain(value: Any) -> Any:
    """The value as strict JSON holds it: NaN, infinity and NaT become None, arrays lists.

    >>> plain({"a": (1, float("nan")), 2: float("-inf")})
    {'a': [1, None], '2': None}
    """
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [
            # a month of forecasts has millions of numbers: those that are fine cost no call
            item if type(item) is float and math.isfinite(item) else plain(item)
            for item in value
        ]
    return _foreign(value)


def _foreign(value: Any) -> Any:
    """Values of NumPy, pandas and the standard library, known by what they can do."""
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if hasattr(value, "isoformat"):
        text = value.isoformat()
        return None if text == "NaT" else text
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    raise TypeError(f"{type(value).__name__} is nothing that JSON holds")
