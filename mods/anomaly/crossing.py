"""How likely a forecast will go beyond a limit, and when: from its own calibrated intervals.

The ends of the intervals, and the quantiles that were asked for, are points of the distribution at
each lead, at the levels that were counted for them (`shares`). Between them it is taken as normal
piece by piece; beyond the outermost one it goes on as an exponential tail, as steep as from the
last but one to the last: heavier than a normal tail, since traffic bursts.

Leads of one window's length share records and cross together: they count as one chance, that of
the likeliest. Windows that share no record count as chances of their own. So the probability of a
crossing within the horizon lies between that of its likeliest lead and the sum of all. Levels that
are rare in themselves (learnt limits) are one chance at all leads: near them it is the width of the
intervals that tells, and that is the same doubt again at every lead.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from mods.anomaly.shares import Shares, corrected
from mods.limit import Limit
from mods.series.forecast import Forecast, iso

HALF = 0.5


@dataclass(frozen=True)
class Crossing:
    """A limit that will be crossed after `origin` with this probability, by the forecast.

    lead:  the first one by which the probability is what was asked for; time: when that is
    now:  whether the value at the origin is beyond the limit already
    """

    origin: pd.Timestamp
    limit: Limit
    probability: float
    lead: int
    time: pd.Timestamp
    now: bool

    def record(self) -> dict[str, Any]:
        """The crossing as JSON."""
        return {
            "origin": iso(pd.DatetimeIndex([self.origin]))[0],
            "feature": self.limit.feature,
            "direction": "above" if self.limit.upper else "below",
            "limit": self.limit.level,
            "probability": round(self.probability, 4),
            "lead": self.lead,
            "time": iso(pd.DatetimeIndex([self.time]))[0],
            "minutes": round((self.time - self.origin).total_seconds() / 60, 2),
            "now": self.now,
        }


def crossings(
    forecast: Forecast,
    series: pd.DataFrame,
    limits: Iterable[Limit],
    *,
    panes: int,
    shares: Shares | None = None,
    probability: float = HALF,
) -> list[Crossing]:
    """The limits that the forecasts cross with this probability or more, the surest first.

    series: holds the values at the origins; panes: slides of one window; shares: how many values
    lie below the ends of the intervals, by feature (`shares.measured`)
    """
    found = []
    for limit in limits:
        chances = by_lead(forecast, limit, panes, (shares or {}).get(limit.feature))
        there = beyond(series[limit.feature].reindex(forecast.origins).to_numpy(float), limit)
        for at in np.flatnonzero(chances[:, -1] >= probability):
            lead = int((chances[at] >= probability).argmax()) + 1
            origin, chance = pd.Timestamp(forecast.origins[int(at)]), float(chances[at, -1])
            time = origin + lead * forecast.step
            found.append(Crossing(origin, limit, chance, lead, time, bool(there[at])))
    return ranked(found)


def ranked(found: Iterable[Crossing]) -> list[Crossing]:
    """Crossings by their origin, the surest of each first."""
    return sorted(found, key=lambda one: (one.origin, -one.probability, one.lead))


def beyond(values: np.ndarray, limit: Limit) -> np.ndarray:
    """Whether each value is at the limit or on its wrong side; what is not known is not."""
    return values >= limit.level if limit.upper else values <= limit.level


def alone(forecast: Forecast, panes: int, *, rare: bool) -> int:
    """How many leads count as one chance: those of a window's length, of a rare level all."""
    return len(forecast.leads) if rare else panes


def by_lead(
    forecast: Forecast, limit: Limit, panes: int, told: Sequence[float] | None = None
) -> np.ndarray:
    """Probability (n, leads) that the limit is crossed at this lead or before; 0 if unknown."""
    single = at_lead(forecast, limit, told)
    chances, kept = np.empty_like(single), np.ones(len(single))
    for begin in range(0, single.shape[1], panes):
        highest = np.maximum.accumulate(single[:, begin : begin + panes], axis=1)
        chances[:, begin : begin + panes] = 1 - kept[:, None] * (1 - highest)
        kept = kept * (1 - highest[:, -1])
    return chances


def at_lead(forecast: Forecast, limit: Limit, told: Sequence[float] | None = None) -> np.ndarray:
    """Probability (n, leads) that the value at this very lead is beyond the limit; 0 if unknown."""
    levels, values = _points(forecast, forecast.features.index(limit.feature))
    levels = levels if told is None else corrected(levels, told)
    below = _below(values, levels, limit.level)
    return np.asarray(np.nan_to_num(1 - below if limit.upper else below))


def _points(forecast: Forecast, place: int) -> tuple[np.ndarray, np.ndarray]:
    """What is known of the distributions: levels (m,) and their values (m, n, leads), rising."""
    known = {HALF: forecast.values}
    for level in forecast.lower:
        known[(100 - level) / 200] = forecast.lower[level]
        known[(100 + level) / 200] = forecast.upper[level]
    known |= forecast.quantiles
    levels = np.array(sorted(known))
    values = np.stack([known[level][..., place] for level in levels.tolist()])
    return levels, np.maximum.accumulate(values, axis=0)


def _below(values: np.ndarray, levels: np.ndarray, level: float) -> np.ndarray:
    """The share of each distribution that lies below a level, from its quantiles (m, n, leads)."""
    count = (values <= level).sum(axis=0)
    right = np.clip(count, 1, len(levels) - 1)
    low, high = (np.take_along_axis(values, at[None], axis=0)[0] for at in (right - 1, right))
    deviates = ndtri(levels)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (level - low) / (high - low)
        inside = ndtr(deviates[right - 1] + share * (deviates[right] - deviates[right - 1]))
        under = levels[0] * _left(values[0] - level, values[1] - values[0], levels[1] / levels[0])
        rarer = (1 - levels[-2]) / (1 - levels[-1])
        over = (1 - levels[-1]) * _left(level - values[-1], values[-1] - values[-2], rarer)
    found = np.where(count == 0, under, np.where(count == len(levels), 1 - over, inside))
    return np.where(np.isfinite(values).all(axis=0), found, np.nan)


def _left(distance: np.ndarray, width: np.ndarray, ratio: float) -> np.ndarray:
    """What is left of an exponential tail that fell to 1 / ratio over `width`, so far behind it."""
    falls = np.log(ratio) / np.where(width > 0, width, np.nan)
    left = np.exp(-np.maximum(distance, 0.0) * falls)
    return np.where(distance > 0, np.nan_to_num(left), 1.0)
