"""Which of two files is an earlier state of the other: a log grows until Zeek rotates it.

`current/conn.log` read at half past, and `conn.00:00:00-01:00:00.log.gz` read after the hour, hold
the same lines; only the longer one may count.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from isal import isal_zlib

from mods.dataset import packing
from mods.dataset.content import START
from mods.errors import LogError

LONGEST = 1 << 20


def head(path: Path) -> str:
    """A key of the comments at the top (Zeek's say to the second when the log was opened) and of
    the first line after them; '' where no such line is complete. States of one log share it.
    """
    digest = hashlib.sha256()
    try:
        with packing.opened(path) as stream:
            while line := stream.readline(LONGEST):
                digest.update(line)
                if not line.removeprefix(packing.BOM).startswith(b"#"):
                    return digest.hexdigest()[:32] if line.endswith(b"\n") else ""
    except packing.Failure as error:
        raise LogError(packing.reason(error), where=path, fix=packing.FIX) from None
    return ""


def length(key: str) -> int:
    """How many bytes the content with this key (identity.py) has.

    >>> length("00ff-1a-00000000")
    26
    """
    return int(key.split("-")[1], 16)


def begins(path: Path, key: str) -> bool:
    """Whether a file holds more than the content with this key, and begins with it."""
    left = length(key)
    start, check = b"", 0
    for block in packing.blocks(path):
        part = block[:left]
        start += part[: START - len(start)]
        check = isal_zlib.crc32(part, check)
        left -= len(part)
        if left == 0:
            break
    return (
        left == 0 and key == f"{hashlib.sha256(start).hexdigest()[:32]}-{length(key):x}-{check:08x}"
    )
