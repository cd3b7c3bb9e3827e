"""What a client of the service gives instead of its datapool."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from mods.errors import UsageError
from mods.request.shared import Request
from mods.settings import setting

EARLIEST, LATEST = 1900, 2200
STEM = "mods-upload"  # how the names of the drafts begin that hold it for a while


def moment(text: str) -> datetime:
    """A moment in ISO 8601, UTC unless it says otherwise.

    >>> moment("2019-06-01T00:10:00+02:00").isoformat()
    '2019-05-31T22:10:00+00:00'
    """
    try:
        read = datetime.fromisoformat(text.strip())
        if not EARLIEST <= read.year <= LATEST:
            raise ValueError
        return read.replace(tzinfo=read.tzinfo or UTC).astimezone(UTC)
    except ValueError:
        raise UsageError(
            f"{text!r} is no moment from {EARLIEST} to {LATEST}",
            where="last_time",
            fix="Write it as 2019-06-01T00:10:00Z",
        ) from None


@dataclass(frozen=True)
class Given(Request):
    """Values in the request, and how to read them or an uploaded file."""

    values: str | None = setting(
        None,
        'Instead of a file: the recent values as JSON, oldest first. Rows [{"time":'
        ' "2019-06-01T00:10:00Z", "conn_in": 5}, ...], columns {"time": [...], "conn_in": [...]},'
        " or without stamps, with last_time: a matrix [[5, 7], ...] of a row per step with the"
        " features in the model's order, or a list [5, 6, ...] for a model of one feature. null"
        " where a value is missing.",
    )
    last_time: str | None = setting(
        None,
        "For values without stamps: the time of the last row, as in 2019-06-01T00:10:00Z (the end"
        " of its window); the others lie one step of the model apart before it.",
        parse=moment,
    )
    time_column: str | None = setting(
        None,
        "Column with the stamps of the file or the values. Default: the first of time, timestamp,"
        " window_end, ts.",
    )
