"""One day of windows as Parquet: the same cells as the text, an empty one is null.

`window_start` and `window_end` are timestamps in UTC, whole numbers int64, averages double, so that
pandas, DuckDB and Spark read a pool as it lies: `read_parquet('pool/conn/**/*.parquet')`. Text made
Parquet and text again is the same, byte for byte. Pages carry checksums, which reading verifies.
"""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from mods.errors import DatapoolError
from mods.features.datapool import cells, text
from mods.features.datapool.cells import TIME
from mods.features.datapool.text import END, START
from mods.features.table import Table
from mods.window import Window

# a window cannot slide by less than a second
MAX_ROWS = 86_400
MAX_BYTES = 256 * 2**20
UNREADABLE = (pa.ArrowException, OSError, ValueError, OverflowError)


def encode(content: bytes, averages: frozenset[str]) -> bytes:
    """A text as Parquet; all columns but the averages are whole numbers."""
    kinds = {
        name: pa.float64() if name in averages else pa.int64()
        for name in text.fields(content)
        if name not in (START, END)
    }
    sink = pa.BufferOutputStream()
    pyarrow.parquet.write_table(
        cells.load([content], kinds),
        sink,
        compression="zstd",
        write_page_checksum=True,
        store_schema=False,
    )
    return bytes(sink.getvalue())


def decode(content: bytes, window: Window, where: object) -> bytes:
    """A Parquet file as the text it was made of."""
    table = load(content, where)
    frame = table.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
    header, rows = text.lines(Table.of(frame.drop(columns=END).set_index(START)), window)
    return header + b"".join(rows)


def fields(content: bytes) -> list[str]:
    """The columns a Parquet file names; none where it cannot be read."""
    try:
        return [str(name) for name in _file(content).schema_arrow.names]
    except UNREADABLE:
        return []


def load(content: bytes, where: object) -> pa.Table:
    """The table with its stamps in UTC; DatapoolError where it cannot be read, or is too big."""
    try:
        file = _file(content)
        metadata = file.metadata
        groups = (metadata.row_group(number) for number in range(metadata.num_row_groups))
        size = sum(group.total_byte_size for group in groups)
        if metadata.num_rows > MAX_ROWS or size > MAX_BYTES:
            raise DatapoolError(
                f"holds {metadata.num_rows} rows in {size} bytes, more than a day can", where=where
            )
        table = file.read(use_threads=False)
        for place, field in enumerate(table.schema):
            if field.name in (START, END) and field.type != TIME:
                table = table.set_column(place, field.name, table[field.name].cast(TIME))
    except UNREADABLE as error:
        raise DatapoolError(
            f"cannot be read: {error}", where=where, fix="Restore it or remove it"
        ) from None
    return table


def _file(content: bytes) -> pyarrow.parquet.ParquetFile:
    return pyarrow.parquet.ParquetFile(pa.BufferReader(content), page_checksum_verification=True)
