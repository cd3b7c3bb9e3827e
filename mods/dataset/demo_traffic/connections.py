"""The connections of a day: who, when, how long, how much, and how each ended."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta

import numpy as np

from mods.dataset.demo_traffic import site
from mods.dataset.demo_traffic.plan import Plan

SECOND = 1_000_000
STATES = ("SF", "S0", "REJ", "RSTO", "S1")
SF, S0, REJ, RSTO, S1 = range(5)
UNSET = -1
LONGEST = 2 * 3600 * SECOND
LETTERS = np.frombuffer(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", dtype=np.uint8
)


@dataclass(frozen=True, eq=False)
class Connections:
    """Arrays of one length. Times in microseconds since the epoch, UTC; hosts by site.ADDRESSES."""

    start: np.ndarray
    duration: np.ndarray
    service: np.ndarray
    orig: np.ndarray
    resp: np.ndarray
    orig_p: np.ndarray
    resp_p: np.ndarray
    sent: np.ndarray
    received: np.ndarray
    state: np.ndarray
    uid: np.ndarray

    def __len__(self) -> int:
        return len(self.start)

    def take(self, rows: np.ndarray) -> Connections:
        """Some of the connections: positions or a mask."""
        return Connections(*(getattr(self, field.name)[rows] for field in fields(self)))

    @property
    def answered(self) -> np.ndarray:
        """Which got past the handshake."""
        return np.asarray((self.state != S0) & (self.state != REJ))

    @property
    def end(self) -> np.ndarray:
        """When the last packet passed."""
        return np.asarray(self.start + np.maximum(self.duration, 0))


def microseconds(moment: datetime) -> int:
    """Since the epoch."""
    return int(moment.timestamp()) * SECOND


def draw(plan: Plan, day: int, counts: np.ndarray, rng: np.random.Generator) -> Connections:
    """The connections of a day; `counts` of shape (services, minutes of the day)."""
    midnight = microseconds(plan.start + timedelta(days=day))
    parts = [
        _of_service(number, midnight + _starts(counts[number], rng), plan, rng)
        for number in range(len(site.SERVICES))
        if counts[number].any()
    ]
    joined = [
        np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Connections)
    ]
    return Connections(*joined)


def _starts(counts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    minutes = np.repeat(np.arange(len(counts)), counts)
    return np.sort(minutes * 60 * SECOND + rng.integers(0, 60 * SECOND, len(minutes)))


def _of_service(
    number: int, start: np.ndarray, plan: Plan, rng: np.random.Generator
) -> Connections:
    service, n = site.SERVICES[number], len(start)
    down, cut = _outage(plan, service.direction, start)
    state = _states(service, down, rng)
    duration = _durations(service, state, rng)
    reached = (state != S0) & (state != REJ)
    severed = reached & (start + duration > cut)
    duration = np.where(severed, cut - start, duration)
    refused = np.where(state == REJ, 0, UNSET)
    ports = np.array(service.ports)
    return Connections(
        start=start,
        duration=duration,
        service=np.full(n, number),
        orig=_hosts(service.source, n, rng),
        resp=_targets(service, n, rng),
        orig_p=rng.integers(1024, 65_536, n),
        resp_p=ports[rng.integers(0, len(ports), n)],
        sent=np.where(reached, _amounts(service.sent, n, rng), refused),
        received=np.where(reached, _amounts(service.received, n, rng), refused),
        state=np.where(severed & (service.proto == "tcp"), S1, state),
        uid=uids(n, rng),
    )


def uids(count: int, rng: np.random.Generator, first: bytes = b"C") -> np.ndarray:
    """Identifiers as Zeek makes them: a letter for the kind and 17 random characters."""
    letters = np.empty((count, 18), dtype=np.uint8)
    letters[:, 0] = first[0]
    letters[:, 1:] = LETTERS[rng.integers(0, len(LETTERS), (count, 17))]
    return letters.view("S18").ravel()


def _hosts(pool: str, count: int, rng: np.random.Generator) -> np.ndarray:
    return site.first(pool) + site.ranks(len(site.POOLS[pool]), count, rng)


def _targets(service: site.Service, count: int, rng: np.random.Generator) -> np.ndarray:
    """By popularity, or anywhere; a scanner goes through the addresses in their order."""
    if service.target != "whole site":
        return _hosts(service.target, count, rng)
    anywhere = rng.integers(0, len(site.POOLS[service.target]), count)
    swept = np.sort(anywhere) if service.source == "scanner" else anywhere
    return site.first(service.target) + swept


def _outage(plan: Plan, direction: str, start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which connections fall into the outage, and when it would sever each of the others."""
    event = plan.event("outage")
    begin, end, last = (microseconds(moment) for moment in (event.start, event.end, plan.end))
    if direction == "internal":
        return np.zeros(len(start), dtype=bool), np.full(len(start), last)
    return (start >= begin) & (start < end), np.where(start < begin, begin, last)


def _states(service: site.Service, down: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    chance, second = rng.random((2, len(down)))
    tcp = service.proto == "tcp"
    reached = np.where(tcp & (second < 0.05), RSTO, SF)
    failed = np.where(tcp & ~down & (second < 0.3), REJ, S0)
    return np.where((chance < service.answered) & ~down, reached, failed)


def _durations(service: site.Service, state: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Log-normal around the median; microseconds where refused; unset where one packet was all."""
    drawn = service.seconds * SECOND * rng.lognormal(0, 0.9, len(state))
    lasting = np.minimum(drawn, LONGEST).astype(np.int64) + 1
    refused = rng.integers(20, 400, len(state))
    return np.where(state == S0, UNSET, np.where(state == REJ, refused, lasting))


def _amounts(median: float, count: int, rng: np.random.Generator) -> np.ndarray:
    return (median * rng.lognormal(0, 0.8, count)).astype(np.int64) + 1
