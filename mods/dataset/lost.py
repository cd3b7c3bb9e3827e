"""Logs that are left out as broken, and which time their records were from, as far as it shows."""

from __future__ import annotations

import contextlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mods.dataset import packing, zeek
from mods.errors import LogError

CLOCKS = re.compile(r"(\d\d):(\d\d):(\d\d)-(\d\d):(\d\d):(\d\d)")
DATE = re.compile(r"(?<!\d)(\d{4})-?(\d\d)-?(\d\d)(?!\d)")
DAY, QUARTER = 86_400.0, 900.0
EARLIEST, LATEST = 1e8, 9_223_372_036.0  # seconds: what is below is no time of a record
MILLISECONDS = 1e11
Times = tuple[float, float]


class Lost(str):
    """Why a wanted log was left out; `log` is which one, '' where not even that is known."""

    log: str = ""

    @classmethod
    def of(cls, reason: str, log: str) -> Lost:
        """The reason, as any text, with the log it is about."""
        found = cls(reason)
        found.log = log
        return found


def named(path: Path) -> Times | None:
    """When a rotated log began and ended by its name and day folder, as if both were in UTC.

    >>> begin, end = named(Path("2024-04-19/conn.23:00:00-00:00:00.log.gz"))
    >>> datetime.fromtimestamp(begin, UTC).isoformat(), end - begin
    ('2024-04-19T23:00:00+00:00', 3600.0)
    """
    clocks = CLOCKS.search(path.name)
    dates = (DATE.search(text) for text in (path.name, path.parent.name))
    date = next(filter(None, dates), None)
    if clocks is None or date is None:
        return None
    try:
        day = datetime.fromisoformat("-".join(date.groups()) + "T00:00:00Z").timestamp()
    except ValueError:
        return None
    hours = [int(one) for one in clocks.groups()]
    begin, end = (
        timedelta(hours=h, minutes=m, seconds=s).total_seconds()
        for h, m, s in (hours[:3], hours[3:])
    )
    return day + begin, day + (end if end > begin else end + DAY)


def shift(known: Sequence[tuple[Path, float]]) -> float:
    """Seconds from the times that names tell to those of the records: Zeek names in local time.

    known:  logs that could be read, and when their first record was (seconds since the epoch)
    """
    spans = ((named(path), first) for path, first in known)
    told = (round((first - span[0]) / QUARTER) for span, first in spans if span)
    common = Counter(told).most_common(1)
    return common[0][0] * QUARTER if common else 0.0


def first(path: Path) -> float | None:
    """When the first record of a log was; None where its head cannot be read, or holds none."""
    with contextlib.suppress(LogError, *packing.Failure):
        return next(_times(path), None)
    return None


def readable(path: Path) -> Times | None:
    """The outermost times of what can be read of a broken log; None for nothing."""
    first = last = None
    with contextlib.suppress(LogError, *packing.Failure):
        for time in _times(path):
            first = time if first is None else min(first, time)
            last = time if last is None else max(last, time)
    return None if first is None or last is None else (first, last)


def _times(path: Path) -> Iterator[float]:
    """The times of the records, as far as the file can be unpacked."""
    place, separator = None, b"\t"
    comments: list[str] = []
    with packing.opened(path) as stream:
        for line in stream:
            if line.startswith(b"{"):
                found = _moment(line)
            elif line.startswith(b"#"):
                comments.append(line.decode("latin-1"))
                place = None
                continue
            else:
                if place is None:
                    head = zeek.header(comments)
                    if head is None or "ts" not in head.fields:
                        return
                    place, separator = head.fields.index("ts"), head.separator.encode("latin-1")
                cells = line.split(separator, place + 1)
                found = _number(cells[place]) if place < len(cells) else None
            if found is not None and EARLIEST < found < LATEST:
                yield found


def _number(text: bytes | str | float) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _moment(line: bytes) -> float | None:
    """The time of a line of JSON: seconds or milliseconds, or ISO 8601 in UTC."""
    try:
        stamp = json.loads(line).get("ts")
        if isinstance(stamp, str):
            moment = datetime.fromisoformat(stamp)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, RecursionError):
        return None
    number = _number(stamp) if isinstance(stamp, int | float) else None
    return number / 1000 if number is not None and number >= MILLISECONDS else number
