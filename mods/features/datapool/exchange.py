"""A new pool takes the place of the old one: one writer at a time, and in one step.

A draft and what is left of a killed run lie beside the pool, in hidden folders with its name.
"""

from __future__ import annotations

import ctypes
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from mods import atomic
from mods.errors import ResourceError

PATIENCE_SECONDS = 10.0
AT_FDCWD, RENAME_EXCHANGE = -100, 2


@contextmanager
def alone(pool: Path) -> Iterator[None]:
    """Alone in writing the pool, after clearing what a killed writer left; may be nested.

    Raises ResourceError where another process writes it for longer than PATIENCE_SECONDS.
    """
    pool.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(pool.with_name(f".{pool.name}.lock"), PATIENCE_SECONDS, is_singleton=True)
    try:
        with lock:
            if lock.lock_counter == 1:
                recover(pool)
            yield
    except Timeout:
        raise ResourceError(
            "another process is writing it", where=pool, fix="Wait until it has finished"
        ) from None


def left(pool: Path) -> list[Path]:
    """What killed runs left of this pool, or a run at work has made so far, beside it."""
    pool = pool.resolve()
    return [
        one for end in ("old", "tmp") for one in sorted(pool.parent.glob(f".{pool.name}-*.{end}"))
    ]


def recover(pool: Path) -> None:
    """Clear what a killed run left; an old pool goes back where nothing stands in its place."""
    for old in sorted(pool.parent.glob(f".{pool.name}-*.old")):
        if not pool.exists():
            old.rename(pool)
        shutil.rmtree(old, ignore_errors=True)
    for unfinished in pool.parent.glob(f".{pool.name}-*.tmp"):
        shutil.rmtree(unfinished, ignore_errors=True)


def beside(pool: Path, what: str) -> Path:
    """A new path beside the pool: `tmp` for a draft, `old` for a pool on its way out."""
    return pool.with_name(f".{pool.name}-{secrets.token_hex(4)}.{what}")


def swap(fresh: Path, pool: Path) -> None:
    """Let the draft take the pool's place, and the old pool the draft's or none.

    In one step where the system knows how to exchange two paths (Linux). Elsewhere by two renames,
    between which a kill leaves the pool away until the next writer puts it back.
    """
    settle(fresh)
    if not pool.exists():
        fresh.rename(pool)
    elif not _exchange(fresh, pool):
        _rename(fresh, pool)
    atomic.sync(pool.parent)


def settle(folder: Path) -> None:
    """See to it that what is new in a draft (has no other name) is on disk, not only on its way."""
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            if not path.is_symlink() and path.stat().st_nlink == 1:
                atomic.sync(path)
        atomic.sync(Path(place))


def _exchange(fresh: Path, pool: Path) -> bool:
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    paths = os.fsencode(fresh), os.fsencode(pool)
    return bool(rename(AT_FDCWD, paths[0], AT_FDCWD, paths[1], RENAME_EXCHANGE) == 0)


def _rename(fresh: Path, pool: Path) -> None:
    """Two renames, the first undone if the second fails."""
    old = beside(pool, "old")
    pool.rename(old)
    try:
        fresh.rename(pool)
    except OSError:
        old.rename(pool)
        raise
    shutil.rmtree(old, ignore_errors=True)
