"""How severe an event is: 0..100 from its rarity, duration, number of features and kind.

    rarity    20 + 25 for each doubling of score / threshold, 70 at most (a missing stretch: 20)
    duration  4 x log2(1 + hours), 20 at most
    features  5 for each beyond the first, 10 at most
    outage    20 where traffic is gone: how rare that is says little of how much it matters

A tenth of the number is the severity of CEF (0..10), and the words are those of CEF.
"""

from __future__ import annotations

import math

import pandas as pd

LOW, MEDIUM, HIGH, CRITICAL = "low", "medium", "high", "critical"
FROM = ((90, CRITICAL), (70, HIGH), (40, MEDIUM), (0, LOW))
BASE, PER_DOUBLING, MOST_RARE = 20.0, 25.0, 70.0
PER_HOURS, MOST_LONG = 4.0, 20.0
PER_FEATURE, MOST_WIDE = 5.0, 10.0
GONE, MOST = 20.0, 100


def number(score: float, duration: pd.Timedelta, features: int, gone: bool = False) -> int:
    """The severity 0..100; `score` is in thresholds; gone: the event is an outage.

    >>> number(1.0, pd.Timedelta(0), 1), number(4.0, pd.Timedelta("3h"), 3)
    (20, 88)
    >>> number(2.0, pd.Timedelta("2h"), 4, gone=True)
    81
    """
    rare = min(BASE + PER_DOUBLING * max(0.0, math.log2(max(score, 1.0))), MOST_RARE)
    long = min(PER_HOURS * math.log2(1 + duration / pd.Timedelta("1h")), MOST_LONG)
    wide = min(PER_FEATURE * (features - 1), MOST_WIDE)
    return min(round(rare + long + wide + (GONE if gone else 0.0)), MOST)


def word(severity: int) -> str:
    """low, medium (from 40 on), high (70) or critical (90).

    >>> word(39), word(40), word(75), word(90)
    ('low', 'medium', 'high', 'critical')
    """
    return next(name for least, name in FROM if severity >= least)
