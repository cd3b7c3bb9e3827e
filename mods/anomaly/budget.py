"""One alarm budget shared by several scores, so that all together keep it."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from mods.anomaly import rest, threshold

ROUNDS = 8
MOST = 7.0
OWN = 0.4
ALONE: Mapping[str, float] = {}


def share(
    sizes: pd.DataFrame,
    alarms_per_week: float,
    step: pd.Timedelta,
    relative: Mapping[str, float] = ALONE,
) -> pd.Series:
    """A threshold per column such that their merged alarms keep the budget.

    Columns are (feature, kind). Every score rests by itself (rest.py).

    relative:  by kind, the rate of alarms its scores get in terms of that of others

    Every column gets the same rate of alarms of its own: a score with a heavy tail then raises its
    own threshold and nobody else's. Columns alarm together in part (an outage hits all), so that
    rate is more than the budget divided by the columns; by how much is measured at a budget that
    lets the range hold about ten alarms (7 a week at most), less one alarm, which keeps a short
    range from finding columns alike by chance. NaN was not observed.
    """
    memory = rest.steps(step)
    weeks = sizes.notna().any(axis=1).sum() * step / threshold.WEEK
    tried = max(alarms_per_week, min(threshold.ENOUGH / weeks, MOST))
    quiet = threshold.rest_steps(step)
    exact = tried == alarms_per_week
    allowed = weeks * (tried if exact else _rested(tried, quiet * step)) - (0 if exact else 1)

    def merged(rate: float) -> int:
        ratios = (sizes / _limits(sizes, rate, step, relative)).fillna(0.0)
        return len(threshold.alarms(rest.alarming(ratios, memory), True, quiet))

    low, high = tried / sizes.shape[1], tried
    for _ in range(ROUNDS):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if merged(middle) <= allowed else (low, middle)
    return _limits(sizes, low * alarms_per_week / tried, step, relative)


def _rested(rate: float, rest: pd.Timedelta) -> float:
    """Alarms counted where `rate` a week would be raised without the rest, at random times.

    A frequent alarm falls into the rest of another; that is no sign that columns alarm together.
    """
    return rate / (1 + rate * (rest / threshold.WEEK))


def _limits(
    sizes: pd.DataFrame, rate: float, step: pd.Timedelta, relative: Mapping[str, float]
) -> pd.Series:
    """What each column reaches at this rate, drawn toward what its kind reaches as a rule.

    Sizes are in usual ones, so that thresholds of a kind should be alike. What sets them apart is
    partly the last months' own events: a feature that had more of them must not be deaf for that.
    A column that never moved keeps its own.
    """
    kinds = pd.Series(sizes.columns.get_level_values(-1), sizes.columns)
    rates = [rate * relative.get(str(kind), 1.0) for kind in kinds]
    learnt = [
        threshold.learn(sizes[column].to_numpy(float), own, step)
        for column, own in zip(sizes, rates, strict=True)
    ]
    own = pd.Series(learnt, sizes.columns)
    moved = sizes.max() > 0
    rule = own[moved].map(math.log).groupby(kinds[moved]).mean().map(math.exp)
    drawn = own**OWN * kinds.map(rule).fillna(1.0) ** (1 - OWN)
    return own.where(~moved, drawn)
