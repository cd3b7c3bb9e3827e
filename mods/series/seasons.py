"""The one period that a series as a whole repeats with, as baselines use it."""

from __future__ import annotations

import pandas as pd

from mods.series import contract, rhythm


def season(series: pd.DataFrame) -> int | None:
    """The shortest strong period of the series in steps; None where nothing repeats."""
    changes = series.diff().to_numpy(float)[1:]
    changes = changes[:, ~pd.isna(changes).all(axis=0)]
    if len(changes) < 2 or not changes.shape[1]:
        return None
    return next(iter(rhythm.periods(changes, contract.window(series).panes)), None)
