"""Series from a CSV or Parquet file: a time column and one column per feature."""

from __future__ import annotations

import logging
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from mods.errors import SeriesError
from mods.series import contract

log = logging.getLogger(__name__)
TIME_COLUMNS = ("time", "timestamp", "window_end", "ts")
STAMPS = frozenset((*TIME_COLUMNS, "window_start"))
SUFFIXES = {".csv": ",", ".tsv": "\t", ".parquet": None, ".pq": None}
PACKED = (".gz", ".bz2", ".xz")
MOSTLY = 0.5
FARTHEST = 1e11


def read(path: str | Path, time_column: str | None = None) -> pd.DataFrame:
    """The file as a series on its own step (the median difference); gaps stay NaN.

    A stamp that comes twice counts with its last row; backward stamps are sorted. Both are told in
    the log. Raises SeriesError for what is no such file.
    """
    table = rows(path, time_column)
    times = moments(table, path)
    repeated = len(times) - times.nunique()
    backward = int((times[1:] < times[:-1]).sum())
    if repeated or backward:
        log.warning(
            "%s: %d stamps come again (the last row counts), %d go backward (sorted)",
            path,
            repeated,
            backward,
        )
    values = table.iloc[:, 1:].set_axis(times, axis=0)
    try:
        return contract.check(contract.regular(values))
    except SeriesError as error:
        raise SeriesError(error.message, where=path, fix=error.fix) from None


def rows(path: str | Path, time_column: str | None = None) -> pd.DataFrame:
    """The rows in input order: first column the stamps as text, untouched, then the features.

    Time column: the given one, else the first of time, timestamp, window_end, ts.
    """
    name, table = _table(Path(path), time_column)
    found = {name: _text(table[name])}
    for column in table.columns:
        if column != name and column not in STAMPS:
            values = _numbers(table[column], path)
            if values is not None:
                found[str(column)] = values
    if len(found) == 1:
        raise SeriesError(
            "has no numeric column beside its time column",
            where=path,
            fix="Give one column of numbers per feature",
        )
    return pd.DataFrame(found)


def moments(table: pd.DataFrame, where: object = "series") -> pd.DatetimeIndex:
    """The times of `rows` in UTC: ISO 8601 (UTC unless it says otherwise), or epoch seconds."""
    text = table.iloc[:, 0]
    seconds = pd.to_numeric(text, errors="coerce").astype(float)
    if (seconds.abs() < FARTHEST).all():
        micros = (seconds * 1e6).round().astype("int64")
        times = pd.Series(pd.to_datetime(micros, unit="us", utc=True))
    else:
        times = pd.to_datetime(text, utc=True, format="ISO8601", errors="coerce")
    bad = np.flatnonzero(times.isna())
    if len(bad):
        raise SeriesError(
            f"{text.iloc[bad[0]]!r} in row {bad[0] + 1} of {text.name} is no time",
            where=where,
            fix="Use ISO 8601, as in 2019-06-01T00:10:00Z, or epoch seconds",
        )
    return pd.DatetimeIndex(times).as_unit("us")


def is_table(path: str | Path) -> bool:
    """Whether the name is that of a CSV or Parquet file.

    >>> is_table("a.csv.gz"), is_table("2019-06.zip")
    (True, False)
    """
    return _kind(Path(path)) in SUFFIXES


def _kind(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    packed = len(suffixes) > 1 and suffixes[-1] in PACKED
    return suffixes[-2] if packed else "".join(suffixes[-1:])


def _table(path: Path, time_column: str | None) -> tuple[str, pd.DataFrame]:
    """The time column's name, and all columns with the stamps as text where they were text."""
    try:
        if _kind(path) in (".parquet", ".pq"):
            table = pd.read_parquet(path)
            table = table.reset_index() if table.index.name else table
            name = _time_column(table.columns, time_column, path)
        else:
            options: dict[str, Any] = {
                "sep": SUFFIXES.get(_kind(path), ","),
                "encoding": "utf-8-sig",
                "encoding_errors": "replace",
            }
            header = pd.read_csv(path, nrows=0, **options).columns
            name = _time_column(header, time_column, path)
            table = pd.read_csv(path, dtype={name: "string"}, low_memory=False, **options)
    except FileNotFoundError:
        raise SeriesError("there is no such file", where=path, fix="Check the path") from None
    except (OSError, EOFError, ValueError, pa.ArrowException, zlib.error) as error:
        raise SeriesError(
            f"cannot be read: {error}", where=path, fix="Give a CSV or Parquet file with a header"
        ) from None
    if table.empty or not table.columns.is_unique:
        raise SeriesError(
            "holds no rows" if table.empty else "has two columns of one name",
            where=path,
            fix="Give two rows or more, and each column a name of its own",
        )
    return name, table


def _time_column(columns: pd.Index[Any], wanted: str | None, path: Path) -> str:
    names = (wanted,) if wanted else TIME_COLUMNS
    for name in names:
        if name in columns:
            return name
    raise SeriesError(
        f"has no time column {' or '.join(names)}, but {', '.join(map(str, columns))}",
        where=path,
        fix="Name it with --time_column",
    )


def _numbers(column: pd.Series, path: object) -> pd.Series | None:
    """The column as float64, None where it holds no numbers; a stray text in them is an error."""
    if column.dtype.kind in "bmMO" and not _textual(column):
        return None
    numbers = pd.to_numeric(column, errors="coerce").astype(float)
    bad = np.flatnonzero(numbers.isna() & column.notna())
    if len(bad) > MOSTLY * column.notna().sum() or (column.isna().all() and _textual(column)):
        return None
    if len(bad):
        raise SeriesError(
            f"{str(column.iloc[bad[0]])!r} in row {bad[0] + 1} of {column.name} is no number",
            where=path,
            fix="Leave a cell empty where a value is missing",
        )
    infinite = np.isinf(numbers)
    if infinite.any():
        log.warning("%s: %d infinite values of %s are missing", path, infinite.sum(), column.name)
    return numbers.mask(infinite)


def _text(column: pd.Series) -> pd.Series:
    """The stamps as they are written; a Parquet time becomes ISO 8601 in UTC."""
    if column.dtype.kind != "M":
        return column.astype("string")
    utc = pd.to_datetime(column, utc=True)
    return pd.Series([f"{time:%Y-%m-%dT%H:%M:%S.%fZ}".replace(".000000", "") for time in utc])


def _textual(column: pd.Series) -> bool:
    return pd.api.types.is_object_dtype(column) or pd.api.types.is_string_dtype(column)
