"""Time ranges in the reference's grammar: `<2019-05-01,2019-06-01)`.

`<` or `[` takes the begin in, `(` leaves it out; `>` or `]` takes the end in, `)` leaves it out.
A time without an offset is UTC; a year, a month or a day stands for its whole span.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from mods.errors import TimeRangeError

GRAMMAR = re.compile(r"([<\[(])([^,]*),([^,]*)([>\])])")
SPAN = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
EXAMPLE = "Write it as <2019-05-01,2019-06-01), where < takes the begin in and ) leaves the end out"


@dataclass(frozen=True)
class TimeRange:
    """A stretch of time: `begin` and `end` in UTC, each taken in or left out.

    >>> days = TimeRange.parse("<2019-06-01,2019-06-02>")
    >>> days.begin.isoformat(), days.end.isoformat(), days.end_in
    ('2019-06-01T00:00:00+00:00', '2019-06-03T00:00:00+00:00', False)
    """

    text: str
    begin: datetime
    end: datetime
    begin_in: bool = True
    end_in: bool = False

    @classmethod
    def parse(cls, text: str) -> TimeRange:
        """Read a range; raise TimeRangeError where it is malformed, empty or reversed."""
        match = GRAMMAR.fullmatch(text.strip())
        if match is None:
            raise TimeRangeError(f"{text!r} is no time range", where="time range", fix=EXAMPLE)
        opening, begin, end, closing = match.groups()
        first, after_first = _span(begin, text)
        last, after_last = _span(end, text)
        begin_in, end_in = opening in "<[", closing in ">]"
        lower, lower_in = (first, True) if begin_in else (after_first, after_first > first)
        upper, upper_in = (after_last, after_last == last) if end_in else (last, False)
        if lower > upper or (lower == upper and not (lower_in and upper_in)):
            what = "is reversed: it begins after it ends" if first > last else "holds no time"
            raise TimeRangeError(f"{text!r} {what}", where="time range", fix=EXAMPLE)
        return cls(text.strip(), lower, upper, lower_in, upper_in)

    def __str__(self) -> str:
        return self.text

    def holds(self, times: Any) -> Any:
        """Which of the times (a DatetimeIndex, or one aware datetime) lie inside."""
        after = times >= self.begin if self.begin_in else times > self.begin
        before = times <= self.end if self.end_in else times < self.end
        return after & before

    def overlaps(self, other: TimeRange) -> bool:
        """Whether any moment lies in both."""
        begin, end = max(self.begin, other.begin), min(self.end, other.end)
        return begin < end or (begin == end and all(r.holds(begin) for r in (self, other)))


def _span(text: str, whole: str) -> tuple[datetime, datetime]:
    """The first moment of what the text names and the first after it; a moment is its own end."""
    text = text.strip()
    match = SPAN.fullmatch(text)
    try:
        if match is not None:
            return _calendar_span(*match.groups())
        moment = datetime.fromisoformat(text) if "T" in text or " " in text else None
    except (ValueError, OverflowError):
        moment = None
    if moment is None:
        raise TimeRangeError(
            f"{text!r} in {whole!r} is no time",
            where="time range",
            fix="Use ISO 8601, as in 2019, 2019-05, 2019-05-01 or 2019-05-01T13:30:00+02:00",
        )
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    try:
        utc = aware.astimezone(UTC)
    except OverflowError:
        raise TimeRangeError(f"{text!r} lies outside the calendar", where="time range") from None
    return utc, utc


def _calendar_span(year: str, month: str | None, day: str | None) -> tuple[datetime, datetime]:
    first = datetime(int(year), int(month or 1), int(day or 1), tzinfo=UTC)
    if day:
        return first, first + timedelta(days=1)
    after = (first.year + 1, 1) if not month or first.month == 12 else (first.year, first.month + 1)
    return first, datetime(*after, 1, tzinfo=UTC)
