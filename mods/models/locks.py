"""Locks: one save of a name at a time, and one training to it."""

from __future__ import annotations

import contextlib
import fcntl
import os
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


@contextlib.contextmanager
def training(target: Path) -> Iterator[None]:
    """Alone in training to this name, from before its data are read until it is saved.

    It leaves nothing: the lock goes, and folders made for it that are empty. Raises ResourceError
    where another training to the name goes on, in whatever process.
    """
    lock = target.parent / FOLDER / TRAINING / f"{target.stem}.lock"
    ours = lock.parents[: 2 if target.parent.exists() else 3]
    try:
        while (handle := _taken(lock)) is None:
            pass  # who had it has just removed it
    except BlockingIOError:
        said = "another training to this name goes on"
        raise ResourceError(said, where=target, fix="Try again later") from None
    except OSError as error:
        raise ResourceError(f"cannot be written: {error.strerror or error}", where=target) from None
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            lock.unlink()
            for made in ours:
                made.rmdir()
        os.close(handle)


def _taken(lock: Path) -> int | None:
    """The handle that holds a lock file; None where the file is not there any more.

    Raises BlockingIOError where another holds it.
    """
    handle = None
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(handle), os.stat(lock)):
            held, handle = handle, None
            return held
    except FileNotFoundError:
        pass
    finally:
        if handle is not None:
            os.close(handle)
    return None


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
