"""A finding: what is odd, where, from when to when, how bad, and what to do. One line each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mods.errors import one_line

ERROR, WARNING, NOTE = "error", "warning", "note"
SEVERITIES = (ERROR, WARNING, NOTE)
SHOWN = 3
LAST = "23:59"


@dataclass(frozen=True)
class Finding:
    """Something in a datapool that whoever trains on it should know.

    severity:  `error` (values are missing or wrong), `warning` (they may be) or `note`
    begin, end:  starts of the first and the last window concerned; None where it is all of them
    """

    kind: str
    severity: str
    where: str
    what: str
    fix: str
    begin: pd.Timestamp | None = None
    end: pd.Timestamp | None = None

    @property
    def time_range(self) -> str:
        """The windows concerned in the grammar of every `--time_range`, '' where it is all."""
        if self.begin is None or self.end is None:
            return ""
        if self.begin == self.begin.floor("D") and f"{self.end:%H:%M}" == LAST:
            return f"<{self.begin:%Y-%m-%d},{self.end:%Y-%m-%d}>"
        return f"<{stamp(self.begin)},{stamp(self.end)}>"

    def record(self) -> dict[str, Any]:
        """The finding as a program reads it."""
        return {
            "kind": self.kind,
            "severity": self.severity,
            "where": self.where,
            "time_range": self.time_range or None,
            "what": self.what,
            "fix": self.fix,
        }

    def text(self) -> str:
        """The finding on one line."""
        where = " ".join(filter(None, (self.where, self.time_range)))
        return one_line(f"{self.severity}: {self.kind}: {where}: {self.what}. {self.fix}.")


def stamp(time: pd.Timestamp) -> str:
    """A moment as time ranges take it: 2019-03-06T18:00."""
    return f"{time:%Y-%m-%dT%H:%M}" + (f":{time:%S}" if time.second else "")


def number(value: float) -> str:
    """A value with the digits that matter.

    >>> number(34818.5), number(44.75), number(3.0)
    ('34818', '44.75', '3')
    """
    return f"{value:.0f}" if 1000 <= abs(value) < 1e15 else f"{value:.4g}"


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """The worst first, then by time."""
    last = pd.Timestamp.max.tz_localize("UTC")
    return sorted(
        findings,
        key=lambda one: (SEVERITIES.index(one.severity), one.begin or last, one.kind, one.where),
    )


def runs(flags: np.ndarray) -> list[tuple[int, int]]:
    """First and last position of each run of true flags.

    >>> runs(np.array([True, False, True, True]))
    [(0, 0), (2, 3)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(first), int(after) - 1) for first, after in edges.reshape(-1, 2)]


def named(columns: Iterable[tuple[str, str]]) -> str:
    """Columns by their groups, the first few of each.

    >>> named([("conn", "in"), ("conn", "out"), ("ssh", "in"), ("sensor", "")])
    'conn in, out; ssh in; sensor'
    """
    groups: dict[str, list[str]] = {}
    for group, column in columns:
        groups.setdefault(group, []).append(column)
    return "; ".join(f"{group} {_few(names)}".strip() for group, names in groups.items())


def _few(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
