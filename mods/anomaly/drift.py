"""Level, the slow score: how far and how long a feature lies off what is usual at this time.

Traffic grows and bursts by factors, so that the excess over the rhythm is a ratio, taken as a
logarithm; a feature that can be negative is compared by its difference. In units of its usual size
and clipped (one step says only so much) it is averaged exponentially: what lasts adds up. A
forecast is not asked, since it follows a slow rise and would call it usual within hours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mods.anomaly.residuals import usual_size
from mods.anomaly.rhythm import LEAST_DAYS, Rhythm

CLIP = 9.0
MEMORY = 18
OFFSET = 0.02
SMALLEST = 1e-9
WARM_DAYS = 28


@dataclass(frozen=True, eq=False)
class Drift:
    """What is usual of each feature: rhythm, level (of all times), spread of the excess.

    plain:  features compared by difference, not by ratio
    """

    rhythm: Rhythm
    level: pd.Series
    spread: pd.Series
    plain: tuple[str, ...]

    @classmethod
    def learn(
        cls, history: pd.DataFrame, step: pd.Timedelta, known: Rhythm | None = None
    ) -> tuple[Drift, pd.DataFrame]:
        """What is usual in a history, and the scores of the history itself, to calibrate on.

        These are as they will be: against the rhythm of the days before each step, once enough
        were seen. A history of less than two weeks is compared with its own rhythm, or with the one
        `known` from before, which is kept where it was learnt on more days.
        """
        finite = history.where(np.isfinite(history))
        rhythm = Rhythm.learn(finite, step)
        plain = tuple(str(name) for name in finite if (finite[name] < 0).any())
        level = usual_size(finite)
        first = cls(rhythm, level, level * 0 + 1, plain)
        long = rhythm.days >= 2 * LEAST_DAYS
        if known is not None and not long and known.days > rhythm.days:
            rhythm = known
        usual = (rhythm.unlearnt() if long else rhythm).expected(finite)
        if long and len(usual):
            warm = min(WARM_DAYS, rhythm.days / 2) * pd.Timedelta("1D")
            usual.loc[usual.index < usual.index[0] + warm] = np.nan
        excess = first._excess(finite, usual)
        spread = usual_size(excess).clip(lower=SMALLEST)
        learnt = cls(rhythm, level, spread, plain)
        return learnt, learnt._mean(excess)

    def signed(self, series: pd.DataFrame) -> pd.DataFrame:
        """Above 0 for too much, below for too little, in usual sizes; NaN where unknown."""
        return self._mean(self._excess(series, self.rhythm.expected(series)))

    def _excess(self, series: pd.DataFrame, usual: pd.DataFrame) -> pd.DataFrame:
        level = self.level[series.columns]
        seen, known = (one.clip(lower=0) + OFFSET * level for one in (series, usual))
        plain = np.asarray(series.columns.isin(self.plain))
        excess = pd.DataFrame(
            np.where(plain, series.astype(float) - usual, np.log(seen / known)),
            series.index,
            series.columns,
        )
        return excess.where(np.isfinite(excess))

    def _mean(self, excess: pd.DataFrame) -> pd.DataFrame:
        """Exponential mean that begins at 0; a step without a value counts as 0."""
        relative = (excess / self.spread[excess.columns]).clip(-CLIP, CLIP)
        start = pd.DataFrame(0.0, [-1], relative.columns)
        steps = relative.fillna(0.0).set_axis(range(len(relative)))
        mean = pd.concat([start, steps]).ewm(span=MEMORY, adjust=False).mean()
        return mean.iloc[1:].set_axis(relative.index).where(relative.notna())

    def alike(self, name: str, others: Mapping[str, float]) -> Drift:
        """The same with one feature more, like `others`, and so many times as large as each."""
        known = [other for other in others if other in self.level.index]
        level = float(np.median([self.level[other] * others[other] for other in known]))
        spread = float(self.spread[known].median())
        plain = (name,) if all(other in self.plain for other in known) else ()
        return Drift(
            self.rhythm.with_unknown(name),
            pd.concat([self.level, pd.Series({name: level})]),
            pd.concat([self.spread, pd.Series({name: spread})]),
            (*self.plain, *plain),
        )

    def state(self) -> dict[str, Any]:
        """All that was learnt, as JSON."""
        numbers = {
            kind: {str(name): float(value) for name, value in one.items()}
            for kind, one in (("level", self.level), ("spread", self.spread))
        }
        return {**numbers, "plain": list(self.plain), "rhythm": self.rhythm.state()}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Drift:
        """What `state` describes."""
        level, spread = (
            pd.Series({str(name): float(value) for name, value in state[kind].items()})
            for kind in ("level", "spread")
        )
        return cls(Rhythm.from_state(state["rhythm"]), level, spread, tuple(state["plain"]))
