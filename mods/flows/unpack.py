"""What a file of a stranger is, told by its bytes and never by its name, and out of its packing.

Nothing is unpacked beyond its caps, and no more cells than `MOST_CELLS` are read.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from mods.errors import InputError
from mods.features.datapool import archives, places
from mods.series import files

MOST_CELLS = 20_000_000
MOST_JSON = 2_000_000
LONGEST_STAMP = 100
PARQUET = b"PAR1"
PACKINGS: dict[bytes, Callable[[IO[bytes]], Any]] = {
    b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ": lzma.LZMAFile,
}
ZIP = (b"PK\x03\x04", b"PK\x05\x06")  # with members, and without any
KINDS = "Give a CSV, TSV, Parquet or JSON file, plain or packed by gzip, or a zip of a datapool"
APART = "__MACOSX/"


def is_zip(file: Path) -> bool:
    """Whether the bytes begin as those of a zip."""
    with file.open("rb") as opened:
        return opened.read(4) in ZIP


def is_pool(zipped: Path) -> bool:
    """Whether the zip holds windows of a datapool; DatapoolError where it is not sound."""
    return bool(places.in_zip(zipped))


def member(zipped: Path) -> bytes:
    """The one table in a zip that is no datapool; InputError where there is not just one."""
    found = [
        name
        for name in archives.names(zipped)
        if (files.is_table(name) or name.lower().endswith(".json"))
        and not (name.startswith(APART) or PurePosixPath(name).name.startswith("."))
    ]
    if len(found) != 1:
        raise InputError(
            f"the zip holds {len(found)} tables, and no windows of a datapool",
            where="data",
            fix="Pack one CSV, TSV or Parquet file, or files as conn/2019/06/01/w01h-s10m.tsv",
        )
    with archives.opened(zipped, inside=True) as archive:
        return archive.read(found[0])


def plain(file: Path) -> bytes:
    """The bytes of a file that is no zip, out of one packing; InputError for too many."""
    with file.open("rb") as opened:
        return _plain(opened)


def unpacked(content: bytes) -> bytes:
    """The same for bytes."""
    return _plain(io.BytesIO(content))


def _plain(opened: IO[bytes]) -> bytes:
    begin = opened.read(6)
    opened.seek(0)
    unpack = next((way for mark, way in PACKINGS.items() if begin.startswith(mark)), None)
    try:
        content: bytes = (unpack(opened) if unpack else opened).read(archives.MAX_FILE + 1)
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise InputError(f"cannot be unpacked: {error}", where="data", fix=KINDS) from None
    if len(content) > archives.MAX_FILE:
        raise InputError(
            f"has more than {archives.MAX_FILE} bytes unpacked", where="data", fix="Give less of it"
        )
    if content.startswith((*ZIP, *PACKINGS)):
        raise InputError("is packed twice", where="data", fix=KINDS)
    return content


def count(cells: int, most: int | None = None) -> None:
    """Raise InputError for more cells than are read."""
    most = MOST_CELLS if most is None else most
    if cells > most:
        raise InputError(
            f"has {cells} cells, more than {most}", where="data", fix="Give less of it"
        )


def parquet(content: bytes, time_column: str | None) -> pa.Table:
    """The columns of a Parquet file that may be numbers or stamps; texts are not unfolded."""
    stamps = {time_column, *files.STAMPS}
    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        count(file.metadata.num_rows * file.metadata.num_columns)
        texts = [one.name for one in file.schema_arrow if _text(one.type)]
        names = [one.name for one in file.schema_arrow if one.name not in texts]
        kept = [*names, *(name for name in texts if name in stamps)]
        sound = pq.ParquetFile(pa.BufferReader(content), read_dictionary=texts)
        table = sound.read(columns=kept)
        for name in kept:
            if name in texts:
                _short(table.column(name))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(f"is no Parquet file: {error}", where="data", fix=KINDS) from None
    # what pandas wrote of itself beside the columns is not believed
    return table.replace_schema_metadata(None)


def _text(kind: pa.DataType) -> bool:
    fixed = pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind)
    return not (fixed or pa.types.is_temporal(kind) or pa.types.is_decimal(kind))


def _short(column: pa.ChunkedArray) -> None:
    """Raise ValueError where a text that stands many times is longer than any stamp."""
    for chunk in column.chunks:
        values = chunk.dictionary if pa.types.is_dictionary(chunk.type) else chunk
        longest = pa.compute.max(pa.compute.binary_length(values)).as_py()
        if (longest or 0) > LONGEST_STAMP:
            raise ValueError(f"a stamp of {longest} characters")
