"""Freed memory goes back to the system: the C library keeps it, for hours, in pieces."""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Callable


def give_back() -> None:
    """Give back what is free; does nothing where the C library cannot (musl, macOS)."""
    _trim()(0)


@functools.cache
def _trim() -> Callable[[int], int]:
    try:
        found: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError):
        return int
    return found
