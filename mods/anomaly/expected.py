"""Expected periods: when departures are announced (maintenance), once or week after week.

    <2024-05-01T02:00,2024-05-01T04:00)          once, in the grammar of time ranges
    Sun 02:00-04:00 Europe/Bratislava            every Sunday, by the clock of that zone
    Mon-Fri 22:00-02:00 for conn_in,ssh_in       over midnight; of these features alone
    daily 03:15-03:30                            without a zone: UTC

A clock that is put forward or back is followed: what falls into the hour that is missing comes an
hour later, what begins in it and ends after it begins with the leap; what falls into the hour that
comes twice lasts over both.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from mods.errors import InputError, UsageError
from mods.timerange import TimeRange

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CLOCK = re.compile(
    r"(?P<days>[A-Za-z,-]+)\s+(?P<begin>\d{1,2}:\d\d)-(?P<end>\d{1,2}:\d\d)(?:\s+(?P<zone>\S+))?"
)
ONLY = re.compile(r"^(?P<when>.*?)(?:\s+for\s+(?P<features>\S+))?$")
KEYS = ("when", "zone", "features", "note")
EXAMPLE = "Write <2024-05-01T02:00,2024-05-01T04:00) or Sun 02:00-04:00 Europe/Bratislava"
LARGEST = 1 << 20


@dataclass(frozen=True)
class Period:
    """One period: `when` in the grammar above, in what zone, for which features (none: all)."""

    when: str
    zone: str = ""
    features: tuple[str, ...] = ()
    note: str = ""

    @classmethod
    def parse(cls, text: str) -> Period:
        """A period as it stands on the command line; UsageError for what is none.

        >>> Period.parse("Sun 02:00-04:00 Europe/Bratislava for ssh_in")
        Period(when='Sun 02:00-04:00', zone='Europe/Bratislava', features=('ssh_in',), note='')
        """
        only = ONLY.fullmatch(text.strip())
        when = only["when"].strip() if only else text
        names = tuple(filter(None, (only["features"] or "").split(","))) if only else ()
        clock = CLOCK.fullmatch(when)
        if clock is None or clock["zone"] is None:
            return cls(when, features=names).checked()
        return cls(when[: clock.start("zone")].strip(), clock["zone"], names).checked()

    @classmethod
    def of(cls, record: Any, where: object = "expected") -> Period:
        """A period of a file; UsageError, with its place, for what is none."""
        if not isinstance(record, Mapping) or not set(record) <= set(KEYS) or "when" not in record:
            raise UsageError(
                f"{record!r} is no expected period",
                where=where,
                fix="Give when, and zone, features (a list) and note where needed",
            )
        names = record.get("features", ())
        texts = [record["when"], record.get("zone", ""), record.get("note", "")]
        if isinstance(names, str) or not all(isinstance(x, str) for x in (*texts, *names)):
            raise UsageError(
                f"{record!r} holds what is no text",
                where=where,
                fix='Write when = "...", features = ["..."]',
            )
        return cls(texts[0].strip(), texts[1], tuple(names), texts[2]).checked()

    def record(self) -> dict[str, Any]:
        """The period as JSON."""
        told = {"zone": self.zone, "features": list(self.features), "note": self.note}
        return {"when": self.when, **{name: value for name, value in told.items() if value}}

    def checked(self) -> Period:
        """The same; UsageError where it cannot be meant."""
        for _ in self.spans(datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 8, tzinfo=UTC)):
            break
        return self

    def spans(self, first: datetime, last: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Begin and end (UTC, the end is out) of each time it comes between `first` and `last`."""
        clock = CLOCK.fullmatch(self.when)
        if clock is None:
            yield from self._once()
            return
        days, zone = _days(clock["days"], self.when), self._zone(clock["zone"])
        begin, end = (_time(clock[name], self.when) for name in ("begin", "end"))
        day, over = first.astimezone(zone).date() - timedelta(days=1), end <= begin
        while day <= last.astimezone(zone).date():
            if day.weekday() in days:
                until = day + timedelta(days=1) if over else day
                yield _span(datetime.combine(day, begin, zone), datetime.combine(until, end, zone))
            day += timedelta(days=1)

    def _once(self) -> Iterator[tuple[datetime, datetime]]:
        if self.when[:1] not in ("<", "[", "("):
            raise UsageError(f"{self.when!r} is no period", where="expected", fix=EXAMPLE)
        if self.zone:
            raise UsageError(
                "a time range takes no zone",
                where="expected",
                fix="Write the offset into its times, as in 2024-05-01T02:00+02:00",
            )
        once = TimeRange.parse(self.when)
        yield once.begin, once.end

    def _zone(self, written: str | None) -> ZoneInfo:
        name = written or self.zone or "UTC"
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise UsageError(
                f"{name!r} is no time zone",
                where="expected",
                fix="Use a name as in Europe/Bratislava, or UTC",
            ) from None


def read(path: str | Path) -> tuple[Period, ...]:
    """The periods of a TOML or YAML file: a list `expected` of tables with the fields of Period.

    Raises InputError for a file that cannot be read, UsageError for what is no period in it.
    """
    place = Path(path)
    try:
        if place.stat().st_size > LARGEST:
            raise ValueError(f"it has more than {LARGEST:,} bytes")
        text = place.read_text(encoding="utf-8")
        toml = place.suffix.lower() == ".toml"
        content = tomllib.loads(text) if toml else yaml.safe_load(text)
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        fix = "Give a TOML or YAML file with a list named expected"
        raise InputError(f"cannot be read: {reason}", where=place, fix=fix) from None
    listed = content.get("expected", []) if isinstance(content, dict) else None
    if not isinstance(listed, list) or set(content) - {"expected"}:
        raise InputError(
            "holds something else than a list named expected",
            where=place,
            fix='Write [[expected]] and when = "Sun 02:00-04:00"',
        )
    return tuple(Period.of(one, place) for one in listed)


def _days(text: str, when: str) -> set[int]:
    """The days of the week that a word names: Mon is 0."""
    if text.lower() == "daily":
        return set(range(7))
    found: set[int] = set()
    for part in text.lower().split(","):
        first, _, last = part.partition("-")
        if not {first, last or first} <= set(DAYS):
            raise UsageError(f"{part!r} in {when!r} is no day", where="expected", fix=EXAMPLE)
        begin, end = DAYS.index(first), DAYS.index(last or first)
        found |= {day % 7 for day in range(begin, end + 1 if end >= begin else end + 8)}
    return found


def _time(text: str, when: str) -> time:
    hour, minute = map(int, text.split(":"))
    if (hour, minute) == (24, 0):
        hour = 0
    if hour > 23 or minute > 59:
        raise UsageError(f"{text!r} in {when!r} is no time", where="expected", fix=EXAMPLE)
    return time(hour, minute)


def _span(begin: datetime, end: datetime) -> tuple[datetime, datetime]:
    """Begin and end (UTC) of two times by the clock of a zone; the begin comes before the end.

    Where the clock leaps over the begin and not over the end, it begins with the leap; what ends
    there was leaped over as a whole, and comes later by what the clock was put forward.
    """
    first, last = _moment(begin, min), _moment(end, max)
    if not _leaped(begin) or _leaped(end):
        return first, last
    early, late = sorted(_both(begin))
    offset, seconds = begin.utcoffset(), range(int(early.timestamp()), int(late.timestamp()))
    at = bisect_left(
        seconds, True, key=lambda s: datetime.fromtimestamp(s, begin.tzinfo).utcoffset() != offset
    )
    leap = early + timedelta(seconds=at)
    return (leap, last) if last > leap else (first, last + (late - early))


def _moment(local: datetime, pick: Any) -> datetime:
    """The moment (UTC) a clock shows a time; of two the first for a begin, the last for an end.

    A time that the clock leaps over is counted by the offset before the leap.
    """
    moment: datetime = _both(local)[0] if _leaped(local) else pick(_both(local))
    return moment


def _both(local: datetime) -> list[datetime]:
    """A time by the offset before a change of the clock, and by that after it (UTC)."""
    return [local.replace(fold=fold).astimezone(UTC) for fold in (0, 1)]


def _leaped(local: datetime) -> bool:
    """Whether the clock is put forward over a time, so that it never shows it."""
    shown = _both(local)[0].astimezone(local.tzinfo)
    return shown.replace(tzinfo=None) != local.replace(tzinfo=None)


def listed(periods: Iterable[Period]) -> list[dict[str, Any]]:
    """The periods as JSON."""
    return [one.record() for one in periods]
