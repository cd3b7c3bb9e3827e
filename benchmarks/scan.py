"""The raw scan: DuckDB reads a log with the parameters of mods.dataset.reader and counts its lines.

Run as `python -m benchmarks.scan FILE`. It does not import mods, whose own start is no part of it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

PARAMETERS = f"""
filename = 'source', compression = 'none', delim = '\t', header = false, auto_detect = false,
quote = '', escape = '', nullstr = 'mods: this line has no such field',
null_padding = true, strict_mode = false, encoding = 'latin-1',
max_line_size = {12 << 20}, buffer_size = {16 << 20}, hive_partitioning = false
"""


def lines(path: Path) -> int:
    """How many lines DuckDB finds, comments among them."""
    with path.open(encoding="latin-1") as log:
        head = next(line for line in log if line.startswith("#fields"))
    columns = {f"f{i}": "VARCHAR" for i in range(head.count("\t") + 1)}
    con = duckdb.connect(config={"preserve_insertion_order": False})
    query = f"SELECT count(*) FROM read_csv('{path}', columns = {columns}, {PARAMETERS})"
    return int(con.execute(query).fetchall()[0][0])


if __name__ == "__main__":
    print(lines(Path(sys.argv[1])))
