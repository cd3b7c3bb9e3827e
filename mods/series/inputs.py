"""Which columns of a series are forecast, and which are only inputs."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from mods.series import entities, leaving


def features(series: pd.DataFrame, known: Collection[str] = ()) -> tuple[str, ...]:
    """The columns that are forecast: not those known in advance, nor what leaves windows.

    >>> features(pd.DataFrame(columns=["a", "a leaving 1", "holiday"]), ["holiday"])
    ('a',)
    """
    named = (str(column) for column in series.columns)
    return tuple(one for one in named if one not in known and not leaving.is_one(one))


def of_entities(series: pd.DataFrame, names: Collection[str], known: Collection[str]) -> list[str]:
    """The columns of these entities and the inputs: of a file, whose columns are all there."""
    return [
        column
        for column in map(str, series.columns)
        if column in known or entities.parted(column)[0] in names
    ]


def trimmed(series: pd.DataFrame, known: Collection[str]) -> pd.DataFrame:
    """The series without the steps at its end that only hold what is known in advance."""
    if not known:
        return series
    told = series.loc[:, list(features(series, known))].notna().any(axis=1).to_numpy()
    last = int(np.flatnonzero(told)[-1]) + 1 if told.any() else len(series)
    return series if last == len(series) else series.iloc[:last]
