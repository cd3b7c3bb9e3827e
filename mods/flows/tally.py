"""Tally: what became of every line, per file and per log: rows in = used + no direction + rejected.

Lines are counted as the panes hold them, by what they were read as.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from mods.features.panes import NONE, Panes
from mods.flows.prepared import DIRECTIONS, LogCount

Row = tuple[str | None, str | None, str, int]
KEYS = ("source", "line_fault", "value_fault", "direction")


def of(rows: Iterable[Row]) -> LogCount:
    """One file's count out of (line_fault, value_fault, direction, number of lines).

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
    return LogCount(
        files=1,
        directions={way: ways[way] for way in DIRECTIONS},
        no_direction=ways[NONE],
        rejected=dict(sorted(rejected.items())),
        unreadable=dict(sorted(unreadable.items())),
    )


def by_file(panes: Panes, files: Sequence[Path]) -> dict[Path, LogCount]:
    """The count of each file whose lines the panes were made of; a file without lines has none."""
    lines = panes.additive
    found: dict[str, list[Row]] = {str(path): [] for path in files}
    if lines is not None:
        counted = lines.group_by(*KEYS).agg(n=lines.records.sum()).to_pyarrow().to_pylist()
        for row in counted:
            line = row["line_fault"], row["value_fault"], row["direction"], int(row["n"])
            found.setdefault(row["source"], []).append(line)
    return {Path(path): of(rows) for path, rows in found.items()}


def total(by_file: Mapping[Path, LogCount]) -> LogCount:
    """The count of a log out of those of its files."""
    counts = list(by_file.values())
    return LogCount(
        files=len(counts),
        directions=_sum((one.directions for one in counts), dict.fromkeys(DIRECTIONS, 0)),
        no_direction=sum(one.no_direction for one in counts),
        rejected=_sum(one.rejected for one in counts),
        unreadable=_sum(one.unreadable for one in counts),
        by_file=dict(by_file),
    )


def _sum(
    parts: Iterable[Mapping[str, int]], start: Mapping[str, int] | None = None
) -> dict[str, int]:
    found = Counter(start or {})
    for part in parts:
        found.update(part)
    return dict(found) if start else dict(sorted(found.items()))
