"""Beyond all that was seen: how far a value lies outside the past; and the rest after an alarm."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

SHRINK = 0.99999
NEAR = 0.01
NARROWEST = 1e-6


class Range:
    """The lowest and the highest value so far, which very slowly come back to the level.

    >>> seen = Range()
    >>> [round(seen.excess(value), 1) for value in (0.0, 1.0, 0.5, 1.5)]
    [0.0, 1000000.0, 0.0, 0.5]
    """

    def __init__(self) -> None:
        self._low = self._high = self._level = 0.0
        self._begun = False

    def excess(self, value: float) -> float:
        """By how many widths of the range the value lies outside; then the range takes it in."""
        if not self._begun:
            self._low = self._high = self._level = value
            self._begun = True
        width = max(self._high - self._low, NARROWEST)
        outside = max(value - self._high, self._low - value, 0.0) / width
        self._level += NEAR * (value - self._level)
        self._high = max(value, self._level + SHRINK * (self._high - self._level))
        self._low = min(value, self._level + SHRINK * (self._low - self._level))
        return outside

    def state(self) -> list[float] | None:
        """All that was learnt, as JSON."""
        return [self._low, self._high, self._level] if self._begun else None

    def resume(self, state: list[float] | None) -> None:
        """Take over what `state` says."""
        self._begun = state is not None
        if state is not None:
            self._low, self._high, self._level = map(float, state)


class Rest:
    """Lets a score pass only if none of the last `steps` was as high: one alarm per anomaly.

    >>> rest = Rest(3)
    >>> [rest.passes(score) for score in (1, 5, 4, 4, 4, 6)]
    [True, True, False, False, False, True]
    """

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self._now = 0
        self._highest: deque[tuple[int, float]] = deque()

    def passes(self, score: float) -> bool:
        """Whether the score is higher than all that are remembered."""
        highest = self._highest
        while highest and highest[0][0] < self._now - self.steps:
            highest.popleft()
        passes = not highest or score > highest[0][1]
        while highest and highest[-1][1] <= score:
            highest.pop()
        highest.append((self._now, score))
        self._now += 1
        return passes

    def state(self) -> dict[str, Any]:
        """All that is remembered, as JSON: ages in steps."""
        return {
            "steps": self.steps,
            "highest": [[self._now - at, one] for at, one in self._highest],
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Rest:
        """The rest that `state` describes."""
        rest = cls(int(state["steps"]))
        rest._highest = deque((-int(age), float(one)) for age, one in state["highest"])
        return rest
