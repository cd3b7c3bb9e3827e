"""Lines of logs on DuckDB: text columns as they stand, whatever the file holds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ibis
from ibis.expr import operations as ops
from ibis.expr import types as ir

from mods.dataset import packing
from mods.dataset.mending import LONGEST_LINE

BUFFER = 16 << 20
ABSENT = "mods: this line has no such field"
OPTIONS = f"""
filename = 'source', auto_detect = false, header = false, quote = '', escape = '',
nullstr = '{ABSENT}', null_padding = true, strict_mode = false, hive_partitioning = false,
max_line_size = {LONGEST_LINE}, buffer_size = {BUFFER}
"""


def read(con: Any, paths: Sequence[Path], width: int, separator: str, *, ascii: bool) -> ir.Table:
    """One text column per field (`f0` on), one for what is too much, and `source`.

    What is told to be `ascii` is not decoded, which takes a fourth of the time. The view is made in
    SQL: Ibis would ask for its columns, and load pyarrow for the answer.
    """
    names = [f"f{place}" for place in range(width + 1)]
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    files = ", ".join(_quoted(_literal(str(path))) for path in paths)
    encoding = "utf-8" if ascii else "latin-1"
    name = ibis.util.gen_name("mods_lines")
    con.con.execute(
        f'CREATE TEMP VIEW "{name}" AS SELECT * '  # nosec B608 # a view takes no ?; all is quoted
        f"FROM read_csv([{files}], columns = {{{columns}}}, "
        f"delim = {_quoted(separator)}, compression = '{packing.kind(paths[0])}', "
        f"encoding = '{encoding}', {OPTIONS})"
    )
    schema = ibis.schema(dict.fromkeys([*names, "source"], "string"))
    return ops.DatabaseTable(name=name, schema=schema, source=con).to_expr()


def _literal(path: str) -> str:
    """The path with the characters escaped that DuckDB would take for a pattern."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in path)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
