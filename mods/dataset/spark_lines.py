"""Lines of TSV logs on Spark: the same text columns as DuckDB gives of them.

Spark takes colons, brackets and a leading `_` in file names for something else, so that it reads
links with plain names. On a cluster, logs and temporary folder have to lie where all workers see
them.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ibis
from ibis.expr import types as ir

from mods.dataset import packing

SUFFIXED = r"[0-9.][dDfF]\s*$"
LARGEST = 2**53
ENDINGS = {"none": "", "gzip": ".gz"}


def read(con: Any, paths: Sequence[Path], width: int, separator: str) -> ir.Table:
    """One text column per field (`f0` on), one for what is too much, and `source`."""
    from pyspark.sql import functions

    folder, names = _linked(con, paths)
    texts = con._session.read.text(folder.as_uri()).select(
        "value", functions.col("_metadata.file_name")
    )
    line = functions.decode(functions.col("value").cast("binary"), "ISO-8859-1")
    sources = con._session.createDataFrame(
        [(name, str(path)) for name, path in names.items()], "file_name string, source string"
    )
    rows = texts.withColumn("line", line).where(functions.col("line") != "")
    rows = rows.join(functions.broadcast(sources), "file_name")
    rows = rows.withColumn("cells", functions.split("line", re.escape(separator), -1))
    fields = [
        functions.get("cells", functions.lit(place)).alias(f"f{place}")
        for place in range(width + 1)
    ]
    name = ibis.util.gen_name("mods_lines")
    rows.select("source", *fields).createOrReplaceTempView(name)
    return con.table(name)


def number(text: Any, *, whole: bool) -> Any:
    """The text of a number such that Spark reads what DuckDB does of it.

    Spark takes `1.5d` for a number, and a fraction for no whole one, which DuckDB rounds.
    """
    text = text.re_search(SUFFIXED).ifelse("?", text)
    if not whole:
        return text
    value = text.try_cast("float64")
    near = value.between(-LARGEST, LARGEST).ifelse(value, ibis.null("float64")).round()
    return text.re_search("[.eE]").ifelse(near.cast("int64").cast("string").coalesce("?"), text)


def _linked(con: Any, paths: Sequence[Path]) -> tuple[Path, dict[str, Path]]:
    """A folder with a link to each file, in the session's own folder, and which is which."""
    home = con._session.conf.get("spark.local.dir")
    folder = Path(tempfile.mkdtemp(prefix="links-", dir=home))
    names = {f"{n:06d}.log{ENDINGS[packing.kind(path)]}": path for n, path in enumerate(paths)}
    for name, path in names.items():
        (folder / name).symlink_to(path.absolute())
    return folder, names
