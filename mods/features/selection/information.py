"""Mutual information: what a feature's present tells about the next window, in bits.

The next window is one length ahead, so that the two share no pane. Estimated from nearest
neighbours (A. Kraskov, H. Stögbauer, P. Grassberger, Physical Review E 69, 2004) by scikit-learn;
the same estimate on shuffled values says what chance alone would give.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mods.features.selection import sample

LEAST = 30
MOST = 600
SHUFFLES = 8
SURE = 3.0


@dataclass(frozen=True)
class Information:
    """`bits` are above what shuffled values give (0 at least); `chance` is the bits they scatter.

    `known` tells whether the bits are more than three times that scatter.
    """

    bits: float
    chance: float

    @property
    def known(self) -> bool:
        """Whether the feature tells something for sure."""
        return self.bits > SURE * self.chance

    @property
    def share(self) -> float:
        """The bits as the squared correlation that would tell as much: 0 to 1 (Linfoot 1957)."""
        return float(1 - 4.0**-self.bits) if self.known else 0.0


def measure(values: np.ndarray, panes: int, seed: int = 0) -> Information | None:
    """What a column tells about its own next window; None where too few pairs are known."""
    return _between(values, values, panes, seed)


def across(series: pd.DataFrame, names: Sequence[str], panes: int) -> pd.DataFrame:
    """Bits that the row's present tells about the column's next window; 0 where not beyond chance.

    NaN where too few pairs are known.
    """
    table = pd.DataFrame(np.nan, list(names), list(names))
    for past in names:
        for future in names:
            found = _between(series[past].to_numpy(), series[future].to_numpy(), panes, 0)
            if found is not None:
                table.loc[past, future] = found.bits if found.known else 0.0
    return table


def _between(past: np.ndarray, future: np.ndarray, panes: int, seed: int) -> Information | None:
    """Estimated from at most 600 pairs, which share no pane with each other."""
    from sklearn.feature_selection import mutual_info_regression

    rng = np.random.default_rng(seed)
    past, future = sample.tamed(past), sample.tamed(future)
    pairs = sample.apart(np.column_stack([past[:-panes], future[panes:]]), panes)
    pairs = pairs[~np.isnan(pairs).any(axis=1)]
    if len(pairs) < LEAST:
        return None
    if len(pairs) > MOST:
        pairs = pairs[np.sort(rng.choice(len(pairs), MOST, replace=False))]
    now, then = pairs.T
    shuffled = [rng.permutation(now) for _ in range(SHUFFLES)]
    told = mutual_info_regression(np.column_stack([now, *shuffled]), then, random_state=seed)
    told = told / np.log(2)
    bits = max(0.0, float(told[0] - told[1:].mean()))
    return Information(bits, max(0.01, float(told[1:].std(ddof=1))))
