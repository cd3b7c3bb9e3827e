"""The plan of the demo traffic: its span, and what was planted in it, where and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from mods.dataset.demo_traffic import site
from mods.errors import UsageError

TEST_SHARE = 0.2
OUTAGE_HOUR, SCAN_HOUR = 15, 10
FEWEST_DAYS = 7


@dataclass(frozen=True)
class Event:
    """Something planted: `[start, end)` in UTC, the features it should show in, the host behind."""

    kind: str
    start: datetime
    end: datetime
    features: tuple[str, ...]
    host: str

    def record(self) -> dict[str, Any]:
        """The event as JSON takes it."""
        times = {"start": self.start.isoformat(), "end": self.end.isoformat()}
        return {"kind": self.kind, **times, "features": list(self.features), "host": self.host}


@dataclass(frozen=True)
class Plan:
    """Demo traffic of `[start, end)` in UTC and the events planted in its last fifth."""

    seed: int
    start: datetime
    end: datetime
    events: tuple[Event, ...]
    local_networks: tuple[str, ...] = site.LOCAL_NETWORKS

    @property
    def days(self) -> int:
        """The length of the traffic."""
        return (self.end - self.start).days

    def event(self, kind: str) -> Event:
        """The planted event of that kind."""
        return next(event for event in self.events if event.kind == kind)

    def record(self) -> dict[str, Any]:
        """The plan as JSON takes it."""
        return {
            "synthetic": True,
            "seed": self.seed,
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "local_networks": list(self.local_networks),
            "events": [event.record() for event in self.events],
        }


def draw(days: int, seed: int, start: datetime) -> Plan:
    """Choose the minutes of the planted events; both lie in the last fifth, on different days.

    Raises UsageError for less than a week (no weekly rhythm) or a start off the full hour.
    """
    if days < FEWEST_DAYS:
        raise UsageError(
            f"{days} days of demo traffic are too few",
            where="days",
            fix=f"Give {FEWEST_DAYS} or more",
        )
    if start.tzinfo is None or start.timestamp() % 3600:
        raise UsageError(
            f"{start.isoformat()} is no full hour of UTC",
            where="start",
            fix="Give a datetime with a time zone, as in 2024-03-04T00:00Z",
        )
    start = start.astimezone(UTC)
    late = np.random.default_rng([seed, 1]).integers(0, 30, 2)
    test_start = start + timedelta(days=days * (1 - TEST_SHARE))
    first_day = next(day for day in range(days) if _at(start, day, OUTAGE_HOUR) >= test_start)
    outage_at = _at(start, first_day, OUTAGE_HOUR) + timedelta(minutes=int(late[0]))
    scan_at = _at(start, days - 1, SCAN_HOUR) + timedelta(minutes=int(late[1]))
    outage = Event(
        "outage",
        outage_at,
        outage_at + timedelta(hours=2),
        ("conn_in", "conn_out", "dns_in_distinct", "ssh_in"),
        site.ROUTER,
    )
    scan = Event("scan", scan_at, scan_at + timedelta(hours=1), ("conn_in",), site.SCANNER)
    return Plan(seed, start, start + timedelta(days=days), (outage, scan))


def _at(start: datetime, day: int, hour: int) -> datetime:
    return start + timedelta(days=day, hours=hour)
