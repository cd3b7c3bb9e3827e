"""Writing a file whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mods.errors import ResourceError


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A temporary path beside `path`; it takes the place of `path` when the block ends well.

    The old file stays as it was if the block fails; raises ResourceError where the disk does.
    """
    target = Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            prefix=f".{target.stem}-", suffix=f".tmp{target.suffix}", dir=target.parent
        )
    except OSError as error:
        raise _refused(error, target) from None
    os.close(handle)
    draft = Path(name)
    try:
        yield draft
        _sync(draft)
        draft.chmod(0o666 & ~_umask())
        draft.replace(target)
        _sync(target.parent)
    except OSError as error:
        raise _refused(error, target) from error
    finally:
        draft.unlink(missing_ok=True)


def check(path: str | os.PathLike[str]) -> None:
    """Raise ResourceError, before any work is done, where `path` could not be written."""
    target = Path(path).absolute()
    try:
        there = next(folder for folder in target.parents if folder.exists())
        writable = there.is_dir() and os.access(there, os.W_OK | os.X_OK)
    except OSError as error:
        raise _refused(error, target) from None
    if not writable or target.is_dir():
        what = "is a folder" if target.is_dir() else f"cannot be written: {there} is closed"
        raise ResourceError(what, where=target, fix="Give another place")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _refused(error: OSError, path: Path) -> ResourceError:
    reason = error.strerror or str(error)
    return ResourceError(
        f"cannot be written: {reason}", where=path, fix="Free some space, or give another --output"
    )
