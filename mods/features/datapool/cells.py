"""Day files read back: their text as typed columns."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.csv

from mods.features.datapool.text import END, START, fields

TIME = pa.timestamp("us", "UTC")


def load(contents: list[bytes], kinds: dict[str, pa.DataType]) -> pa.Table:
    """Files with one first line below each other, the columns of the kinds given, else inferred.

    Raises pyarrow.ArrowException for what is no such table.
    """
    names = fields(contents[0])
    body = b"\n".join(content.partition(b"\n")[2] for content in contents)
    there = bool(body.strip())
    # pyarrow refuses a file without rows: one row of empty cells is dropped again below
    table = pyarrow.csv.read_csv(
        io.BytesIO(body if there else b"\t" * (len(names) - 1) + b"\n"),
        read_options=pyarrow.csv.ReadOptions(column_names=names),
        parse_options=pyarrow.csv.ParseOptions(delimiter="\t"),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types={START: TIME, END: TIME, **kinds}, null_values=["", "NaN"]
        ),
    )
    return table if there else table.slice(0, 0)
