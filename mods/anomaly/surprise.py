"""Surprise, the fast score: how far a step is from its forecast, in residuals usual there.

A burst or an outage is seen at once, in what the forecast knows well to the last detail.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

SCALE_MEMORY = 1008
SCALE_LEAST = 72
SCALE_FLOOR = 0.1
HIGHEST = 1e6


def local_scale(missed: pd.DataFrame, calm: pd.Series) -> pd.DataFrame:
    """The usual size of a residual at each step, halfway (geometrically) to the week before it.

    Wholly the local one, a loud week would hide the bursts of the next; wholly the calm one, a
    drift in the spread would alarm for ever. It is the calm one until half a day was seen; the
    local one counts as a tenth of the calm one at least.
    """
    before = missed.abs().shift(1)
    local = before.rolling(SCALE_MEMORY, min_periods=SCALE_LEAST).median()
    return (local.fillna(calm).clip(lower=calm * SCALE_FLOOR, axis=1) * calm) ** 0.5


def signed(missed: pd.DataFrame, calm: pd.Series) -> pd.DataFrame:
    """Residuals in usual ones: above 0 for too much, below for too little, NaN where unknown."""
    return (missed / local_scale(missed, calm)).clip(-HIGHEST, HIGHEST).where(np.isfinite(missed))
