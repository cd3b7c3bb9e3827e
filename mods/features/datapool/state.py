"""The state of a datapool: a digest that changes with every file of it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

FILES = 5_000  # entries beyond which looking costs as much as reading


def of(path: str | Path) -> str | None:
    """A digest of name, time, size and inode of each file; None where that cannot be told.

    That is where there are more than 5,000 entries, or one goes while it is looked at, as in a
    datapool that is just being prepared.
    """
    digest = hashlib.sha256()
    left = _walk(os.fspath(path), digest, FILES)
    return None if left is None else digest.hexdigest()


def _walk(folder: str, digest: Any, left: int) -> int | None:
    """How many entries may follow those of this folder; None where there are too many."""
    try:
        for entry in sorted(os.scandir(folder), key=lambda one: one.name):
            left -= 1
            if left < 0:
                return None
            if entry.is_dir():
                below = _walk(entry.path, digest, left)
                if below is None:
                    return None
                left = below
                continue
            state = entry.stat()
            seen = f" {state.st_mtime_ns} {state.st_size} {state.st_ino};"
            digest.update(os.fsencode(entry.path) + seen.encode())  # names need be no UTF-8
    except OSError:
        return None
    return left
