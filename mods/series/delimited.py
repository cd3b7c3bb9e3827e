"""Text tables as people save them: commas, semicolons or tabs, points or commas in numbers."""

from __future__ import annotations

import bz2
import gzip
import lzma
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

from mods.errors import SeriesError

SEPARATORS = ",;\t"
OPENERS: dict[str, Any] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}
PROBED = 50
SPARE = 50


def options(path: Path, tabs: bool) -> dict[str, Any]:
    """How pandas has to read the file: tabs where told, else what its header line separates by.

    Of the separators the first that stands in the header is taken. Between semicolons numbers
    have decimal commas where the first rows hold such numbers and none with a point.
    """
    found: dict[str, Any] = {"sep": "\t", "encoding": "utf-8-sig", "encoding_errors": "replace"}
    unpacked = OPENERS.get(path.suffix.lower(), open)
    with unpacked(path, "rt", encoding="utf-8-sig", errors="replace") as opened:
        lines = list(islice(opened, PROBED))
    if lines and not tabs:
        found["sep"] = next((one for one in SEPARATORS if one in lines[0]), ",")
    if found["sep"] == ";" and _decimal_commas(lines[1:]):
        found["decimal"] = ","
    return found


def _decimal_commas(lines: list[str]) -> bool:
    """Whether cells are numbers with a comma, and none is one with a point.

    >>> _decimal_commas(["2024-01-01;1,5;2"]), _decimal_commas(["2024-01-01;1,234;5.5"])
    (True, False)
    """
    cells = [cell.strip() for line in lines for cell in line.split(";")]
    commas = [cell for cell in cells if cell.count(",") == 1 and _number(cell.replace(",", "."))]
    return bool(commas) and not any("." in cell and _number(cell) for cell in cells)


def _number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def header(path: Path, options: dict[str, Any]) -> pd.Index[Any]:
    """The names of the columns."""
    names: pd.Index[Any] = pd.read_csv(path, nrows=0, **options).columns
    return names


def read(path: Path, options: dict[str, Any], time_column: str) -> pd.DataFrame:
    """All columns, the stamps as text."""
    names = header(path, options)
    try:
        table = pd.read_csv(path, dtype={time_column: "string"}, low_memory=False, **options)
    except pd.errors.ParserError:
        return _wide(path, names, options)
    # with longer rows pandas takes the first columns for an index, and shifts the names
    return table if isinstance(table.index, pd.RangeIndex) else _wide(path, names, options)


def _wide(path: Path, names: pd.Index[Any], options: dict[str, Any]) -> pd.DataFrame:
    """The table of a file whose rows are longer than its header, if only by empty cells."""
    width = range(len(names) + SPARE)
    cells = pd.read_csv(path, header=None, names=width, dtype="string", **options).iloc[1:]
    extra = cells.iloc[:, len(names) :].notna().any(axis=1).to_numpy()
    if extra.any():
        raise SeriesError(
            f"row {extra.argmax() + 1} has more cells than the header, which names {len(names)}",
            where=path,
            fix="Name every column, and quote a cell that holds the separator",
        )
    named: pd.DataFrame = cells.iloc[:, : len(names)].set_axis(names, axis=1)
    return named.reset_index(drop=True)
