"""A folder tree of logs -> the same tree with pseudonyms, whole or not at all."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

from mods import atomic
from mods.dataset import packing, walk
from mods.dataset.anonymizer.rewrite import Counts, Rewriter
from mods.errors import InputError, LogError
from mods.progress import shown

MEGABYTE = 1_000_000
START = 65_536
BOM = packing.BOM


@dataclass
class Pseudonymised:
    """What was written: files, records, lines left out; fields dropped; files not written."""

    files: int = 0
    written: int = 0
    left_out: int = 0
    dropped: set[str] = field(default_factory=set)
    skipped: list[tuple[Path, str]] = field(default_factory=list)


def pseudonymise(logs: Path, output: Path, rewriter: Rewriter) -> Pseudonymised:
    """Write every Zeek log under `logs` again under `output`, which must not be there yet.

    What is no Zeek log, or is damaged, is not written and is named with the reason. Raises
    InputError, or ResourceError where the disk fails: then nothing is left behind.
    """
    check(logs, output)
    done = Pseudonymised()
    paths = list(walk.files(logs, done.skipped, skip_broken=True))
    sizes = {path: path.stat().st_size for path in paths if path.is_file()}
    with atomic.making(output) as draft:
        with shown("pseudonymise", sum(sizes.values()) / MEGABYTE, "MB") as progress:
            for path, size in sizes.items():
                relative = path.relative_to(logs) if logs.is_dir() else Path(path.name)
                _one(path, draft / relative, rewriter, done)
                progress.advance(size / MEGABYTE, path.name)
        if not done.files:
            raise InputError("holds no Zeek log", where=logs, fix="Give a folder of Zeek logs")
    return done


def check(logs: Path, output: Path) -> None:
    """Raise InputError, before any work is done, where nothing could come of it."""
    if not logs.exists():
        raise InputError("there is no such file or folder", where=logs, fix="Give a log folder")
    if output.exists():
        raise InputError("is there already", where=output, fix="Name a folder that is not")
    if logs.is_dir() and output.resolve().is_relative_to(logs.resolve()):
        raise InputError("lies inside the logs", where=output, fix="Name a folder outside")


def _one(path: Path, target: Path, rewriter: Rewriter, done: Pseudonymised) -> None:
    """Write one log; a file that fails leaves nothing."""
    if packing.kind(path) == "zstd":
        done.skipped.append((path, "zstd is read by prepare, but not written: unpack it first"))
        return
    counts = Counts()
    try:
        if not _starts(path).startswith((b"#separator", b"#fields", b"{")):
            done.skipped.append((path, "is no Zeek log"))
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        with _written(target) as out:
            for line in rewriter.lines(_decoded(path), counts):
                out.write(f"{line}\n".encode("latin-1", "backslashreplace"))
    except LogError as error:
        target.unlink(missing_ok=True)
        done.skipped.append((path, error.message))
        return
    done.files += 1
    done.written += counts.written
    done.left_out += counts.left_out
    done.dropped |= counts.dropped


def _starts(path: Path) -> bytes:
    """How the log begins; LogError where it cannot be read."""
    try:
        with packing.opened(path) as stream:
            return stream.read(START).removeprefix(BOM)
    except packing.Failure as error:
        raise LogError(packing.reason(error), where=path) from None


def _decoded(path: Path) -> Iterator[str]:
    """The lines; every byte is a character, so that no line is lost for its encoding.

    LogError where the log cannot be read: what is an OSError came of writing.
    """
    try:
        with packing.opened(path) as stream:
            first = True
            for line in stream:
                yield (line.removeprefix(BOM) if first else line).decode("latin-1")
                first = False
    except packing.Failure as error:
        raise LogError(packing.reason(error), where=path) from None


@contextmanager
def _written(target: Path) -> Iterator[IO[bytes]]:
    with target.open("wb") as raw:
        if target.suffix.lower() != ".gz":
            yield raw
            return
        with gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0) as packed:
            yield cast(IO[bytes], packed)
