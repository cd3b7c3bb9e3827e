"""Check: a datapool, or a CSV or Parquet file, looked through before anybody trains on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from mods.errors import UsageError
from mods.features import quality
from mods.features.datapool import about, parts
from mods.features.datapool.about import About
from mods.features.quality import Finding, Quality
from mods.flows import source
from mods.request import CheckRequest, Source
from mods.series import files

PAGES = (".html", ".htm")
SHOWN = 200


@dataclass(frozen=True, eq=False)
class Checked:
    """What was found in which data, and of which entities there are parts in it (--by)."""

    data: Path
    quality: Quality
    by: str = ""
    entities: tuple[str, ...] = ()

    @property
    def span(self) -> tuple[str, str]:
        """Start of the first window and of the last, UTC."""
        starts = pd.DatetimeIndex(self.quality.states.index)
        return f"{starts[0]:%Y-%m-%dT%H:%MZ}", f"{starts[-1]:%Y-%m-%dT%H:%MZ}"

    def record(self) -> dict[str, Any]:
        """The answer as a program reads it."""
        return {
            "data": str(self.data),
            "window_slide": self.quality.window,
            "span": {"first": self.span[0], "last": self.span[1]},
            "counts": self.quality.counts,
            "coverage": self.quality.coverage(),
            "findings": [finding.record() for finding in self.quality.findings],
            "entities": {name: str(self.data / parts.place(name)) for name in self.entities},
        }

    def text(self) -> str:
        """The answer as a person reads it: one line for each finding."""
        from mods.visualization import terminal

        found = self.quality.findings
        return "\n".join(
            [
                terminal.table(self.quality.coverage()),
                f"{self.quality.window or 'steps'} that start from {self.span[0]} to "
                f"{self.span[1]} in {self.data}",
                _said(self.quality.counts),
                *self._parts(),
                *(finding.text() for finding in found[:SHOWN]),
                *([f"{len(found) - SHOWN} more: --json lists them"] if len(found) > SHOWN else []),
            ]
        )

    def _parts(self) -> list[str]:
        if not self.entities:
            return []
        first = self.data / parts.place(self.entities[0])
        return [
            f"The whole was looked through, not its {len(self.entities)} parts ({self.by}): "
            f"mods check {first} looks through one."
        ]

    def write(self, path: str) -> None:
        """Write one self-contained page with the calendar, the findings and the coverage."""
        from mods.visualization import calendar, report

        words = quality.WORDS
        picture = calendar.calendar(self.quality.states, words)
        by_finding = [_row(finding) for finding in self.quality.findings]
        sections = [
            report.Section("Calendar", CALENDAR, [("Windows by their start, UTC.", picture)]),
            report.Section(
                "Findings", f"{_said(self.quality.counts)} {FINDINGS}", tables=[_table(by_finding)]
            ),
            report.Section("Coverage", COVERAGE, tables=[_table(self.quality.coverage())]),
        ]
        page = report.Report(f"Data quality of {self.data.name}", self._facts(), sections)
        report.write(path, page)

    def _facts(self) -> list[tuple[str, Any]]:
        missing = sum(finding.kind == "missing" for finding in self.quality.findings)
        return [
            ("Data", str(self.data)),
            ("Windows", self.quality.window or "steps of a file"),
            ("From", self.span[0]),
            ("To", self.span[1]),
            *([("Parts", " ".join(self._parts()))] if self.entities else []),
            ("Gaps", missing),
            *((severity.capitalize() + "s", n) for severity, n in self.quality.counts.items()),
        ]


FINDINGS = "Times are the starts of the first and the last window, UTC; time ranges take them so."
CALENDAR = (
    "A cell is complete where every window in it holds values. Where a protocol was not seen at "
    "all while others were, its counts are read as 0; where nothing was seen, they are missing."
)
COVERAGE = "Windows of each protocol or feature."


def check(request: CheckRequest) -> Checked:
    """Look through the data and write the page where one is asked for.

    Raises InputError where nothing can be read; what is odd is a finding, no error.
    """
    if request.output is not None and Path(request.output).suffix.lower() not in PAGES:
        raise UsageError(
            f"{request.output!r} has an ending that cannot be written",
            where="--output",
            fix=f"Use {PAGES[0]}",
        )
    path = source.located(Source(data=request.data))
    says = About() if source.is_table(path) else about.read(path)
    checked = Checked(path, _looked(path, request), says.by, says.entities)
    if request.output is not None:
        checked.write(request.output)
    return checked


def _looked(path: Path, request: CheckRequest) -> Quality:
    if not source.is_table(path):
        return quality.of_pool(path, request.window_slide)
    rows = files.rows(path, request.time_column)
    times = files.moments(rows, path)
    return quality.of_series(files.read(path, request.time_column), _stamps(times, path))


def _stamps(times: pd.DatetimeIndex, path: Path) -> list[Finding]:
    """Stamps of a file that come again or go backward."""
    again, backward = len(times) - times.nunique(), int((times[1:] < times[:-1]).sum())
    odd = (
        ("duplicate", again, "come again: the last row of each counts"),
        ("order", backward, "go backward: the rows are sorted"),
    )
    return [
        Finding(kind, "warning", str(path), f"{count} stamps {what}", "Find out who wrote them so")
        for kind, count, what in odd
        if count
    ]


def _said(counts: dict[str, int]) -> str:
    if not any(counts.values()):
        return "Nothing odd was found."
    said = ", ".join(f"{count} {name}{'s' * (count != 1)}" for name, count in counts.items())
    return f"Found: {said}."


def _row(finding: Finding) -> dict[str, Any]:
    said = {"severity": finding.severity, "kind": finding.kind, "where": finding.where}
    return {**said, "when": _when(finding), "what": finding.what, "what to do": finding.fix}


def _when(finding: Finding) -> str:
    """The first and the last window in as few words as tell them."""
    if finding.begin is None or finding.end is None:
        return ""
    first, last = f"{finding.begin:%Y-%m-%d %H:%M}", f"{finding.end:%Y-%m-%d %H:%M}"
    if first == last:
        return first
    return f"{first} to {last[11:] if first[:10] == last[:10] else last}"


def _table(rows: list[dict[str, Any]]) -> Any:
    from mods.visualization import report

    return report.Table(rows)
