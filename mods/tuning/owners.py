"""Who works on a study: each process holds a lock, which the system lets go when it dies."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

ENDING = ".lock"


def folder(study: Path) -> Path:
    """Where the locks of a study file lie."""
    return study.with_name(f".{study.name}.locks")


@contextlib.contextmanager
def working(study: Path) -> Iterator[str]:
    """Be a process at work on the study; yields its name."""
    name = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
    place = folder(study)
    place.mkdir(parents=True, exist_ok=True)
    lock = FileLock(place / f"{name}{ENDING}")
    with alone(study):  # nobody may take it for the lock of a dead one before it is held
        lock.acquire()
    try:
        yield name
    finally:
        lock.release()
        (place / f"{name}{ENDING}").unlink(missing_ok=True)


@contextlib.contextmanager
def alone(study: Path) -> Iterator[None]:
    """Alone in opening and settling the study, for a moment."""
    place = folder(study)
    place.mkdir(parents=True, exist_ok=True)
    with FileLock(place / "opening"):
        yield


def living(study: Path) -> set[str]:
    """The names of the processes still at work; locks of dead ones are removed. Call it alone."""
    found = set()
    for path in folder(study).glob(f"*{ENDING}"):
        try:
            with FileLock(path, timeout=0):
                path.unlink(missing_ok=True)
        except Timeout:
            found.add(path.name.removesuffix(ENDING))
    return found
