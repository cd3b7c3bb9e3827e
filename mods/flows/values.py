"""Values of a request, JSON, as the table that a file would hold."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from mods import plain
from mods.errors import SeriesError, UsageError
from mods.flows import unpack
from mods.request.given import Given, moment
from mods.series import files
from mods.series.forecast import iso

WHERE = "values"
FORMS = (
    'Give [{"time": "2019-06-01T00:10:00Z", "conn_in": 5}, ...], or a matrix [[5, 7], ...] and'
    " last_time"
)


def read(content: str | bytes) -> Any:
    """What a JSON text holds; UsageError for what is none."""
    try:
        return json.loads(content, parse_constant=_refused, object_pairs_hook=plain.once)
    except plain.TwiceError as error:
        fix = "Give each key of an object once"
        raise UsageError(f"are not clear: {error}", where=WHERE, fix=fix) from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"are no JSON ({error})", where=WHERE, fix=FORMS) from None


def table(given: Any, features: Sequence[str], step: pd.Timedelta, told: Given) -> pd.DataFrame:
    """Rows, columns or a matrix as one table; stamps are put in where only the last is told.

    features, step:  the model's, for what has no names or stamps of its own
    told:  the last time, the time column
    Raises UsageError, SeriesError, InputError for more cells than are read.
    """
    named = _named(given, features)
    if not len(named) or not len(named.columns):
        raise SeriesError("hold no rows", where=WHERE, fix=FORMS)
    stamped = {told.time_column, *files.TIME_COLUMNS} & {*named.columns}
    if bool(stamped) == (told.last_time is not None):
        raise UsageError(
            "the values have stamps of their own" if stamped else "the values have no stamps",
            where="last_time",
            fix="Give either last_time, the time of the last row, or a column time",
        )
    if told.last_time is not None:
        last = pd.Timestamp(moment(told.last_time))
        named.insert(0, "time", iso(pd.date_range(end=last, periods=len(named), freq=step)))
    return named


def _named(given: Any, features: Sequence[str]) -> pd.DataFrame:
    if isinstance(given, Mapping):
        return _columns(given)
    if not isinstance(given, list):
        raise UsageError("are neither rows nor columns", where=WHERE, fix=FORMS)
    if all(isinstance(row, Mapping) for row in given):
        # rows with keys of their own each: far more cells than were written
        unpack.count(len(given) * len({key for row in given for key in row}), unpack.MOST_JSON)
        return _frame([{str(k): _cell(v) for k, v in row.items()} for row in given], None)
    rows = [row if isinstance(row, list) else [row] for row in given]
    for number, row in enumerate(rows, start=1):
        if len(row) != len(features):
            raise SeriesError(
                f"row {number} has {len(row)} values, the model {len(features)} features",
                where=WHERE,
                fix=f"Give one value for each of {', '.join(features)}",
            )
    return _frame([[_cell(value) for value in row] for row in rows], list(features))


def _columns(given: Mapping[str, Any]) -> pd.DataFrame:
    lengths = {name: len(one) if isinstance(one, list) else -1 for name, one in given.items()}
    if len(set(lengths.values())) != 1 or -1 in lengths.values():
        raise SeriesError(
            "the columns are no lists of one length", where=WHERE, fix="Give each column as long"
        )
    return _frame({name: [_cell(one) for one in column] for name, column in given.items()}, None)


def _frame(content: Any, columns: list[str] | None) -> pd.DataFrame:
    return pd.DataFrame(content, columns=columns, dtype=object)


def _cell(value: Any) -> Any:
    if isinstance(value, list | Mapping):
        raise SeriesError("a value is itself a list or an object", where=WHERE, fix=FORMS)
    if _infinite(value):
        fix = "Write null where a value is missing"
        raise SeriesError(f"{value!r} is beyond all numbers", where=WHERE, fix=fix)
    return value


def _infinite(value: Any) -> bool:
    """Whether it is infinite as a number, also written as text."""
    try:
        return isinstance(value, str | float | int) and math.isinf(float(value))
    except ValueError:
        return False
    except OverflowError:
        return True


def _refused(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON, write null")
