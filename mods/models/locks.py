"""Locks: one save of a name at a time, and what killed saves left behind."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from mods.errors import ResourceError

FOLDER = ".locks"


@contextlib.contextmanager
def alone(target: Path, patience: float) -> Iterator[None]:
    """Alone in writing this name; drafts that a killed save of it left behind are removed.

    Raises ResourceError where another process holds the name longer than the patience (seconds).
    """
    try:
        lock = target.parent / FOLDER / f"{target.stem}.lock"
        lock.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(lock, timeout=patience):
            for draft in drafts(target.parent, target.stem):
                draft.unlink(missing_ok=True)
            yield
    except Timeout:
        raise ResourceError(
            "another process is saving this model", where=target, fix="Try again later"
        ) from None
    except OSError as error:
        raise ResourceError(f"cannot be written: {error.strerror or error}", where=target) from None


def drafts(folder: Path, stem: str = "") -> list[Path]:
    """Unfinished files that saves of this name (of any name) have in the folder."""
    pattern = re.compile(rf"\.{re.escape(stem) or '.+'}-[a-z0-9_]{{8}}\.tmp\.zip")
    return [file for file in folder.iterdir() if pattern.fullmatch(file.name)]
