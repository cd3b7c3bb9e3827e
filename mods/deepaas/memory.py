"""Freed memory goes back to the system: the C library keeps it, for hours, in pieces."""

from __future__ import annotations

import asyncio
import ctypes
import functools
from collections.abc import Callable

EVERY = 10.0  # seconds from one giving back of a server to the next


async def keep_small() -> None:
    """Give back what is free now and then, as long as the server runs."""
    while True:
        await asyncio.sleep(EVERY)
        await asyncio.to_thread(give_back)


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
