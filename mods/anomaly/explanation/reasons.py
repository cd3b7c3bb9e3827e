"""Reasons: what the model expected of a feature, why, and how far beyond its band reality is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mods.anomaly.explanation.words import amount, joined, minute, shown
from mods.series.forecast import Forecast

WORDS = {
    "leaving": "what leaves the window",
    "level": "the recent level",
    "rhythm": "the rhythm",
    "panes": "the panes (what leaves, less what usually comes)",
    "known": "the calendar and what is known in advance",
    "network": "what the network adds by itself",
    "bound": "the bound at zero",
}
SMALL = 0.02
DAY = pd.Timedelta("1D")
CYCLES = 28
WIDEST = 95


@dataclass(frozen=True)
class Reason:
    """One feature at one step. Times are window ends in UTC.

    origin:  when the forecast was made that is judged here; bands:  by level, lower and upper
    base:  what the forecast starts from (the value at the origin), and the `parts` it adds
    recent:  median of the day before the origin; usual:  median at this time of the `days` days
    before; NaN where not known
    """

    feature: str
    time: pd.Timestamp
    origin: pd.Timestamp
    actual: float
    forecast: float
    bands: dict[int, tuple[float, float]]
    score: float
    recent: float
    usual: float
    days: int
    base: float | None = None
    parts: dict[str, float] | None = None

    @property
    def beyond(self) -> float:
        """How far the value lies above the widest band, below 0 for below; 0 inside it."""
        lower, upper = self.bands.get(WIDEST, (math.nan, math.nan))
        if self.actual > upper:
            return self.actual - upper
        return self.actual - lower if self.actual < lower else 0.0

    def sentences(self) -> list[str]:
        """What was, what was expected, and what that rested on."""
        if not math.isfinite(self.forecast):
            return [f"{shown(self.feature)}: nothing was forecast for {minute(self.time)}."]
        return [self._compared(), *self._why(), self._before()]

    def hoped(self) -> str:
        """What was expected, with its band."""
        lower, upper = (amount(edge) for edge in self.bands.get(WIDEST, (math.nan, math.nan)))
        return f"expected were {amount(self.forecast)} ({WIDEST} %: {lower} to {upper})"

    def _compared(self) -> str:
        name, at, hoped = shown(self.feature), minute(self.time), self.hoped()
        if not math.isfinite(self.actual):
            return f"{name} has no value at {at}; {hoped}."
        side = "above" if self.beyond > 0 else "below"
        far = f"{amount(abs(self.beyond))} {side} the band" if self.beyond else "inside the band"
        if not self.beyond and self.score >= 1:
            far += f", but hours off the usual add up ({self.score:.2f} thresholds)"
        return f"{name} was {amount(self.actual)} at {at}, {far}; {hoped}."

    def _why(self) -> list[str]:
        """What the forecast is made of, without parts too small to matter."""
        if self.base is None or self.parts is None:
            return []
        least = SMALL * max(abs(self.forecast), abs(self.base), 1e-9)
        told = sorted(self.parts.items(), key=lambda one: -abs(one[1]))
        said = [f"{_signed(x)} {WORDS.get(name, name)}" for name, x in told if abs(x) >= least]
        rest = joined(said) if said else "and nothing much to add"
        return [f"Why: {amount(self.base)} at {minute(self.origin)}, when it was made, {rest}."]

    def _before(self) -> str:
        days = "day" if self.days == 1 else f"{self.days} days"
        usual = f"at this time of the {days} before it was {amount(self.usual)}"
        recent = f"over the day before {amount(self.recent)}"
        known = [text for text, x in ((usual, self.usual), (recent, self.recent)) if x == x]  # noqa: PLR0124 - NaN
        return f"Medians: {joined(known)}." if known else "There is no history before it."

    def record(self) -> dict[str, Any]:
        """The reason as a program reads it."""
        return {
            "feature": self.feature,
            "time": f"{self.time:%Y-%m-%dT%H:%M:%SZ}",
            "origin": f"{self.origin:%Y-%m-%dT%H:%M:%SZ}",
            "actual": self.actual,
            "forecast": self.forecast,
            "bands": {str(level): list(edges) for level, edges in self.bands.items()},
            "beyond": self.beyond,
            "score": self.score,
            "base": self.base,
            "parts": self.parts,
            "usual": self.usual,
            "recent": self.recent,
            "sentences": self.sentences(),
        }


def _signed(value: float) -> str:
    return f"{'plus' if value >= 0 else 'less'} {amount(abs(value))} from"


def reason(
    series: pd.DataFrame,
    forecast: Forecast,
    name: str,
    time: pd.Timestamp,
    *,
    lead: int,
    score: float,
) -> Reason:
    """What was expected of a feature at a step, `lead` steps before; without the parts."""
    origin = time - lead * forecast.step
    column = series[name]
    at = int(forecast.origins.get_indexer(pd.Index([origin]))[0])
    place = (at, lead - 1, forecast.features.index(name))
    bands = {
        level: (float(lower[place]), float(forecast.upper[level][place]))
        for level, lower in forecast.lower.items()
        if at >= 0
    }
    before = [time - number * DAY for number in range(1, CYCLES + 1)]
    there = column.reindex(pd.DatetimeIndex(before)).dropna()
    recent = column.loc[origin - DAY + forecast.step : origin]
    return Reason(
        name,
        time,
        origin,
        actual=float(column.get(time, np.nan)),
        forecast=float(forecast.values[place]) if at >= 0 else math.nan,
        bands=bands,
        score=score,
        recent=float(recent.median()),
        usual=float(there.median()),
        days=len(there),
    )
