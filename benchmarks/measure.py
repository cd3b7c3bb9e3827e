"""What processes take: CPU seconds and peak memory, each contender in a process of its own.

This module stays light: a process begins its count of peak memory at that of whoever started it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
MIB = 1024  # ru_maxrss counts KiB


@dataclass(frozen=True)
class Cost:
    """CPU seconds (user and system), wall-clock seconds, peak resident MiB."""

    cpu: float
    wall: float
    peak: float


@dataclass(frozen=True)
class Contender:
    """A command; `reports` says that it prints what a process of its own took, as JSON."""

    command: Sequence[str]
    reports: bool = False


def cost(contender: Contender) -> Cost:
    """Run it to its end; SystemExit with what it said where it fails."""
    start = time.monotonic()
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complaint:
        process = subprocess.Popen(contender.command, cwd=ROOT, stdout=said, stderr=complaint)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - start
        said.seek(0)
        complaint.seek(0)
        if process.returncode:
            sys.exit(f"{' '.join(contender.command)}\n{complaint.read().decode()}")
        extra = json.loads(said.read().splitlines()[-1]) if contender.reports else {}
    cpu, peak = used.ru_utime + used.ru_stime, used.ru_maxrss / MIB
    return Cost(cpu + extra.get("cpu", 0.0), wall, peak + extra.get("peak", 0.0))


def interleaved(contenders: Mapping[str, Contender], rounds: int) -> dict[str, list[Cost]]:
    """A B A B: so that what else the machine does falls on all alike."""
    found: dict[str, list[Cost]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, contender in contenders.items():
            found[name].append(cost(contender))
    return found


def ratio(one: Sequence[Cost], other: Sequence[Cost], of: Callable[[Cost], float]) -> float:
    """How many times `other` the one takes: the median over the pairs."""
    return median(of(a) / of(b) for a, b in zip(one, other, strict=True))


def middle(costs: Sequence[Cost]) -> Cost:
    """The median of each figure."""
    return Cost(*(median(getattr(one, name) for one in costs) for name in ("cpu", "wall", "peak")))
