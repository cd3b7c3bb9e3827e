"""Does anything grow? Slopes by Theil and Sen, so that a few odd minutes decide nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import theilslopes

from benchmarks.soak.samples import Held, Sample

FLAT = 1.0  # MiB an hour that memory may grow
LONG = 15.0  # minutes of measuring from which a slope says something
COARSE = 96.0  # MiB that memory may grow in a shorter time, in which stores still fill
SLACK = 4  # descriptors and threads more or less, as clients come and go


@dataclass(frozen=True)
class Slope:
    """MiB an hour and its 95 % interval."""

    middle: float
    low: float
    high: float


def measured(samples: Sequence[Sample], warm: float) -> list[Sample]:
    """The samples after the warm-up (seconds) in which the server rested."""
    return [one for one in samples if one.seconds >= warm and one.resting]


def series(samples: Sequence[Sample], name: str, of: Callable[[Held], float]) -> np.ndarray:
    """Rows of (seconds, value) of one process."""
    held = [(one.seconds, one.processes.get(name)) for one in samples]
    return np.array([(at, of(found)) for at, found in held if found is not None])


def slope(points: np.ndarray) -> Slope:
    """Of (seconds, MiB), from the medians of its minutes.

    Samples of one minute are much alike: taken each for itself they would promise too narrow an
    interval.

    >>> points = np.column_stack([np.arange(0, 1200, 5), 100 + np.arange(0, 1200, 5) / 360])
    >>> round(slope(points).middle, 3)
    10.0
    """
    minutes = points[:, 0] // 60
    medians = np.array([np.median(points[minutes == one], axis=0) for one in np.unique(minutes)])
    middle, _, low, high = theilslopes(medians[:, 1], medians[:, 0] / 3600, alpha=0.95)
    return Slope(float(middle), float(low), float(high))


def names(samples: Sequence[Sample]) -> list[str]:
    """The processes, the server first."""
    return sorted({name for one in samples for name in one.processes})


def ends(samples: Sequence[Sample], name: str, what: str) -> tuple[int, int]:
    """The fewest descriptors or threads of the first and of the last third.

    Clients come and go; what nobody gives back is there in the quietest moment, too.
    """
    counts = series(samples, name, lambda held: getattr(held, what))[:, 1]
    third = max(1, len(counts) // 3)
    return int(counts[:third].min()), int(counts[-third:].min())


def short(after: Sequence[Sample]) -> bool:
    """Whether the measured time is too short for a slope."""
    return after[-1].seconds - after[0].seconds < LONG * 60


def faults(samples: Sequence[Sample], warm: float) -> list[str]:
    """What grows after the warm-up (seconds), in words."""
    after = measured(samples, warm)
    found = []
    for name in names(after):
        points = series(after, name, lambda held: held.private)
        found += _coarse(name, points) if short(after) else _grows(name, points)
        for what in ("descriptors", "threads"):
            first, last = ends(after, name, what)
            if last > first + SLACK:
                found.append(f"{name}: {what} grew from {first} to {last}")
    return found


def _coarse(name: str, points: np.ndarray) -> list[str]:
    growth = np.median(points[-5:, 1]) - points[:5, 1].min()
    return [f"{name}: memory grew by {growth:.0f} MiB"] if growth > COARSE else []


def _grows(name: str, points: np.ndarray) -> list[str]:
    found = slope(points)
    if found.low <= FLAT:
        return []
    return [f"{name}: memory grows by {found.middle:.1f} MiB/h, {found.low:.1f} at least"]
