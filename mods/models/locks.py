"""Locks: one save of a name at a time, and one training to it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from mods.errors import ResourceError

FOLDER = ".locks"
TRAINING = "training"
AGAIN = 20


class HeldError(ResourceError):
    """Another process trains to this name."""


def alone(target: Path, patience: float) -> contextlib.AbstractContextManager[None]:
    """Alone in writing this name.

    Raises ResourceError where another process holds the name longer than the patience (seconds).
    """
    folder = target.parent / FOLDER
    return _held(target, folder, patience, "another process is saving this model")


@contextlib.contextmanager
def training(target: Path) -> Iterator[None]:
    """Alone in training to this name, from before its data are read until it is saved.

    It leaves nothing: the lock goes, and folders made for it that are empty. Raises HeldError where
    another training to the name goes on, in whatever process, ResourceError for a full disk.
    """
    lock = target.parent / FOLDER / TRAINING / f"{target.stem}.lock"
    ours = lock.parents[: 2 if target.parent.exists() else 3]
    try:
        while (handle := _taken(lock)) is None:
            pass  # who had it has just removed it
    except BlockingIOError:
        said = "another training to this name goes on"
        raise HeldError(said, where=target, fix="Try again later") from None
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
        _make(lock.parent)
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


def _make(folder: Path) -> None:
    """The folder; FileNotFoundError where another removes it at the very moment."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:  # also where it was removed between two looks of mkdir
        if not stat.S_ISDIR(folder.lstat().st_mode):
            raise


def _entered(
    path: Path, patience: float, again: int = AGAIN
) -> contextlib.AbstractContextManager[object]:
    """The lock, held until it is left; trainings that end may remove its folder while it is empty.

    Raises Timeout, OSError.
    """
    try:
        _make(path.parent)
        return FileLock(path).acquire(timeout=patience)
    except (FileNotFoundError, FileExistsError):
        if not again:
            raise
        return _entered(path, patience, again - 1)


@contextlib.contextmanager
def _held(target: Path, folder: Path, patience: float, taken: str) -> Iterator[None]:
    try:
        with _entered(folder / f"{target.stem}.lock", patience):
            yield
    except Timeout:
        raise ResourceError(taken, where=target, fix="Try again later") from None
    except OSError as error:
        raise ResourceError(f"cannot be written: {error.strerror or error}", where=target) from None
