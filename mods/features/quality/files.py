"""What the files of a pool tell: unreadable ones, days in two places, changed headers, none."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from pathlib import Path

import pandas as pd

from mods.errors import DatapoolError
from mods.features.datapool import selection
from mods.features.datapool.about import Incomplete
from mods.features.datapool.places import Found, Place
from mods.features.quality.finding import ERROR, WARNING, Finding, named, runs
from mods.window import Window

DAY = timedelta(days=1)
MANY = 5


def unreadable(
    broken: dict[Place, DatapoolError], zips: dict[Path, DatapoolError]
) -> list[Finding]:
    """Files and zips that cannot be read: what they held is missing."""
    fix = "Restore it or remove it; until then what it held is missing"
    found = [_day(Finding("unreadable", ERROR, str(place), error.message, fix), place)
             for place, error in broken.items()]  # fmt: skip
    for path, error in zips.items():
        days = selection.reach(path)
        finding = Finding("unreadable", ERROR, str(path), error.message, fix)
        found.append(_span(finding, days.begin, days.end - DAY) if days else finding)
    return found


def incomplete(logs: Iterable[Incomplete], window: Window) -> list[Finding]:
    """Logs that were left out as broken: the windows that lack their records are missing."""
    found = []
    length, slide = (pd.Timedelta(seconds=one) for one in (window.length, window.slide))
    for one in logs:
        where = f"{one.protocol} {one.file}".strip()
        what = f"was left out ({one.reason}): "
        fix = "Repair or restore it and prepare again"
        if not one.begin:
            what += "which windows lack its records is not known, they may be too low"
            found.append(Finding("incomplete", ERROR, where, what, fix))
            continue
        what += "the windows that lack its records are read as missing"
        first, last = (
            (pd.Timestamp(one.begin) - length).floor(slide) + slide,
            pd.Timestamp(one.end).ceil(slide) - slide,
        )
        found.append(Finding("incomplete", ERROR, where, what, fix, first, max(first, last)))
    return found


def twice(found: Found, window: Window) -> list[Finding]:
    """Days that lie in two places, the second of which was left out here."""
    return [
        _day(
            Finding("duplicate", ERROR, str(second), f"the same day lies in {first}",
                    "Remove one of them: until then no other command reads this pool"),
            first,
        )
        for first, second in found.twice
        if Window.parse(first.window) == window
    ]  # fmt: skip


def headers(columns: dict[Place, tuple[str, ...]]) -> list[Finding]:
    """Days from which on the files of a protocol have other columns."""
    found = []
    for protocol, places in _by_protocol(columns):
        changes = [(old, new) for old, new in pairwise(places) if columns[old] != columns[new]]
        for old, new in changes[:MANY]:
            more = f"; {len(changes) - MANY} more changes follow" if len(changes) > MANY else ""
            what = f"{_change(columns[old], columns[new])}{more}"
            fix = "Prepare both sides with one catalogue, or select columns that all files have"
            found.append(_day(Finding("header", WARNING, protocol, what, fix), new))
    return found


def _change(old: tuple[str, ...], new: tuple[str, ...]) -> str:
    more = [("", name) for name in new if name not in old]
    less = [("", name) for name in old if name not in new]
    parts = [
        f"{word} {len(names)} column{'s' * (len(names) > 1)} ({named(names)})"
        for word, names in (("gains", more), ("loses", less))
        if names
    ]
    return " and ".join(parts) or "has its columns in another order"


def absent(places: Iterable[Place], unknown: selection.Unknown) -> list[Finding]:
    """Days on which a protocol has no file, while others have one: it is read as zero there."""
    listed = list(places)
    days = sorted({place.day for place in listed})
    index = pd.DatetimeIndex(days)
    found = []
    for protocol, mine in _by_protocol(listed):
        there = index.isin([place.day for place in mine])
        gone = runs(~there & ~unknown.days(protocol, index))
        if not gone:
            continue
        count = sum(last - first + 1 for first, last in gone)
        longest = max(gone, key=lambda run: run[1] - run[0])
        said = f"no file on {count} of {len(days)} days, which is read as 0"
        if len(gone) > 1:
            said += f" ({len(gone)} stretches, the longest is given)"
        fix = "Prepare the logs of these days, or leave them out where the protocol is selected"
        begin, end = days[longest[0]], days[longest[1]]
        found.append(_span(Finding("absent", WARNING, protocol, said, fix), begin, end))
    return found


def _by_protocol(places: Iterable[Place]) -> list[tuple[str, list[Place]]]:
    ordered = sorted(places, key=lambda place: (place.protocol, place.day))
    return [(name, list(mine)) for name, mine in groupby(ordered, key=lambda one: one.protocol)]


def _day(finding: Finding, place: Place) -> Finding:
    return _span(finding, place.day, place.day)


def _span(finding: Finding, begin: datetime, end: datetime) -> Finding:
    """The finding for all windows of whole days: from the first midnight to the last 23:59."""
    last = pd.Timestamp(end) + pd.Timedelta(hours=23, minutes=59)
    return Finding(finding.kind, finding.severity, finding.where, finding.what, finding.fix,
                   pd.Timestamp(begin), last)  # fmt: skip
