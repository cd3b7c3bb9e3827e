"""Prepared: a series made ready, from which the network's inputs are gathered batch by batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mods.models import gathering
from mods.models.gathering import Layout
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
    """A series made ready; arrays are float32, laid out feature first: (features, steps, width).

    scaled: the values in units of the scale, float64 (features, steps), gaps NaN; `past` has
    sequence_len - 1 quiet steps in front, `departing` as many as a window has panes; `coming`
    goes on steps_ahead further. `guesses` are bases, (features, steps, steps_ahead, n). What is
    `known` in advance, (steps + steps_ahead, width), is the same for all features; its first `own`
    columns are a user's; `told` says where all of it is known.
    """

    scaled: np.ndarray
    past: np.ndarray
    facts: np.ndarray
    departing: np.ndarray
    coming: np.ndarray
    level: np.ndarray
    guesses: np.ndarray
    known: np.ndarray
    own: int
    told: np.ndarray
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
        bases += self.guesses.shape[3] + self.known.shape[1] + self.own
        facts = self.facts.shape[2] + self.known.shape[1] + self.own * self.steps_ahead
        return Sizes(self.past.shape[2], facts, bases)

    @cached_property
    def layout(self) -> Layout:
        """What gathering has to know beside the tables."""
        return Layout(
            steps=self.steps,
            sequence_len=self.sequence_len,
            steps_ahead=self.steps_ahead,
            panes=self.transform.panes,
            periods=self.transform.periods,
            delta=self.transform.delta,
            guesses=self.guesses.shape[3],
            known=self.known.shape[1],
            own=self.own,
        )

    @cached_property
    def tables(self) -> dict[str, np.ndarray]:
        """What inputs are gathered from: flat views of the arrays."""
        names = ("past", "facts", "departing", "coming", "level")
        arrays = {name: getattr(self, name) for name in names}
        flat = {name: _flat(array) for name, array in arrays.items()}
        if self.layout.guesses:
            flat["guesses"] = self.guesses.reshape(self.guesses.shape[0] * self.steps, -1)
        if self.layout.known:
            flat["known"] = self.known
        return flat

    def wanted(self) -> dict[str, np.ndarray]:
        """What targets are gathered from: change by change, and how high each step lies."""
        change = np.diff(self.scaled, axis=1, prepend=np.nan)
        ahead = np.full((len(change), self.steps_ahead), np.nan)
        height = self.scaled - self.transform.apply(np.asarray(self.transform.centre))[:, None]
        tables = {"change": np.concatenate([change, ahead], axis=1), "height": height}
        return {name: _column(array) for name, array in tables.items()}

    def rows(self, at: np.ndarray) -> np.ndarray:
        """The rows of every feature at these steps, int32, feature by feature."""
        features = len(self.scaled)
        return np.asarray((np.arange(features)[:, None] * self.steps + at).ravel(), np.int32)

    def whole(self, begin: int = 0, end: int | None = None) -> np.ndarray:
        """The rows of all samples without a gap that lie wholly in steps begin..end."""
        known = np.isfinite(self.scaled[:, begin:end])
        found = [samples.origins(one, self.sequence_len, self.steps_ahead) + begin for one in known]
        untold = np.concatenate([[0], np.cumsum(~self.told)])
        reach = self.steps_ahead + 1
        parts = [
            at[untold[at + reach] == untold[at]] + number * self.steps
            for number, at in enumerate(found)
        ]
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
        return gathering.inputs(self.tables, rows, self.layout)


def _flat(array: np.ndarray) -> np.ndarray:
    features, length, width = array.shape
    return array.reshape(features * length, width)


def _column(array: np.ndarray) -> np.ndarray:
    return array.astype(np.float32).reshape(-1, 1)
