"""One alarm budget shared by several scores, so that all together keep it."""

from __future__ import annotations

import pandas as pd

from mods.anomaly import threshold

ROUNDS = 8
MOST = 7.0


def share(sizes: pd.DataFrame, alarms_per_week: float, step: pd.Timedelta) -> pd.Series:
    """A threshold per column such that their merged alarms keep the budget.

    Every column gets the same rate of alarms of its own: a score with a heavy tail then raises its
    own threshold and nobody else's. Columns alarm together in part (an outage hits all), so that
    rate is more than the budget divided by the columns; by how much is measured at a budget that
    lets the range hold about ten alarms (7 a week at most), less one alarm, which keeps a short
    range from finding columns alike by chance. NaN was not observed.
    """
    weeks = sizes.notna().any(axis=1).sum() * step / threshold.WEEK
    tried = max(alarms_per_week, min(threshold.ENOUGH / weeks, MOST))
    rest = threshold.rest_steps(step)
    exact = tried == alarms_per_week
    allowed = weeks * (tried if exact else _rested(tried, rest * step)) - (0 if exact else 1)

    def merged(rate: float) -> int:
        ratios = (sizes / _limits(sizes, rate, step)).max(axis=1).fillna(0.0).to_numpy()
        return len(threshold.alarms(ratios, 1.0, rest))

    low, high = tried / sizes.shape[1], tried
    for _ in range(ROUNDS):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if merged(middle) <= allowed else (low, middle)
    return _limits(sizes, low * alarms_per_week / tried, step)


def _rested(rate: float, rest: pd.Timedelta) -> float:
    """Alarms counted where `rate` a week would be raised without the rest, at random times.

    A frequent alarm falls into the rest of another; that is no sign that columns alarm together.
    """
    return rate / (1 + rate * (rest / threshold.WEEK))


def _limits(sizes: pd.DataFrame, rate: float, step: pd.Timedelta) -> pd.Series:
    learnt = [threshold.learn(sizes[column].to_numpy(float), rate, step) for column in sizes]
    return pd.Series(learnt, sizes.columns)
