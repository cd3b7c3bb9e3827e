"""What one pass over a file's bytes tells: its key, whether its headers repeat, how it ends.

The pass unpacks the file to its end, so that a packed one that is damaged is noticed here: the
engine would not notice a wrong checksum, and takes a zstd file that is cut for a shorter one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from isal import isal_zlib

from mods.dataset import packing
from mods.errors import LogError

START = 1 << 20
HEADER = b"\n#fields"
FOOTER = b"#close"
TAIL = 64


@dataclass(frozen=True)
class Content:
    """What a file holds.

    key:  of its bytes; headers:  number of `#fields` lines
    ended, closed:  whether the last line has its end, and whether it is Zeek's `#close`
    ascii:  whether all bytes are
    marked:  whether it begins with a byte order mark, which Zeek does not write
    longest:  bytes of the longest of the lines that reach beyond one block, else 0
    """

    key: str
    headers: int
    ended: bool
    closed: bool
    ascii: bool
    marked: bool = False
    longest: int = 0


def scan(path: Path) -> Content:
    """Read a file to its end; LogError where it is damaged, cut short or gone.

    What was found is kept, and found again while size and time of the file stay as they are.
    """
    try:
        state = path.stat()
    except OSError as error:
        raise LogError(packing.reason(error), where=path, fix=packing.FIX) from None
    return _scan(path, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=100_000)
def _scan(path: Path, _size: int, _time: int) -> Content:
    start, length, check, headers, tail, plain = b"", 0, 0, 0, b"\n", True
    longest = line = 0
    for block in packing.blocks(path):
        if length < START:
            start += block[: START - length]
        length += len(block)
        check = isal_zlib.crc32(block, check)
        joint = tail[1 - len(HEADER) :] + block[: len(HEADER) - 1]
        headers += joint.count(HEADER) + (block.count(HEADER) if b"#" in block else 0)
        plain = plain and block.isascii()
        end = block.find(b"\n")
        longest = max(longest, line + end if line and end >= 0 else 0)
        line = line + len(block) if end < 0 else len(block) - block.rfind(b"\n") - 1
        tail = (tail + block)[-TAIL:] if len(block) < TAIL else block[-TAIL:]
    key = f"{hashlib.sha256(start).hexdigest()[:32]}-{length:x}-{check:08x}"
    ended = tail.endswith((b"\n", b"\r"))
    closed = tail.splitlines()[-1].startswith(FOOTER)
    marked = start.startswith(packing.BOM)
    return Content(key, headers, ended, closed, plain, marked, max(longest, line))
