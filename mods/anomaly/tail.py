"""How rare a size is among those of the past: tail probabilities in constant memory.

Peaks over threshold (Pickands 1975; as SPOT, Siffer et al. 2017): below the base, the share of the
past that was as large; above it a generalised Pareto tail by the method of moments (Hosking and
Wallis 1987). The past is a histogram on a logarithmic scale that slowly forgets, so that the
calibration follows a drift and a stream may go on for ever.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

LOWEST, HIGHEST, RATIO = 1e-3, 1e5, 1.02
FEW, EVERY, MANY = 20, 64, 256
MEMORY = 20_000.0
BASE = 0.05
STEEPEST = 0.45
NARROW = 0.1
RAREST = 100.0

_PER_LOG = 1 / math.log(RATIO)
_OFFSET = -math.log(LOWEST) * _PER_LOG
BINS = int(math.log(HIGHEST) * _PER_LOG + _OFFSET) + 1
_EDGES = LOWEST * RATIO ** np.arange(1, BINS + 1)
_CENTRES = _EDGES / math.sqrt(RATIO)


class Tail:
    """The sizes seen so far; `rarity` of a new one, `level` that is exceeded with a probability.

    Sizes are about 1 in the unit of the caller: all up to 0.001 count as nothing, and a size is
    known to 2 %. `base` is the share of the past that makes the tail.

    >>> tail = Tail()
    >>> for size in range(1, 1001): tail.learn(size / 500)
    >>> round(tail.rarity(1.0), 1), tail.rarity(5.0) > 6, 1.9 < tail.level(0.01) < 2.1
    (0.3, True, True)
    """

    def __init__(self, base: float = BASE, memory: float = MEMORY) -> None:
        self.base, self.memory = base, memory
        self._counts = np.zeros(BINS)
        self._recent: list[int] = []
        self._fit()

    @property
    def weight(self) -> float:
        """How many sizes are remembered, at most the memory."""
        return self._total + len(self._recent)

    def rarity(self, size: float) -> float:
        """-log10 of the probability of a size as large: 0 for the usual, 3 for 1 in 1000."""
        if size <= self._from:
            return self._table[_bin(size)]
        beyond = (size - self._from) / self._scale
        if self._shape > 0:
            beyond = math.log1p(self._shape * beyond) / self._shape
        return min(self._start + beyond / math.log(10), RAREST)

    def level(self, probability: float) -> float:
        """The size that is reached with this probability."""
        rarity = -math.log10(probability)
        if rarity <= self._start:
            return float(_EDGES[np.searchsorted(self._table, rarity)])
        further = (rarity - self._start) * math.log(10)
        if self._shape > 0:
            further = math.expm1(min(self._shape * further, 500.0)) / self._shape
        return self._from + self._scale * further

    def learn(self, size: float) -> None:
        """Remember a size; it counts from the next calibration on, some twenty sizes later."""
        self._recent.append(_bin(size))
        if len(self._recent) >= self._due:
            np.add.at(self._counts, self._recent, 1.0)
            self._recent.clear()
            self._counts *= min(1.0, self.memory / self._counts.sum())
            self._fit()

    def assume(self, sizes: Iterable[float], weights: Iterable[float]) -> None:
        """Begin as if these sizes had been seen, each as often as its weight says."""
        np.add.at(self._counts, [_bin(size) for size in sizes], list(weights))
        self._fit()

    def _fit(self) -> None:
        """The table below the base, and the Pareto tail above it."""
        above = np.append(np.cumsum(self._counts[::-1])[::-1], 0.0)
        total = float(above[0])
        self._total = total
        self._due = min(max(FEW, int(total / EVERY)), MANY)
        self._table: list[float] = (-np.log10((above[:-1] + 1) / (total + 1))).tolist()
        base = int(np.argmax(above[1:] <= self.base * total))
        self._from = float(_EDGES[base])
        rest = float(above[base + 1])
        # where nothing lies above the base, what comes first is as rare as the past is long
        self._start = math.log10(total / rest) if rest > 0 else math.log10(total + 1)
        self._shape, self._scale = 0.0, NARROW * self._from
        if rest > 0:
            self._pareto(self._counts[base + 1 :] / rest, _CENTRES[base + 1 :] - self._from)

    def _pareto(self, shares: np.ndarray, excess: np.ndarray) -> None:
        mean = float(shares @ excess)
        spread = float(shares @ (excess - mean) ** 2)
        shape = 0.5 * (1 - mean**2 / spread) if spread > 0 else 0.0
        self._shape = min(max(shape, 0.0), STEEPEST)
        self._scale = mean * (1 - self._shape)

    def state(self) -> dict[str, Any]:
        """All that was learnt, as JSON."""
        kept = np.flatnonzero(self._counts)
        return {
            "base": self.base,
            "memory": self.memory,
            "bins": kept.tolist(),
            "counts": self._counts[kept].tolist(),
            "recent": list(self._recent),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Tail:
        """The tail that `state` describes."""
        tail = cls(float(state["base"]), float(state["memory"]))
        tail._counts[np.array(state["bins"], dtype=int)] = state["counts"]
        tail._recent = [int(one) for one in state["recent"]]
        tail._fit()
        return tail


def _bin(size: float) -> int:
    if size <= LOWEST:
        return 0
    return min(int(math.log(size) * _PER_LOG + _OFFSET), BINS - 1)
