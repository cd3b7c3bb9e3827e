"""Two signed scores per feature, without look-ahead: how sudden and how lasting a departure is.

`surprise` is fast, against the forecast (surprise.py); `level` is slow, against the rhythm
(drift.py). Both are in usual sizes, so that each has its own threshold.
"""

from __future__ import annotations

import pandas as pd

from mods.anomaly import surprise
from mods.anomaly.drift import MEMORY, Drift
from mods.anomaly.residuals import LEAD, residuals
from mods.series.forecast import Forecast

KINDS = ("surprise", "level")
REACH = surprise.SCALE_MEMORY + 16 * MEMORY + LEAD


def signed(series: pd.DataFrame, forecast: Forecast, calm: pd.Series, drift: Drift) -> pd.DataFrame:
    """Columns (feature, kind), one row per step: above 0 for too much, below for too little.

    NaN where nothing can be scored: no value, no forecast yet.

    calm:  the usual size of a residual per feature
    """
    missed = residuals(series, forecast)
    names = list(forecast.features)
    begun = missed.notna().cummax()
    return joined(
        surprise.signed(missed, calm[names]), drift.signed(series[names].astype(float)).where(begun)
    )


def joined(fast: pd.DataFrame, slow: pd.DataFrame) -> pd.DataFrame:
    """Both scores side by side, columns (feature, kind) in the order of the features."""
    table = pd.concat(dict(zip(KINDS, (fast, slow), strict=True)), axis=1).swaplevel(axis=1)
    return table[[(name, kind) for name in fast.columns for kind in KINDS]]
