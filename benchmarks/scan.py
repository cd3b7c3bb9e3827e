"""The raw scan: DuckDB reads a log with the parameters of mods.dataset and counts its lines.

Run as `python -m benchmarks.scan FILE [latin-1]`. It does not import mods, whose own start is no
part of it. A log of ASCII alone, as the generated ones are, is read as such, as mods does; decoding
costs a third more.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

PARAMETERS = f"""
filename = 'source', compression = 'none', delim = '\t', header = false, auto_detect = false,
quote = '', escape = '', nullstr = 'mods: this line has no such field',
null_padding = true, strict_mode = false,
max_line_size = {12 << 20}, buffer_size = {16 << 20}, hive_partitioning = false
"""


def lines(path: Path, encoding: str = "utf-8") -> int:
    """How many lines DuckDB finds, comments among them."""
    with path.open(encoding="latin-1") as log:
        head = next(line for line in log if line.startswith("#fields"))
    columns = {f"f{i}": "VARCHAR" for i in range(head.count("\t") + 1)}
    con = duckdb.connect(config={"preserve_insertion_order": False})
    told = f"columns = {columns}, encoding = '{encoding}', {PARAMETERS}"
    query = f"SELECT count(*) FROM read_csv('{path}', {told})"
    return int(con.execute(query).fetchall()[0][0])


if __name__ == "__main__":
    print(lines(Path(sys.argv[1]), *sys.argv[2:]))
