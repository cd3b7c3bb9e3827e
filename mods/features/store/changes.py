"""What has to be written again: from panes that changed to windows, from windows to days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from mods.features.store.manifest import Manifest
from mods.features.store.runs import Runs, clipped, joined, without
from mods.features.windows import Span
from mods.window import Window

DAY = 86_400
EPOCH = date(1970, 1, 1)
NOTHING = Span(0, -1)


def span(manifest: Manifest, window: Window) -> Span:
    """The windows wholly inside the time of all records; none where there is no record."""
    reach = manifest.reach()
    return Span.of(window, *reach) if reach else NOTHING


def days(old: Manifest, new: Manifest, window: Window) -> Runs:
    """The days (numbers since the epoch) in which windows may have changed.

    A window changes with one of its panes, and where the span of all records came to hold it or
    holds it no more. Days that are closed are never among them.
    """
    written = old.windows.get(str(window))
    before = Span(written.first, written.last) if written else NOTHING
    after = span(new, window)
    touched = joined([*panes(old, new), *(written.stale if written else ())])
    reach = window.panes - 1
    windows = joined((first - reach, last) for first, last in touched)
    inside = clipped(windows, after.first, after.last)
    changed = joined([*inside, *_apart(before, after)])
    found = joined((_day(first, window), _day(last, window)) for first, last in changed)
    return _from(found, _open(new, window))


def panes(old: Manifest, new: Manifest) -> Runs:
    """The panes of logs that came or went."""
    gone = old.panes(old.sources.keys() - new.sources.keys())
    found = joined([*gone, *new.panes(new.sources.keys() - old.sources.keys())])
    return _from(found, new.begin)


def stretches(days: Runs, within: Span, window: Window) -> Iterator[Span]:
    """The windows of the span that start on these days, stretch by stretch."""
    for first, last in days:
        begin = max(-(-first * DAY // window.slide), within.first)
        end = min(-(-(last + 1) * DAY // window.slide) - 1, within.last)
        if begin <= end:
            yield Span(begin, end)


def dates(days: Runs) -> set[date]:
    """The days as dates."""
    return {EPOCH + timedelta(one) for first, last in days for one in range(first, last + 1)}


def _apart(before: Span, after: Span) -> Runs:
    """The windows that one of two spans has and the other has not."""
    old, new = _runs(before), _runs(after)
    return joined(
        [*without(old, after.first, after.last), *without(new, before.first, before.last)]
    )


def _runs(one: Span) -> Runs:
    return ((one.first, one.last),) if len(one) else ()


def _day(number: int, window: Window) -> int:
    return number * window.slide // DAY


def _open(manifest: Manifest, window: Window) -> int | None:
    """The first day that may be written: not closed, and its panes there from its start."""
    begin = None if manifest.begin is None else -(-manifest.begin * window.slide // DAY)
    known = [one for one in (begin, manifest.closed) if one is not None]
    return max(known) if known else None


def _from(runs: Runs, first: int | None) -> Runs:
    return runs if first is None or not runs else clipped(runs, first, runs[-1][1])
