"""Freed memory goes back to the system: the C library keeps it, for hours, in pieces."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import functools
from collections.abc import Callable

ARENAS = 2  # heaps among which the threads of a process share, not eight for each core
EVERY = 10.0  # seconds
M_ARENA_MAX = -8  # of malloc.h


def share_heaps() -> None:
    """Let threads share few heaps: what each has freed in its own is free for no other."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, ARENAS)


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
