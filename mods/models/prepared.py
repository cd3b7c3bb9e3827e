"""Prepared: a series made ready, from which the network's inputs are gathered batch by batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mods.series import samples
from mods.series.transforms import Transform

Watch = Callable[[int, float], None]


@dataclass(frozen=True)
class Sizes:
    """The widths of what the network gets and gives."""

    channels: int
    facts: int
    bases: int


@dataclass(frozen=True, eq=False)
class Prepared:
    """A series made ready; arrays are laid out feature first, so that a row is one slice.

    `past` has sequence_len - 1 quiet steps in front; `departing` and `coming` are running sums,
    from which the sum over any stretch is one difference.
    """

    scaled: np.ndarray
    past: np.ndarray
    facts: np.ndarray
    departing: np.ndarray
    coming: np.ndarray
    level: np.ndarray
    transform: Transform
    sequence_len: int
    steps_ahead: int

    @property
    def steps(self) -> int:
        """Steps of the series."""
        return int(self.scaled.shape[1])

    @property
    def sizes(self) -> Sizes:
        """What the network has to be built for."""
        bases = self.departing.shape[2] + self.coming.shape[2] + self.level.shape[2]
        return Sizes(self.past.shape[2], self.facts.shape[2], bases)

    def rows(self, at: np.ndarray) -> np.ndarray:
        """The rows of every feature at these steps, int32, feature by feature."""
        features = len(self.scaled)
        return np.asarray((np.arange(features)[:, None] * self.steps + at).ravel(), np.int32)

    def whole(self, begin: int = 0, end: int | None = None) -> np.ndarray:
        """The rows of all samples without a gap that lie wholly in steps begin..end."""
        known = np.isfinite(self.scaled[:, begin:end])
        found = [samples.origins(one, self.sequence_len, self.steps_ahead) for one in known]
        parts = [at + begin + number * self.steps for number, at in enumerate(found)]
        return np.concatenate(parts).astype(np.int32)

    def changes(self, rows: np.ndarray) -> np.ndarray:
        """(n, leads): what came after each row less its last value, in units of the scale."""
        feature, step = np.divmod(rows, self.steps)
        leads = np.arange(1, self.steps_ahead + 1)
        future = self.scaled[feature[:, None], step[:, None] + leads]
        return np.asarray(future - self.scaled[feature, step][:, None], dtype=np.float32)

    def paths(self, rows: np.ndarray) -> np.ndarray:
        """(n, leads): what the network should have answered."""
        if self.transform.delta:
            return self.changes(rows)
        feature, step = np.divmod(rows, self.steps)
        centre = self.transform.apply(np.asarray(self.transform.centre))
        last = self.scaled[feature, step] - centre[feature]
        return np.asarray(self.changes(rows) + last[:, None], dtype=np.float32)

    def inputs(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What the network gets for these rows: past, facts and bases, float32."""
        feature, step = np.divmod(rows, self.steps)
        begin = feature * self.past.shape[1] + step + self.sequence_len - 1
        past = samples.past(self.past.reshape(-1, self.past.shape[2]), begin, self.sequence_len)
        return past, self.facts[feature, step], self._bases(feature, step)

    def _bases(self, feature: np.ndarray, step: np.ndarray) -> np.ndarray:
        """(n, leads, bases) in units of the scale."""
        leads = np.arange(1, self.steps_ahead + 1)
        inside = np.minimum(leads, self.transform.panes)
        row, t = feature[:, None], step[:, None]
        left = self.departing[row, t + inside] - self.departing[row, t]
        level = np.broadcast_to(self.level[row, t], (len(step), len(leads), self.level.shape[2]))
        parts = [-left, level]
        for number, period in enumerate(self.transform.periods):
            cycles, rest = np.divmod(leads, period)
            sums = self.coming[:, :, number]
            now = sums[row, t]
            whole = (sums[row, t + min(period, self.steps_ahead)] - now) * cycles
            parts.append((sums[row, t + rest] - now + whole)[:, :, None])
        return np.concatenate(parts, axis=2, dtype=np.float32)
