"""How many true values really lie below the ends of the intervals, feature by feature.

The intervals are symmetric about the forecast, traffic is not: more of it lies above a burst's
forecast than below a lull's. What is counted on a calm range corrects the levels that the ends of
the intervals are said to be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.special import ndtr, ndtri

from mods.series.forecast import LEVELS, Forecast

PRIOR = 20.0
NOMINAL = tuple(
    sorted([0.5, *((100 - one) / 200 for one in LEVELS), *((100 + one) / 200 for one in LEVELS)])
)
Shares = Mapping[str, Sequence[float]]


def measured(forecast: Forecast, actual: np.ndarray, panes: int) -> dict[str, list[float]]:
    """Per feature the share of values below each nominal quantile, all leads together.

    actual:  (n, leads, features), NaN where nothing came true; panes: slides of one window
    Windows that overlap tell one thing: n origins count as n / panes values, beside 20 that lie
    just where they should.
    """
    bounds = [forecast.lower[one] for one in sorted(LEVELS, reverse=True)]
    bounds += [forecast.values, *(forecast.upper[one] for one in sorted(LEVELS))]
    found = {}
    for place, name in enumerate(forecast.features):
        came = actual[..., place]
        known = np.isfinite(came) & np.isfinite(forecast.values[..., place])
        count = known.sum() / (known.shape[1] * panes)
        below = [float((came < one[..., place])[known].sum()) for one in bounds]
        total = max(1, int(known.sum()))
        found[name] = [
            round((below[at] / total * count + PRIOR * nominal) / (count + PRIOR), 6)
            for at, nominal in enumerate(NOMINAL)
        ]
    return found


def corrected(levels: np.ndarray, told: Sequence[float]) -> np.ndarray:
    """What nominal quantile levels really are; between those counted, as normal deviates go.

    >>> corrected(np.array([0.1, 0.5]), [0.01, 0.07, 0.5, 0.87, 0.96]).round(3).tolist()
    [0.07, 0.5]
    """
    at, known = ndtri(NOMINAL), ndtri(np.asarray(told))
    shift = np.interp(ndtri(levels), at, known - at)
    return np.asarray(ndtr(ndtri(levels) + shift))
