"""Locks: one save of a name at a time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from mods.errors import ResourceError

FOLDER = ".locks"


@contextlib.contextmanager
def alone(target: Path, patience: float) -> Iterator[None]:
    """Alone in writing this name.

    Raises ResourceError where another process holds the name longer than the patience (seconds).
    """
    try:
        lock = target.parent / FOLDER / f"{target.stem}.lock"
        lock.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(lock, timeout=patience):
            yield
    except Timeout:
        raise ResourceError(
            "another process is saving this model", where=target, fix="Try again later"
        ) from None
    except OSError as error:
        raise ResourceError(f"cannot be written: {error.strerror or error}", where=target) from None
