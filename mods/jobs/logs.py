"""The log of a training, which is also its sign of life.

The file is what its process writes to as stdout and stderr, and it is locked as long as that
process is there: the kernel drops the lock with the last who has the file open, however it ended.
So no process id that another process got meanwhile, nor a reboot, makes a dead training look alive.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from mods.errors import ResourceError

LARGEST = 1_000_000
PACE = 0.2
_trimming = threading.Lock()


def path(folder: Path, key: str) -> Path:
    """The log of a training."""
    return folder / f"{key}.log"


def opened(folder: Path, key: str) -> int:
    """The log to write to, locked: who holds this handle, or inherits it, is the training.

    Raises BlockingIOError where another holds it, ResourceError where it cannot be opened.
    """
    place = path(folder, key)
    with _told(place):
        handle = os.open(place, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            raise
        return handle


def alive(folder: Path, key: str) -> bool:
    """Whether the process of a training is there; many may ask at once.

    Raises ResourceError where the log cannot be opened, and so nothing is known.
    """
    place = path(folder, key)
    with _told(place):
        try:
            handle = os.open(place, os.O_RDONLY)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
    return False


@contextlib.contextmanager
def _told(place: Path) -> Iterator[None]:
    """What the system refuses is an error of ours; that another has the log is told apart."""
    try:
        yield
    except BlockingIOError:
        raise
    except OSError as error:
        said = f"the log of a training cannot be opened: {error.strerror or error}"
        fix = "Free some space or handles, or see who may write there"
        raise ResourceError(said, where=place, fix=fix) from None


def trim(handle: int, largest: int = LARGEST) -> None:
    """Keep the last half of a log that is larger (bytes); it is written on at its end."""
    with _trimming:  # who comes second finds it small
        size = os.fstat(handle).st_size
        if size <= largest:
            return
        kept = os.pread(handle, largest // 2, size - largest // 2)
        os.ftruncate(handle, 0)
        os.write(handle, b"... earlier lines are gone\n" + kept[kept.find(b"\n") + 1 :])


def tail(folder: Path, key: str, lines: int) -> str:
    """The last lines, '' where there is no log."""
    try:
        content = path(folder, key).read_bytes()
    except FileNotFoundError:
        return ""
    return "\n".join(content.decode(errors="replace").splitlines()[-lines:])


def follow(folder: Path, key: str, over: Callable[[], bool]) -> Iterator[str]:
    """The whole log, line by line as they come, until `over` says that no more will."""
    seen, rest = 0, b""
    while True:
        last = over()
        content = path(folder, key).read_bytes() if path(folder, key).exists() else b""
        if len(content) < seen:  # trimmed: what is new in it cannot be told, so go on at its end
            seen, rest = len(content), b""
        *whole, rest = (rest + content[seen:]).split(b"\n")
        seen = len(content)
        yield from (line.decode(errors="replace") for line in whole)
        if last:
            return
        time.sleep(PACE)
