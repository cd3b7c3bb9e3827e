"""How many connections of each kind begin in each minute: rhythm, noise, bursts, planted events."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from mods.dataset.demo_traffic import site
from mods.dataset.demo_traffic.plan import Plan

MINUTES_A_DAY = 1440
JOB_EVERY, JOB_AT, JOB_FOR = 360, 10, 40
RETRYING = 0.15
BURSTS_A_DAY = 0.6
QUIET_AROUND_EVENTS = 180


def counts(plan: Plan, rng: np.random.Generator) -> np.ndarray:
    """Connections to begin, int64 of shape (services, minutes of the plan)."""
    minutes = plan.days * MINUTES_A_DAY
    clock = _clock(plan.start, minutes)
    shared = _wander(minutes, 0.06, rng)
    down = _during(plan, "outage", minutes)
    rates = np.empty((len(site.SERVICES), minutes))
    for row, service in enumerate(site.SERVICES):
        noise = np.exp(shared + _wander(minutes, 0.07, rng))
        rate = service.per_hour / 60 * RHYTHMS[service.rhythm](clock) * noise
        if service.bursts:
            rate *= _bursts(plan, minutes, rng)
        rate += service.job / JOB_FOR * _job(clock) * noise
        rates[row] = rate * _uplink(service.direction, down)
    scanned = _during(plan, "scan", minutes)
    rates[site.SCAN] = site.SCAN_PROBES / scanned.sum() * scanned
    return rng.poisson(rates)


def _clock(start: datetime, minutes: int) -> np.ndarray:
    """Minutes since Monday, midnight UTC."""
    return start.weekday() * MINUTES_A_DAY + start.hour * 60 + np.arange(minutes)


def _office(clock: np.ndarray) -> np.ndarray:
    """People at work from eight to six, fewer at noon and at weekends; machines at night."""
    hour, weekend = _hour(clock), _weekend(clock)
    working = _step(hour - 8.0) * _step(18.0 - hour) - 0.25 * np.exp(-((hour - 12.5) ** 2))
    return np.asarray(0.45 + working * np.where(weekend, 0.55, 1.45))


def _public(clock: np.ndarray) -> np.ndarray:
    """The world outside: highest in the afternoon, lowest before dawn, less at weekends."""
    wave = 1 + 0.55 * np.sin(2 * np.pi * (_hour(clock) - 9.5) / 24)
    return wave * np.where(_weekend(clock), 0.85, 1.05)


def _flat(clock: np.ndarray) -> np.ndarray:
    return np.ones(len(clock))


RHYTHMS = {"office": _office, "public": _public, "flat": _flat}


def _hour(clock: np.ndarray) -> np.ndarray:
    return clock % MINUTES_A_DAY / 60


def _weekend(clock: np.ndarray) -> np.ndarray:
    return clock // MINUTES_A_DAY % 7 >= 5


def _step(hours: np.ndarray) -> np.ndarray:
    """0 before, 1 after, within about an hour."""
    return np.asarray(1 / (1 + np.exp(-4 * hours)))


def _job(clock: np.ndarray) -> np.ndarray:
    """1 while the six-hourly job runs."""
    since = clock % JOB_EVERY - JOB_AT
    return ((since >= 0) & (since < JOB_FOR)).astype(float)


def _wander(minutes: int, spread: float, rng: np.random.Generator) -> np.ndarray:
    """Noise that remembers: an autoregression over ten-minute steps, straight lines between."""
    steps, memory = minutes // 10 + 2, 0.92
    shocks = rng.normal(0, spread * np.sqrt(1 - memory**2), steps)
    values = np.empty(steps)
    values[0] = rng.normal(0, spread)
    for step in range(1, steps):
        values[step] = memory * values[step - 1] + shocks[step]
    return np.interp(np.arange(minutes) / 10, np.arange(steps), values)


def _bursts(plan: Plan, minutes: int, rng: np.random.Generator) -> np.ndarray:
    """A factor per minute: 1, or more during a burst; none near a planted event."""
    factor = np.ones(minutes)
    begins = rng.integers(0, minutes, rng.poisson(BURSTS_A_DAY * plan.days))
    lengths = rng.integers(15, 45, len(begins))
    heights = 1 + rng.lognormal(0.2, 0.35, len(begins))
    for begin, length, height in zip(begins, lengths, heights, strict=True):
        factor[begin : begin + length] = np.maximum(factor[begin : begin + length], height)
    near = np.zeros(minutes, dtype=bool)
    for event in plan.events:
        start, end = _minute(plan, event.start), _minute(plan, event.end)
        near[max(start - QUIET_AROUND_EVENTS, 0) : end + QUIET_AROUND_EVENTS] = True
    return np.where(near, 1.0, factor)


def _uplink(direction: str, down: np.ndarray) -> np.ndarray:
    """What an outage of the uplink leaves: nothing comes in, some clients keep trying."""
    left = {"in": 0.0, "out": RETRYING, "internal": 1.0}[direction]
    return np.where(down, left, 1.0)


def _during(plan: Plan, kind: str, minutes: int) -> np.ndarray:
    """Which minutes the planted event takes."""
    event = plan.event(kind)
    minute = np.arange(minutes)
    return (minute >= _minute(plan, event.start)) & (minute < _minute(plan, event.end))


def _minute(plan: Plan, moment: datetime) -> int:
    return int((moment - plan.start).total_seconds()) // 60
