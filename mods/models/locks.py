"""Locks: one save of a name at a time, and one training to it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from mods.errors import ResourceError

FOLDER = ".locks"
TRAINING = "training"


def alone(target: Path, patience: float) -> contextlib.AbstractContextManager[None]:
    """Alone in writing this name.

    Raises ResourceError where another process holds the name longer than the patience (seconds).
    """
    folder = target.parent / FOLDER
    return _held(target, folder, patience, "another process is saving this model")


def training(target: Path) -> contextlib.AbstractContextManager[None]:
    """Alone in training to this name, from before its data are read until it is saved.

    Raises ResourceError where another training to the name goes on, in whatever process.
    """
    folder = target.parent / FOLDER / TRAINING
    return _held(target, folder, 0, "another training to this name goes on")


@contextlib.contextmanager
def _held(target: Path, folder: Path, patience: float, taken: str) -> Iterator[None]:
    try:
        lock = folder / f"{target.stem}.lock"
        lock.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(lock, timeout=patience):
            yield
    except Timeout:
        raise ResourceError(taken, where=target, fix="Try again later") from None
    except OSError as error:
        raise ResourceError(f"cannot be written: {error.strerror or error}", where=target) from None
