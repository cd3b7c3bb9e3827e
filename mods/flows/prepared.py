"""What came of preparing: which logs were read, what was set aside and why, what is odd."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from mods.features.datapool.about import Incomplete

DIRECTIONS = ("in", "out", "internal")
ODD_SHARE = 0.9


@dataclass(frozen=True)
class LogCount:
    """The records of one log: `rows` = those in `directions` + `no_direction` + those `rejected`.

    `unreadable` counts, per column, values that do not fit its type and were taken as unset;
    `lacking`, per column, files that do not have it: its values are unset there.
    """

    files: int
    directions: Mapping[str, int]
    no_direction: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict)
    unreadable: Mapping[str, int] = field(default_factory=dict)
    windows: int = 0
    lacking: Mapping[str, int] = field(default_factory=dict)
    by_file: Mapping[Path, LogCount] = field(default_factory=dict)

    @property
    def used(self) -> int:
        """Records that went into windows."""
        return sum(self.directions.values())

    @property
    def rows(self) -> int:
        """Lines read, without the comments."""
        return self.used + self.no_direction + sum(self.rejected.values())

    def shares(self) -> dict[str, float]:
        """The share of each direction, and of none, in the records."""
        counts = {**self.directions, "none": self.no_direction}
        total = sum(counts.values())
        return {name: count / total if total else 0.0 for name, count in counts.items()}

    def record(self) -> dict[str, Any]:
        """The counts as a program reads them."""
        return {
            "files": self.files,
            "rows": self.rows,
            "used": self.used,
            "no_direction": self.no_direction,
            "rejected": dict(self.rejected),
            "unreadable_values": dict(self.unreadable),
            "direction_shares": self.shares(),
            "windows": self.windows,
            "files_without_column": dict(self.lacking),
        }

    def lines(self) -> dict[str, Any]:
        """What became of the lines of one file."""
        return {
            "rows": self.rows,
            "used": self.used,
            "no_direction": self.no_direction,
            "rejected": dict(self.rejected),
            "unreadable_values": dict(self.unreadable),
        }


@dataclass(frozen=True)
class Prepared:
    """What came of preparing: `span` is the first window's start and the last one's end.

    new:   how many of the files used were read now; of the others the pool keeps the panes
    days:  how many days were written
    notes: what else should be known
    networks_from: who says which networks are local
    incomplete: logs that were left out as broken, now or before, and when their records were
    """

    output: Path
    window: str
    catalogue: str
    local_networks: tuple[str, ...]
    span: tuple[str, str]
    logs: Mapping[str, LogCount]
    used: Sequence[Path]
    skipped: Sequence[tuple[Path, str]]
    new: int = 0
    days: int = 0
    notes: Sequence[str] = ()
    networks_from: str = ""
    incomplete: Sequence[Incomplete] = ()

    @property
    def hints(self) -> list[str]:
        """What looks odd and how to mend it."""
        lost = [_incomplete(one) for one in self.incomplete]
        found = [
            *self.notes,
            *lost,
            *direction_hints(self.logs),
            *map(_rejection_hint, self.logs.items()),
        ]
        return [hint for hint in found if hint]

    def record(self) -> dict[str, Any]:
        """The report as a program reads it."""
        return {
            "output": str(self.output),
            "window_slide": self.window,
            "catalogue": self.catalogue,
            "local_networks": list(self.local_networks),
            "local_networks_from": self.networks_from,
            "span": {"begin": self.span[0], "end": self.span[1]},
            "logs": {protocol: count.record() for protocol, count in self.logs.items()},
            "files_used": [str(path) for path in self.used],
            "files_read": self.new,
            "days_written": self.days,
            "files_skipped": [
                {"file": str(path), "reason": reason} for path, reason in self.skipped
            ],
            "incomplete": [asdict(one) for one in self.incomplete],
            "hints": self.hints,
        }

    def text(self) -> str:
        """The report as a person reads it."""
        from mods.visualization import terminal

        rows = [
            {"log": protocol, "files": one.files, "rows": one.rows, **one.directions}
            | {"no direction": one.no_direction, "rejected": sum(one.rejected.values())}
            | {"windows": one.windows}
            for protocol, one in self.logs.items()
        ]
        lines = [
            terminal.table(rows),
            f"{self.window} from {self.span[0]} to {self.span[1]} in {self.output}",
            f"{len(self.used)} files used ({self.new} of them read now), "
            f"{len(self.skipped)} left out (--json lists them); {self.days} days written",
        ]
        if self.networks_from:
            lines.append(f"local networks: {self._networks()}")
        return "\n".join([*lines, *(f"Hint: {hint}" for hint in self.hints)])

    def _networks(self) -> str:
        said = ", ".join(self.local_networks)
        return f"{said} (from {self.networks_from})" if said else self.networks_from


def _incomplete(one: Incomplete) -> str:
    when = f"from {one.begin} to {one.end}" if one.begin else "at times that are not known"
    read = "are read as missing" if one.begin else "may be too low"
    return f"incomplete: {one.protocol or 'all'} windows {when} {read}: {one.file} {one.reason}"


def direction_hints(logs: Mapping[str, LogCount]) -> list[str]:
    """Odd shares of the directions: nearly no record of a log has one, or all come in."""
    fix = "set the local networks, as in --local_networks 10.0.0.0/8,2001:db8::/32"
    odd = [name for name, one in logs.items() if one.shares()["none"] > ODD_SHARE]
    if odd:
        return [f"{', '.join(odd)}: over {ODD_SHARE:.0%} of the records have no direction: {fix}"]
    ways = {way: sum(one.directions.get(way, 0) for one in logs.values()) for way in DIRECTIONS}
    if ways["in"] and not ways["out"] and not ways["internal"]:
        return [f"every record that has a direction comes from outside (in): {fix}"]
    return []


def _rejection_hint(log: tuple[str, LogCount]) -> str:
    protocol, count = log
    odd = {**count.rejected, **{f"unreadable {k}": n for k, n in count.unreadable.items()}}
    odd |= {f"files without {k}, unset there": n for k, n in count.lacking.items()}
    return f"{protocol}: " + ", ".join(f"{n} x {why}" for why, n in odd.items()) if odd else ""
