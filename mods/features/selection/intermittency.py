"""How sparse a feature is: share of zeros, interval between what is not, and its variation.

A. A. Syntetos, J. E. Boylan, J. D. Croston, On the categorization of demand patterns, Journal of
the Operational Research Society 56 (2005).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

ADI, CV2 = 1.32, 0.49
KINDS = {
    (False, False): "smooth",
    (False, True): "erratic",
    (True, False): "intermittent",
    (True, True): "lumpy",
}
LONGER = (2, 3, 4, 6, 8, 12, 24, 48, 168)
MOSTLY = 0.9


@dataclass(frozen=True)
class Intermittency:
    """`zeros` is the share of known windows that are 0, `adi` the windows per window that is not.

    `cv2` is the squared coefficient of variation of what is not zero. `kind` is smooth, erratic,
    intermittent or lumpy; "" for a column with negative values, which counts nothing.
    """

    zeros: float
    adi: float | None
    cv2: float | None
    kind: str

    @property
    def sparse(self) -> bool:
        """Whether zeros interrupt it: intermittent or lumpy."""
        return self.kind in ("intermittent", "lumpy")


def measure(values: np.ndarray) -> Intermittency:
    """The intermittency of a column; gaps are neither zeros nor demands.

    >>> measure(np.array([0.0, 4.0, 0.0, 4.0, np.nan]))
    Intermittency(zeros=0.5, adi=2.0, cv2=0.0, kind='intermittent')
    """
    known = values[~np.isnan(values)]
    some = known[known != 0]
    if not some.size:
        return Intermittency(1.0 if known.size else 0.0, None, None, "")
    adi = known.size / some.size
    zeros = 1 - some.size / known.size
    if (known < 0).any():
        return Intermittency(zeros, adi, None, "")
    cv2 = float((some.std() / some.mean()) ** 2)
    return Intermittency(zeros, adi, cv2, KINDS[adi >= ADI, cv2 >= CV2])


def longer(values: np.ndarray, panes: int) -> int | None:
    """How many times longer a window must be to hold something nine times of ten.

    panes:  slides of one window. None where the longest tried (168 windows) is not enough.
    """
    some = pd.Series(np.where(np.isnan(values), np.nan, values != 0))
    for times in LONGER:
        span = (times - 1) * panes + 1
        filled = some.rolling(span).max() if span <= len(some) // 2 else None
        if filled is not None and filled.mean() >= MOSTLY:
            return times
    return None
