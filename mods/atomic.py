"""Writing a file, or a folder, whole or not at all.

It is written as a draft with a hidden name beside its place, which its process holds locked: what
lies there and is not locked was left by a run that was killed, and the next one removes it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mods.errors import ResourceError

DRAFT_FOLDER = ".draft"
DRAFT_ZIP = ".tmp.zip"


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A temporary path beside `path`; it takes the place of `path` when the block ends well.

    The old file stays as it was if the block fails; raises ResourceError where the disk does.
    """
    target = Path(path)
    with _refusing(target), _draft(target, f".tmp{target.suffix}") as draft:
        yield draft
        sync(draft)
        draft.chmod(0o666 & ~_umask())
        draft.replace(target)
        sync(target.parent)


@contextmanager
def making(folder: str | os.PathLike[str]) -> Iterator[Path]:
    """A temporary folder beside `folder`, which must not be there; it becomes it at the end.

    Nothing is left if the block fails; raises ResourceError where the disk does.
    """
    target = Path(folder)
    with _refusing(target), _draft(target, DRAFT_FOLDER) as draft:
        yield draft
        for place, _, names in os.walk(draft):
            for path in (Path(place, name) for name in (*names, "")):
                sync(path)
        draft.chmod(0o777 & ~_umask())
        draft.rename(target)
        sync(target.parent)


@contextmanager
def scratch(stem: str) -> Iterator[Path]:
    """A new folder in the system's temporary one, only its user's, gone after the block.

    What killed processes left of the same stem goes first; raises ResourceError for a full disk.
    """
    target = Path(tempfile.gettempdir(), stem)
    with contextlib.ExitStack() as stack:
        with _refusing(target):
            folder = stack.enter_context(_draft(target, DRAFT_FOLDER))
        yield folder


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


def sweep(folder: Path, stem: str = ".+", ending: str = DRAFT_ZIP) -> int:
    """Remove the drafts in a folder that no process holds; how many that were.

    stem:  a regular expression of the names they are drafts of, without the ending
    ending:  what the names of the drafts end with; raises OSError where the folder is closed
    """
    pattern = re.compile(rf"\.(?:{stem})-[a-z0-9_]{{8}}{re.escape(ending)}")
    there = list(folder.iterdir()) if folder.is_dir() else []
    return sum(_swept(one) for one in there if pattern.fullmatch(one.name))


def sync(path: Path) -> None:
    """See to it that a file, or the names in a folder, are on disk, not only on their way."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _refusing(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _refused(error, target) from error


@contextmanager
def _draft(target: Path, ending: str) -> Iterator[Path]:
    """A new file, or folder where its ending says so, beside the target; gone after the block."""
    target.parent.mkdir(parents=True, exist_ok=True)
    sweep(target.parent, re.escape(_stem(target, ending)), ending)
    draft = _made(target, ending)
    while (handle := _locked(draft)) is None:
        draft = _made(target, ending)
    try:
        yield draft
    finally:
        _remove(draft)
        os.close(handle)


def _stem(target: Path, ending: str) -> str:
    return target.name if ending == DRAFT_FOLDER else target.stem


def _made(target: Path, ending: str) -> Path:
    begin = f".{_stem(target, ending)}-"
    if ending == DRAFT_FOLDER:
        return Path(tempfile.mkdtemp(ending, begin, target.parent))
    handle, name = tempfile.mkstemp(ending, begin, target.parent)
    os.close(handle)
    return Path(name)


def _locked(draft: Path) -> int | None:
    """The handle by which a draft is held; None where another run took it for one left behind."""
    handle = None
    with contextlib.suppress(FileNotFoundError):
        handle = os.open(draft, os.O_RDONLY)
        with contextlib.suppress(OSError):  # a file system without locks: then none is swept either
            fcntl.flock(handle, fcntl.LOCK_EX)
        if draft.exists():
            return handle
    if handle is not None:
        os.close(handle)
    return None


def _swept(draft: Path) -> bool:
    """Remove a draft that no process holds; whether it was one."""
    with contextlib.suppress(OSError):
        handle = os.open(draft, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _remove(draft)
            return True
        finally:
            os.close(handle)
    return False


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _refused(error: OSError, path: Path) -> ResourceError:
    reason = error.strerror or str(error)
    return ResourceError(
        f"cannot be written: {reason}", where=path, fix="Free some space, or give another --output"
    )
