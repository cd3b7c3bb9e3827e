"""Which files of a folder tree can hold records of some hours, told without opening the others.

Zeek names rotated logs by the hours in which they were written, in the sensor's local time. Which
zone that is, the first records of a few files near the hours tell. A record is written when its
connection ends and stamped with its begin, so that the hour after is looked through as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from mods.dataset import lost

LATE = 3600.0
ZONES = 14 * 3600.0
DAY = 86_400.0
PROBES = 4
Span = tuple[float, float]


@dataclass
class Hours:
    """Some spans of time, `[begin, end)` in seconds since the epoch, and which files matter.

    A file named by its hours is taken where they touch a span or the hour after it; one that only
    a day names, where that day can; one without any time in its name, where its first record is
    not later than all spans. `opened` are the files that were opened to know it; `begin` is when
    the first file that is named by its hours begins.
    """

    spans: Sequence[Span]
    opened: list[Path] = field(default_factory=list)
    begin: float | None = None

    def among(self, paths: Sequence[Path]) -> Callable[[Path], bool]:
        """What tells of each of these paths whether it can hold records of the spans."""
        named = [(path, times) for path in paths for times in [lost.named(path)] if times]
        shifts = [self._shift(named, span) for span in self.spans]
        if named:
            self.begin = min(begin for _, (begin, _) in named) + min(shifts, default=0.0)
        times = dict(named)

        def wanted(path: Path) -> bool:
            if path in times:
                pairs = zip(self.spans, shifts, strict=True)
                return any(_touches(times[path], span, shift) for span, shift in pairs)
            return self._possible(path)

        return wanted

    def _possible(self, path: Path) -> bool:
        """The same for a file that no hours name."""
        day = _day(path)
        if day is not None:
            begin, end = day - ZONES, day + DAY + ZONES
            return any(begin < last + LATE and end > first for first, last in self.spans)
        first = self._first(path)
        return first is None or first < max(end for _, end in self.spans)

    def _shift(self, named: Sequence[tuple[Path, Span]], span: Span) -> float:
        """Seconds from the names' times to those of the records, told by the nearest files."""
        apart = [(0.0 if _touches(times, span, 0.0) else abs(times[0] - span[0]), path)
                 for path, times in named]  # fmt: skip
        least = min(apart, default=(0.0,))[0]
        near = [path for away, path in sorted(apart) if away == least < ZONES + DAY][:PROBES]
        firsts = ((path, self._first(path)) for path in near)
        return lost.shift([(path, first) for path, first in firsts if first is not None])

    def _first(self, path: Path) -> float | None:
        """When the first record of a file was; None where that cannot be read."""
        self.opened.append(path)
        return lost.first(path)


def _touches(named: Span, span: Span, shift: float) -> bool:
    begin, end = named[0] + shift, named[1] + shift
    return begin < span[1] + LATE and end > span[0]


def _day(path: Path) -> float | None:
    """The midnight of the day that a file or its folder is named by, as if it were in UTC."""
    dates = (lost.DATE.search(text) for text in (path.name, path.parent.name))
    found = next(filter(None, dates), None)
    if found is None:
        return None
    year, month, day = map(int, found.groups())
    try:
        return datetime(year, month, day, tzinfo=UTC).timestamp()
    except ValueError:
        return None
