"""Files and zips of strangers: nothing is unpacked beyond its caps, no name is used as a path.

A zip is refused as a whole where its directory cannot be trusted: too many files, too many bytes, a
name twice, or a member that calls itself otherwise than the directory does. Of a zip that is taken,
each member stands for itself: one that is encrypted, packed too tightly or fails its CRC is an
error of its own, and the others are read.
"""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from mods.errors import DatapoolError

MAX_MEMBERS = 50_000
MAX_FILE = 256 * 2**20
MAX_TOTAL = 2 * 2**30
# a day of nothing but empty cells packs 150:1, a bomb of deflate 1000:1
MAX_RATIO = 400
SMALL = 2**20
# the record at the end of a zip: 22 bytes and a comment of up to 65,535
END_MARK, LONGEST_END, UNSAID = b"PK\x05\x06", 22 + 65_535, 0xFFFF
BROKEN = (
    OSError,
    EOFError,
    RuntimeError,
    ValueError,
    KeyError,
    OverflowError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
)
FIX = "Restore it or remove it"


def names(path: Path) -> list[str]:
    """The names in a zip; DatapoolError where it is broken or refused as a whole."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _trusted(members, path)
            _complete(members, path)
            for member in members:
                _named_alike(archive, member)
    except BROKEN as error:
        raise _broken(path, error) from None
    return [member.filename for member in members]


def _trusted(members: list[zipfile.ZipInfo], path: Path) -> None:
    if len(members) > MAX_MEMBERS:
        raise DatapoolError(
            f"holds {len(members)} files, more than {MAX_MEMBERS}", where=path, fix=FIX
        )
    total = sum(member.file_size for member in members)
    if total > MAX_TOTAL:
        raise DatapoolError(f"unpacks to {total} bytes, more than {MAX_TOTAL}", where=path, fix=FIX)
    for name, count in Counter(member.filename for member in members).most_common(1):
        if count > 1:
            raise DatapoolError(f"holds {name} {count} times", where=path, fix=FIX)


def _complete(members: list[zipfile.ZipInfo], path: Path) -> None:
    """BadZipFile where the directory ends with another count: a wrong length hides members."""
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, 2) - LONGEST_END))
        tail = file.read()
    end = tail.rindex(END_MARK)
    (count,) = struct.unpack_from("<H", tail, end + 10)
    if count not in (len(members), UNSAID):
        raise zipfile.BadZipFile(f"its directory names {len(members)} files, but counts {count}")


def _named_alike(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """BadZipFile where the member's own header names it otherwise; nothing is unpacked."""
    try:
        archive.open(member).close()
    except RuntimeError:
        # encrypted, or packed in a way that is not known: an error of that member alone
        return


@contextmanager
def opened(source: Path, *, inside: bool) -> Iterator[Archive]:
    """The file, or the zip, to read from; what cannot be opened says so with every read."""
    if not inside:
        yield Archive(source, None, None)
        return
    try:
        archive = zipfile.ZipFile(source)
    except BROKEN as error:
        yield Archive(source, None, _broken(source, error))
        return
    with archive:
        yield Archive(source, archive, None)


class Archive:
    """One source of bytes: a zip, or a file that stands alone."""

    def __init__(
        self, source: Path, archive: zipfile.ZipFile | None, fault: DatapoolError | None
    ) -> None:
        self.source, self.archive, self.fault = source, archive, fault

    def read(self, member: str | None, limit: int | None = None) -> bytes:
        """The bytes of the member (of the file: None); DatapoolError where they are not sound."""
        if self.fault is not None:
            raise self.fault
        where = f"{self.source}:{member}" if member else str(self.source)
        try:
            if self.archive is None or member is None:
                size = self.source.stat().st_size
                with self.source.open("rb") as file:
                    return _bounded(where, file, size, limit)
            told = self.archive.getinfo(member)
            with self.archive.open(told) as file:
                return _bounded(where, file, told.file_size, limit, packed=told.compress_size)
        except BROKEN as error:
            raise _broken(where, error) from None


def _bounded(
    where: str, file: IO[bytes], size: int, limit: int | None, packed: int | None = None
) -> bytes:
    if size > MAX_FILE:
        raise DatapoolError(f"unpacks to {size} bytes, more than {MAX_FILE}", where=where, fix=FIX)
    if packed is not None and size > max(SMALL, MAX_RATIO * packed):
        raise DatapoolError(
            f"unpacks from {packed} to {size} bytes, over {MAX_RATIO}:1", where=where, fix=FIX
        )
    # read(n) unpacks no further than n, whatever the stream holds
    return file.read(size + 1 if limit is None else min(limit, size + 1))


def _broken(where: object, error: Exception) -> DatapoolError:
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return DatapoolError(f"cannot be read: {reason}", where=where, fix=FIX)
