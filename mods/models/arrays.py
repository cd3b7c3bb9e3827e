"""Arrays as npz bytes; headers are checked before anything is allocated, and nothing is pickled."""

from __future__ import annotations

import io
import math
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping

import numpy as np
from numpy.lib import format as npy

from mods.errors import CorruptModelError, ResourceError

TYPES = ("<f4", "<f8", "|u1")
MEMBERS = 200_000  # a checkpoint of the deepest network that a Config allows has 131,209
BYTES, DIMENSIONS = 1 << 30, 8
HEADERS = 512  # bytes beside the numbers of a member, at most
NAME = re.compile(r"[A-Za-z0-9_/]{1,100}")
EPOCH = (1980, 1, 1, 0, 0, 0)
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    KeyError,
    ValueError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
)


def pack(arrays: Mapping[str, np.ndarray]) -> bytes:
    """The arrays as npz; the same arrays give the same bytes.

    Raises ResourceError for more than `unpack` takes, before any byte is made.
    """
    _bounded(arrays)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            npy.write_array(member, np.ascontiguousarray(array), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", EPOCH), member.getvalue())
    return buffer.getvalue()


def _bounded(arrays: Mapping[str, np.ndarray]) -> None:
    total = sum(array.nbytes for array in arrays.values()) + HEADERS * len(arrays)
    if len(arrays) > MEMBERS or total > BYTES:
        raise ResourceError(
            f"{len(arrays):,} arrays of {total / 2**20:,.0f} MiB are more than a file may hold "
            f"({MEMBERS:,} of {BYTES / 2**20:,.0f} MiB)",
            where="weights",
            fix="Lower blocks or stacked_blocks, or do without accurate",
        )


def unpack(content: bytes) -> dict[str, np.ndarray]:
    """The arrays of an npz; raises CorruptModelError for anything but finite plain numbers."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            total = sum(member.file_size for member in members)
            packed = any(member.compress_type != zipfile.ZIP_STORED for member in members)
            if len(members) > MEMBERS or total > BYTES or packed:
                raise CorruptModelError("the weights are larger than allowed, or compressed")
            found = {_name(member.filename): _array(archive.read(member)) for member in members}
    except BROKEN as error:
        raise CorruptModelError(f"the weights cannot be read ({error})") from None
    if len(found) != len(members):
        raise CorruptModelError("the weights hold a name twice")
    return found


def _name(filename: str) -> str:
    name = filename.removesuffix(".npy")
    if NAME.fullmatch(name) is None or name == filename:
        raise CorruptModelError(f"the weights hold a member {filename!r}")
    return name


def _array(content: bytes) -> np.ndarray:
    """One npy array, when its header states a plain type and exactly the bytes that follow."""
    stream = io.BytesIO(content)
    if npy.read_magic(stream) != (1, 0):
        raise CorruptModelError("the weights hold an array of another npy version")
    shape, by_column, kind = npy.read_array_header_1_0(stream)
    left = len(content) - stream.tell()
    size = math.prod(shape) * kind.itemsize
    if kind.str not in TYPES or by_column or len(shape) > DIMENSIONS or size != left:
        raise CorruptModelError("the weights hold an array whose header does not fit it")
    array = np.frombuffer(content, kind, offset=stream.tell()).reshape(shape)
    if not np.isfinite(array).all():
        raise CorruptModelError("the weights are not finite")
    return array.copy()
