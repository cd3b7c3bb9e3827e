"""Series from a CSV or Parquet file: a time column and one column per feature."""

from __future__ import annotations

import logging
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from mods import notes
from mods.errors import SeriesError
from mods.series import contract, delimited

log = logging.getLogger(__name__)
TIME_COLUMNS = ("time", "timestamp", "window_end", "ts")
STAMPS = frozenset((*TIME_COLUMNS, "window_start"))
SUFFIXES = (".csv", ".tsv", ".parquet", ".pq")
ZEEK = "#separator"  # how each of its logs begins
PACKED = (".gz", ".bz2", ".xz")
MOSTLY = 0.5
FARTHEST = 1e11
FARTHEST_MILLIS = 1e14
PROBED = 50
LAST_YEAR = 9999
TRUTHS = {"true": 1.0, "false": 0.0}


def read(
    path: str | Path, time_column: str | None = None, step: pd.Timedelta | None = None
) -> pd.DataFrame:
    """The file as a series on the given step, else its own (the median difference); gaps stay NaN.

    A stamp that comes twice counts with its last row; backward stamps are sorted. Both are told as
    notes. Raises SeriesError for what is no such file, or has steps of another size than given.
    """
    table = rows(path, time_column)
    times = moments(table, path)
    repeated = len(times) - times.nunique()
    backward = int((times[1:] < times[:-1]).sum())
    if repeated or backward:
        notes.warn(
            log,
            "%s: %d stamps come again (the last row counts), %d go backward (sorted)",
            path,
            repeated,
            backward,
        )
    if step is not None:
        contract.same_step(times, step, path)
    values = table.iloc[:, 1:].set_axis(times, axis=0)
    try:
        return contract.check(contract.regular(values, step))
    except SeriesError as error:
        raise SeriesError(error.message, where=path, fix=error.fix) from None


def rows(path: str | Path, time_column: str | None = None) -> pd.DataFrame:
    """The rows in input order: first column the stamps as text, untouched, then the features.

    Time column: the given one, else the first of time, timestamp, window_end, ts.
    """
    name, table = _table(Path(path), time_column)
    found = {name: _text(table[name], path)}
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
    """The times of `rows` in UTC: ISO 8601 (UTC unless it says otherwise), or since the epoch.

    Whole columns of 20190601 are days; of numbers from 1e11 milliseconds, else seconds.
    """
    text = table.iloc[:, 0]
    times = _times(text)
    bad = np.flatnonzero(times.isna())
    if len(bad):
        raise SeriesError(
            f"{text.iloc[bad[0]]!r} in row {bad[0] + 1} of {text.name} is no time",
            where=where,
            fix="Use ISO 8601, as in 2019-06-01T00:10:00Z, or epoch seconds",
        )
    return pd.DatetimeIndex(times).as_unit("us")


def _times(text: pd.Series) -> pd.Series:
    """The moments of the stamps, NaT where one is none."""
    if text.str.fullmatch(r"\d{8}").fillna(False).all():
        days = pd.to_datetime(text, utc=True, format="%Y%m%d", errors="coerce")
        if days.notna().all():
            return days
    number = pd.to_numeric(text, errors="coerce").astype(float)
    if number.between(FARTHEST, FARTHEST_MILLIS, inclusive="left").all():
        number = number / 1e3
    if (number.abs() < FARTHEST).all():
        micros = (number * 1e6).round().astype("int64")
        return pd.Series(pd.to_datetime(micros, unit="us", utc=True))
    return pd.to_datetime(text, utc=True, format="ISO8601", errors="coerce")


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
            options = delimited.options(path, _kind(path) == ".tsv")
            name = _time_column(delimited.header(path, options), time_column, path)
            table = delimited.read(path, options, name)
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
    if str(columns[0]).startswith(ZEEK):
        raise SeriesError(
            "is a log of Zeek, not a table of windows",
            where=path,
            fix="Make a datapool of the logs: mods prepare LOGS",
        )
    raise SeriesError(
        f"has no time column {' or '.join(names)}, but {', '.join(map(str, columns))}",
        where=path,
        fix="Name it with --time_column",
    )


def _numbers(column: pd.Series, path: object) -> pd.Series | None:
    """The column as float64, None where it holds no numbers; a stray text in them is an error.

    Truth values are 1 and 0.
    """
    column = _truths(column)
    if column.dtype.kind in "mMO" and not _textual(column):
        log.info("%s: column %s holds no numbers and is left out", path, column.name)
        return None
    numbers = _floats(column)
    given = int(column.notna().sum())
    bad = np.flatnonzero(numbers.isna() & column.notna())
    if len(bad) > MOSTLY * given or (not given and _textual(column)):
        level = logging.WARNING if len(bad) < given else logging.INFO
        message = "%s: column %s is left out: %d of its %d values are no numbers"
        log.log(level, message, path, column.name, len(bad), given)
        return None
    if len(bad):
        raise SeriesError(
            f"{str(column.iloc[bad[0]])!r} in row {bad[0] + 1} of {column.name} is no number",
            where=path,
            fix="Leave a cell empty where a value is missing",
        )
    infinite = np.isinf(numbers)
    if infinite.any():
        notes.warn(
            log, "%s: %d infinite values of %s are missing", path, infinite.sum(), column.name
        )
    return numbers.mask(infinite)


def _floats(column: pd.Series) -> pd.Series:
    """The column as float64, NaN where it holds no number; whole numbers beyond it are infinite."""
    try:
        return pd.to_numeric(column, errors="coerce").astype(float)
    except OverflowError:
        return pd.to_numeric(column.map(_bounded), errors="coerce").astype(float)


def _bounded(value: Any) -> Any:
    return float(str(value)) if isinstance(value, int) else value


def _truths(column: pd.Series) -> pd.Series:
    """A column of nothing but True and False (in any case) and gaps as 1.0 and 0.0, else itself."""
    given = column.dropna()
    if not len(given) or not set(given.head(PROBED).astype(str).str.lower()) <= TRUTHS.keys():
        return column
    numbers = column.astype("string").str.lower().map(TRUTHS).astype(float)
    return column if numbers.count() < len(given) else numbers


def _text(column: pd.Series, path: object) -> pd.Series:
    """The stamps as they are written; a Parquet time becomes ISO 8601 in UTC."""
    if column.dtype.kind != "M":
        return column.astype("string")
    utc = pd.to_datetime(column, utc=True)
    beyond = ~utc.dt.year.between(1, LAST_YEAR) & utc.notna()
    if beyond.any():
        raise SeriesError(
            f"row {int(beyond.argmax()) + 1} of {column.name} lies beyond the year {LAST_YEAR}",
            where=path,
            fix="Look for the unit of the stamps",
        )
    return pd.Series([f"{time:%Y-%m-%dT%H:%M:%S.%fZ}".replace(".000000", "") for time in utc])


def _textual(column: pd.Series) -> bool:
    return pd.api.types.is_object_dtype(column) or pd.api.types.is_string_dtype(column)
