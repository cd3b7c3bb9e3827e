"""Tally: what became of every line, per file and per log: rows in = used + no direction + rejected.

Lines are counted as the panes hold them, by what they were read as.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from mods.dataset import schema
from mods.dataset.files import LogFile
from mods.features.catalog import ALL
from mods.features.engines import tables
from mods.features.panes import NONE, Panes
from mods.flows.prepared import DIRECTIONS, LogCount

Row = tuple[str | None, str | None, str, int]
KEYS = ("source", "line_fault", "value_fault", "direction")


def of(rows: Iterable[Row], *, directed: bool = True) -> LogCount:
    """One file's count out of (line_fault, value_fault, direction, number of lines).

    directed:  whether features ask for directions; where none does, all records are used

    >>> of([(None, None, "in", 5), ("too few fields", None, "none", 2)]).rows
    7
    """
    ways: Counter[str] = Counter()
    rejected: Counter[str] = Counter()
    unreadable: Counter[str] = Counter()
    for line_fault, value_fault, direction, number in rows:
        if line_fault is not None:
            rejected[line_fault] += number
            continue
        ways[direction] += number
        if value_fault is not None:
            unreadable[value_fault] += number
    used = {way: ways[way] for way in DIRECTIONS} if directed else {ALL: ways.total()}
    return LogCount(
        files=1,
        directions=used,
        no_direction=ways[NONE] if directed else 0,
        rejected=dict(sorted(rejected.items())),
        unreadable=dict(sorted(unreadable.items())),
    )


def by_file(
    panes: Panes, files: Sequence[LogFile], columns: Collection[str]
) -> dict[Path, LogCount]:
    """The count of each file that the panes were made of, and which of the columns it lacks."""
    lines = panes.additive
    found: dict[str, list[Row]] = {str(one.path): [] for one in files}
    if lines is not None:
        counted = lines.group_by(*KEYS).agg(n=lines.records.sum())
        for source, line_fault, value_fault, direction, n in tables.fetch(panes.con, counted):
            found[source].append((line_fault, value_fault, direction, int(n)))
    return {
        one.path: replace(
            of(found[str(one.path)], directed=panes.directed),
            lacking=schema.lacking([one], columns),
        )
        for one in files
    }


def total(by_file: Mapping[Path, LogCount]) -> LogCount:
    """The count of a log out of those of its files."""
    counts = list(by_file.values())
    return LogCount(
        files=len(counts),
        directions=_in_order(_sum(one.directions for one in counts)),
        no_direction=sum(one.no_direction for one in counts),
        rejected=_sum(one.rejected for one in counts),
        unreadable=_sum(one.unreadable for one in counts),
        lacking=_sum(one.lacking for one in counts),
        by_file=dict(by_file),
    )


def _sum(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for part in parts:
        found.update(part)
    return dict(sorted(found.items()))


def _in_order(ways: Mapping[str, int]) -> dict[str, int]:
    return {way: ways[way] for way in (*DIRECTIONS, ALL) if way in ways}
