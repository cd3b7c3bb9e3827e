"""Plain values: what strict JSON can hold, made of what our answers are made of."""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Mapping
from typing import Any

TWICE = "stands twice in one JSON object"


class TwiceError(ValueError):
    """A key stands twice in one object."""

    def __init__(self, key: str) -> None:
        super().__init__(f"{key[:100]!r} {TWICE}")
        self.key = key


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of its pairs, for `json.loads(..., object_pairs_hook=once)`.

    >>> once([("a", 1), ("a", 2)])
    Traceback (most recent call last):
    mods.plain.TwiceError: 'a' stands twice in one JSON object
    """
    made = dict(pairs)
    if len(made) < len(pairs):
        counted = Counter(key for key, _ in pairs)
        raise TwiceError(next(key for key, times in counted.items() if times > 1))
    return made


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
        return [plain(item) for item in value]
    return _foreign(value)


def _foreign(value: Any) -> Any:
    """Values of NumPy, pandas and the standard library, known by what they can do."""
    if hasattr(value, "tolist"):
        return _array(value)
    if hasattr(value, "isoformat"):
        text = value.isoformat()
        return None if text == "NaT" else text
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    raise TypeError(f"{type(value).__name__} is nothing that JSON holds")


def _array(value: Any) -> Any:
    """The lists of an array: a month of forecasts has millions of numbers, so none costs a call."""
    if getattr(value, "ndim", 0) == 0 or value.dtype.kind != "f":
        return plain(value.tolist())
    wrong = ~(abs(value) < math.inf)
    if wrong.any():
        value = value.astype(object)
        value[wrong] = None
    return value.tolist()
