"""One feature under watch: its rhythm, its usual spread, and how rare what it does is.

Every score is a rarity, -log10 of a tail probability over the feature's own past:

fast   surprise: the residual against the rhythm, in the spread usual at this time; jump: what the
       residuals six steps and more before did not announce; novelty: a value outside the range of
       the past
slow   level: the mean residual over 72 steps. Such means move together, so that there are few
       independent ones: it must be rarer by LEVEL_MARGIN

The rhythm is a regression on the time alone. Regressed on its last values, a forecast would follow
the anomaly and lose it.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from mods.anomaly.online.novelty import Range, Rest
from mods.anomaly.online.regression import Regression
from mods.anomaly.tail import RAREST, Tail

DAY = 86_400.0
HARMONICS = 3
INPUTS = 2 + 2 * HARMONICS
RHYTHM_FORGETTING, JUMP_FORGETTING = 0.9998, 0.999
MEMORY = 5_000
BEND = 10.0
SPREAD_CLIP, SPREAD_LEAST, SPREAD_FLOOR = 5.0, 0.25, 1e-6
JUMP_CLIP, JUMP_LAGS, JUMP_AHEAD, JUMP_DOUBT = 8.0, 6, 6, 10.0
LEVEL_SPAN, LEVEL_MARGIN = 72, 2.5
NOVEL, NOVEL_STEEP = 2.3, 60.0
AGE, AGE_SHARE = 750.0, 0.5
HELD_SHARE, HELD_MOST = 0.7, 2.2
FARTHEST = 1e9
KINDS = ("surprise", "jump", "level", "novelty")
LEVEL = KINDS[2]


class Opinion(NamedTuple):
    """What a feature's watcher says of one value.

    rarity:  of the highest score, 0 while it rests
    held:  what is shown while it rests: the rarity of the level, below that of an alarm
    kind:  whose the highest is
    """

    rarity: float
    held: float
    kind: str


SILENT = Opinion(0.0, 0.0, "")


class Outlook(NamedTuple):
    """What a value is expected to be, and between which bounds, per level in percent."""

    value: float
    bands: dict[int, tuple[float, float]]


class Watcher:
    """Learns one feature as it goes. The first `probation` values are kept, and score 0.

    After a score it rests for `rest` values: only a higher one passes.
    """

    def __init__(self, probation: int, rest: int) -> None:
        self.probation = probation
        self._early: list[tuple[float, float]] = []
        self._centre = self._scale = 0.0
        self._rhythm = Regression(INPUTS, 2, RHYTHM_FORGETTING)
        self._jump = Regression(JUMP_LAGS, 1, JUMP_FORGETTING, JUMP_DOUBT)
        self._lags: deque[float] = deque([0.0] * (JUMP_AHEAD + JUMP_LAGS - 1))
        self._seen, self._usual = 0, 0.0
        self._level = 0.0
        self._tails = {name: Tail() for name in KINDS[:3]}
        self._range = Range()
        self._rest = Rest(rest)

    @property
    def warm(self) -> bool:
        """Whether probation is over."""
        return self._scale > 0

    def update(self, moment: float, value: float) -> Opinion:
        """The opinion on a value at `moment` (seconds since the epoch), then learn from it."""
        if self.warm:
            return self._judge(moment, value)
        self._early.append((moment, value))
        if len(self._early) >= self.probation:
            self._begin()
        return SILENT

    def outlook(self, moment: float, levels: Iterable[int]) -> Outlook | None:
        """What is expected at `moment`, before its value is known; None before probation is over.

        The rhythm, and the bounds that surprises of the past kept to so often.
        """
        if not self.warm:
            return None
        expected, usual = map(float, self._rhythm.predict(_clock(moment)))
        spread, tail = self._spread(usual), self._tails["surprise"]
        sizes = {level: spread * tail.level(1 - level / 100) for level in levels}
        bands = {
            k: (self._unbent(expected - x), self._unbent(expected + x)) for k, x in sizes.items()
        }
        return Outlook(self._unbent(expected), bands)

    def _unbent(self, bent: float) -> float:
        """A value as it came, from what the rhythm is learnt of."""
        return self._centre + self._scale * BEND * math.sinh(min(max(bent / BEND, -20.0), 20.0))

    def _begin(self) -> None:
        """Probation is over: learn its values in their order."""
        values = np.array([value for _, value in self._early])
        largest = float(np.abs(values).max()) or 1.0
        self._centre = float((values / largest).mean()) * largest
        spread = float((values / largest).std())
        self._scale = spread * largest if spread > 1e-9 else largest
        early, self._early = self._early, []
        for moment, value in early:
            self._judge(moment, value)
        self._rest = Rest(self._rest.steps)

    def _judge(self, moment: float, value: float) -> Opinion:
        z = min(max((value - self._centre) / self._scale, -FARTHEST), FARTHEST)
        residual = self._residual(moment, BEND * math.asinh(z / BEND))
        self._level += 2 / (LEVEL_SPAN + 1) * (residual - self._level)
        level = self._rarity("level", self._level)
        aged = AGE_SHARE * math.log10(self._seen / AGE)
        outside = self._range.excess(z)
        scores = (
            self._rarity("surprise", residual) - aged,
            self._rarity("jump", self._unannounced(residual)) - aged,
            level - LEVEL_MARGIN - aged,
            min(NOVEL + NOVEL_STEEP * outside, RAREST) if outside > 0 else 0.0,
        )
        highest = max(*scores, 0.0)
        held = min(HELD_SHARE * level, HELD_MOST)
        if not self._rest.passes(highest) or not highest:
            return Opinion(0.0, held, LEVEL)
        return Opinion(highest, held, KINDS[scores.index(highest)])

    def _residual(self, moment: float, value: float) -> float:
        """Value minus rhythm in the spread usual at this time; both then learn from it."""
        x = _clock(moment)
        expected, usual = self._rhythm.predict(x)
        missed = value - expected
        self._seen += 1
        self._usual += (abs(missed) - self._usual) / min(self._seen, MEMORY)
        spread = self._spread(usual)
        clipped = min(abs(missed), SPREAD_CLIP * spread)
        self._rhythm.learn(x, np.array([missed, clipped - usual]))
        return missed / spread

    def _spread(self, usual: float) -> float:
        """Halfway between what is usual at this time and at any: few days tell little of it."""
        seasonal = max(usual, SPREAD_LEAST * self._usual)
        return max(math.sqrt(seasonal * self._usual), SPREAD_FLOOR)

    def _unannounced(self, residual: float) -> float:
        """The residual less what those six steps and more before say of it."""
        clipped = min(max(residual, -JUMP_CLIP), JUMP_CLIP)
        x = np.array([self._lags[place] for place in range(JUMP_LAGS)])
        missed = clipped - self._jump.predict(x)[0]
        self._jump.learn(x, np.array([missed]))
        self._lags.popleft()
        self._lags.append(clipped)
        return missed

    def _rarity(self, name: str, size: float) -> float:
        tail = self._tails[name]
        rarity = tail.rarity(abs(size))
        tail.learn(abs(size))
        return rarity

    def state(self) -> dict[str, Any]:
        """All that was learnt, as JSON."""
        return {
            "probation": self.probation,
            "early": [list(one) for one in self._early],
            "numbers": [self._centre, self._scale, self._usual, self._level],
            "seen": self._seen,
            "rhythm": self._rhythm.state(),
            "jump": self._jump.state(),
            "lags": list(self._lags),
            "tails": {name: tail.state() for name, tail in self._tails.items()},
            "range": self._range.state(),
            "rest": self._rest.state(),
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Watcher:
        """The watcher that `state` describes."""
        watcher = cls(int(state["probation"]), int(state["rest"]["steps"]))
        watcher._early = [(float(moment), float(value)) for moment, value in state["early"]]
        numbers = (float(one) for one in state["numbers"])
        watcher._centre, watcher._scale, watcher._usual, watcher._level = numbers
        watcher._seen = int(state["seen"])
        watcher._rhythm.resume(state["rhythm"])
        watcher._jump.resume(state["jump"])
        watcher._lags = deque(float(one) for one in state["lags"])
        watcher._tails = {name: Tail.from_state(state["tails"][name]) for name in watcher._tails}
        watcher._range.resume(state["range"])
        watcher._rest = Rest.from_state(state["rest"])
        return watcher


def _clock(moment: float) -> np.ndarray:
    """What the regression of the rhythm takes: 1, harmonics of the time of day, weekend (UTC)."""
    days, second = divmod(moment, DAY)
    angle = 2 * math.pi * second / DAY
    x = [1.0]
    for harmonic in range(1, HARMONICS + 1):
        x += [math.sin(harmonic * angle), math.cos(harmonic * angle)]
    # the epoch began on a Thursday
    x.append(1.0 if (days + 3) % 7 >= 5 else 0.0)
    return np.array(x)
