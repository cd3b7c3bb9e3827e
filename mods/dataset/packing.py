"""How log files are packed: plain, gzip or zstd, told by the end of their names.

What is read to its end through here is whole: both formats carry a check of their content, which
the engine does not look at (it even takes a zstd file that is cut short for a shorter one).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from isal import igzip, isal_zlib

from mods.errors import LogError

KINDS = {".gz": "gzip", ".zst": "zstd"}
BLOCK = 1 << 20
BOM = b"\xef\xbb\xbf"
FIX = "Repair or remove it, or pass --skip_broken"
Undecodable = cast(type[Exception], isal_zlib.error)  # its stubs say: an Exception
Failure = (OSError, EOFError, Undecodable)


def kind(path: Path) -> str:
    """How a file is packed: `gzip`, `zstd` or `none`.

    >>> kind(Path("conn.log.gz")), kind(Path("conn.log"))
    ('gzip', 'none')
    """
    return KINDS.get(path.suffix.lower(), "none")


def bare(path: Path) -> Path:
    """The path without the ending that says how the file is packed.

    >>> bare(Path("day/conn.log.zst")).name
    'conn.log'
    """
    return path if kind(path) == "none" else path.with_suffix("")


def opened(path: Path) -> IO[bytes]:
    """The bytes of a file, unpacked; reading raises one of `Failure` where they are damaged."""
    match kind(path):
        case "gzip":
            return cast(IO[bytes], igzip.open(path))
        case "zstd":
            from pyarrow import input_stream

            return cast(IO[bytes], io.BufferedReader(input_stream(str(path), compression="zstd")))
    return path.open("rb")


def blocks(path: Path) -> Iterator[bytes]:
    """The whole unpacked content, piece by piece; LogError where it is damaged or cut short."""
    try:
        with opened(path) as stream:
            while block := stream.read(BLOCK):
                yield block
    except Failure as error:
        raise LogError(reason(error), where=path, fix=FIX) from None


def reason(error: Exception) -> str:
    """Why a file cannot be unpacked, in our words."""
    text = str(error)
    if isinstance(error, EOFError) or "Truncated" in text:
        return "is cut short: its compressed stream ends too early"
    if isinstance(error, (igzip.BadGzipFile, Undecodable)):
        return "is damaged: its checksum is wrong" if "CRC" in text else "is no whole gzip file"
    if "ZSTD" in text:
        return (
            "is damaged: its checksum is wrong" if "checksum" in text else "is no whole zstd file"
        )
    return f"cannot be read ({getattr(error, 'strerror', None) or text})"
