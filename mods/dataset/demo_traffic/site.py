"""The synthetic site: its hosts, the outside world, and every kind of traffic between them.

Outside addresses come from the ranges reserved for documentation (RFC 5737, RFC 3849), so that no
real host appears; the inside is 10.20.0.0/16 and a unique local IPv6 network (RFC 4193).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

LOCAL_NETWORKS = ("10.20.0.0/16", "fd20:20:20::/48")
SCANNER = "203.0.113.66"
ROUTER = "10.20.0.1"
RESOLVER = "10.20.1.2"
DOMAIN = "site.example"


def _numbered(prefix: str, first: int, last: int) -> tuple[str, ...]:
    return tuple(f"{prefix}{number}" for number in range(first, last + 1))


POOLS: dict[str, tuple[str, ...]] = {
    "visitors": _numbered("192.0.2.", 1, 254) + _numbered("198.51.100.", 1, 127),
    "visitors6": _numbered("2001:db8:1::", 10, 99),
    "remote": _numbered("198.51.100.", 128, 254) + _numbered("203.0.113.", 100, 199),
    "remote6": _numbered("2001:db8:2::", 10, 99),
    "askers": _numbered("203.0.113.", 200, 254),
    "attackers": _numbered("203.0.113.", 1, 60),
    "partners": _numbered("198.51.100.", 120, 127),
    "scanner": (SCANNER,),
    "clients": tuple(f"10.20.{16 + n % 4}.{10 + n // 4}" for n in range(240)),
    "clients6": _numbered("fd20:20:20:16::", 10, 99),
    "phones": _numbered("10.20.32.", 10, 69),
    "admins": _numbered("10.20.8.", 10, 14),
    "web": _numbered("10.20.1.", 10, 13),
    "web6": ("fd20:20:20:1::10",),
    "nameserver": ("10.20.1.53",),
    "resolver": (RESOLVER,),
    "bastions": _numbered("10.20.1.", 22, 24),
    "mail": ("10.20.1.25",),
    "pbx": ("10.20.1.60",),
    "files": _numbered("10.20.1.", 40, 42),
    "directory": ("10.20.1.5",),
    "monitor": ("10.20.1.90",),
    "backup": _numbered("10.20.1.", 70, 72),
    "whole site": tuple(f"10.20.{n // 254}.{1 + n % 254}" for n in range(256 * 254)),
}
ADDRESSES = tuple(address for pool in POOLS.values() for address in pool)
LOCAL = np.array([address.startswith(("10.20.", "fd20:20:20:")) for address in ADDRESSES])


@dataclass(frozen=True)
class Service:
    """One kind of traffic: who talks to whom, how often (per hour, on average), and how much.

    `log` is what Zeek recognises in it; `job` are the connections of each six-hourly run;
    `seconds`, `sent` and `received` are medians.
    """

    direction: str
    source: str
    target: str
    ports: tuple[int, ...]
    per_hour: float
    rhythm: str
    proto: str = "tcp"
    log: str = ""
    job: float = 0.0
    bursts: bool = False
    answered: float = 0.97
    seconds: float = 1.0
    sent: float = 900.0
    received: float = 6_000.0


SWEPT = (22, 23, 80, 443, 445, 3389, 8080)
# fmt: off
SERVICES: tuple[Service, ...] = (
    Service("in", "visitors", "web", (443,), 130, "public", log="ssl", bursts=True, seconds=4.0),
    Service("in", "visitors", "web", (80,), 60, "public", log="http", bursts=True, received=14_000),
    Service("in", "visitors6", "web6", (443,), 15, "public", log="ssl", seconds=4.0),
    Service("in", "askers", "nameserver", (53,), 280, "public", "udp", "dns", bursts=True,
            job=120, seconds=0.002, sent=45, received=120),
    Service("in", "attackers", "bastions", (22,), 70, "public", log="ssh", bursts=True, job=40,
            seconds=3.0, sent=1_800, received=2_400),
    Service("in", "visitors", "mail", (25,), 50, "public", log="smtp", seconds=2.5, sent=9_000,
            received=600),
    Service("in", "attackers", "pbx", (5060,), 22, "flat", "udp", "sip", seconds=0.2, sent=420,
            received=380),
    Service("in", "attackers", "whole site", SWEPT, 110, "flat", answered=0.0),
    Service("in", "partners", "web", (443,), 0, "flat", log="ssl", job=320, seconds=6.0,
            sent=40_000, received=3_000),
    Service("in", "scanner", "whole site", SWEPT, 0, "flat", answered=0.02),
    Service("out", "clients", "remote", (443,), 320, "office", log="ssl", bursts=True, seconds=9.0,
            sent=2_500, received=22_000),
    Service("out", "clients", "remote", (80,), 45, "office", log="http", received=18_000),
    Service("out", "clients6", "remote6", (443,), 25, "office", log="ssl", seconds=9.0),
    Service("out", "resolver", "remote", (53,), 200, "office", "udp", "dns", seconds=0.03, sent=48,
            received=160),
    Service("out", "directory", "remote", (123,), 30, "flat", "udp", "ntp", seconds=0.02, sent=48,
            received=48),
    Service("out", "admins", "remote", (22,), 6, "office", log="ssh", seconds=240, sent=9_000,
            received=30_000),
    Service("out", "pbx", "remote", (5060,), 8, "office", "udp", "sip", seconds=0.2, sent=520,
            received=480),
    Service("out", "backup", "partners", (443,), 0, "flat", log="ssl", job=260, seconds=12.0,
            sent=90_000, received=4_000),
    Service("internal", "clients", "resolver", (53,), 300, "office", "udp", "dns", seconds=0.004,
            sent=42, received=110),
    Service("internal", "clients", "directory", (389,), 55, "office", log="ldap_tcp", seconds=0.1),
    Service("internal", "clients", "files", (445,), 70, "office", log="smb", seconds=30.0,
            sent=7_000, received=60_000),
    Service("internal", "monitor", "web", (80,), 60, "flat", log="http", seconds=0.05, sent=180,
            received=900),
    Service("internal", "admins", "bastions", (22,), 8, "office", log="ssh", seconds=420,
            sent=12_000, received=40_000),
    Service("internal", "phones", "pbx", (5060,), 30, "office", "udp", "sip", seconds=0.1, sent=560,
            received=430),
)
# fmt: on
SCAN = next(n for n, service in enumerate(SERVICES) if service.source == "scanner")
SCAN_PROBES = 6_000


@cache
def first(pool: str) -> int:
    """Where the pool begins in ADDRESSES."""
    sizes = {name: len(addresses) for name, addresses in POOLS.items()}
    return sum(list(sizes.values())[: list(sizes).index(pool)])


@cache
def popularity(size: int) -> np.ndarray:
    """Cumulative shares of `size` things by rank: few are busy, many are rare (Zipf-Mandelbrot)."""
    weights = 1 / (np.arange(size) + 4.0) ** 0.9
    return np.cumsum(weights / weights.sum())


def ranks(size: int, count: int, rng: np.random.Generator) -> np.ndarray:
    """`count` draws out of `size` things, by their popularity."""
    return np.minimum(np.searchsorted(popularity(size), rng.random(count)), size - 1)
