"""Columns that go beside the features of a series: what leaves each window within k slides.

A column `conn_in leaving 2` says how much of `conn_in` will be gone two slides later, known at the
step itself from the panes of a datapool. It is an input, never forecast.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

NAMED = re.compile(r"(.+) leaving ([1-9]\d{0,5})", re.DOTALL)


def name(feature: str, slides: int) -> str:
    """The column of what leaves a feature's window within so many slides.

    >>> name("conn_in", 2)
    'conn_in leaving 2'
    """
    return f"{feature} leaving {slides}"


def is_one(column: object) -> bool:
    """Whether a column is one of these, and no feature.

    >>> is_one("conn_in leaving 2"), is_one("conn_in")
    (True, False)
    """
    return NAMED.fullmatch(str(column)) is not None


def features(series: pd.DataFrame) -> pd.DataFrame:
    """The series without these columns."""
    kept = [not is_one(column) for column in series.columns]
    return series if all(kept) else series.loc[:, kept]


def columns(series: pd.DataFrame, wanted: tuple[str, ...]) -> list[str]:
    """The columns of what leaves that the series has for these features."""
    found = (NAMED.fullmatch(str(column)) for column in series.columns)
    return [match[0] for match in found if match and match[1] in wanted]


def there(series: pd.DataFrame) -> bool:
    """Whether what leaves is known of any feature."""
    return any(is_one(column) for column in series.columns)


def array(series: pd.DataFrame, wanted: tuple[str, ...], slides: int) -> np.ndarray:
    """(steps, features, slides): what leaves within 1..slides, NaN where it is not known."""
    found = np.full((len(series), len(wanted), slides), np.nan)
    there = {str(column): number for number, column in enumerate(series.columns)}
    values = series.to_numpy(float)
    for place, feature in enumerate(wanted):
        for slide in range(1, slides + 1):
            at = there.get(name(feature, slide))
            if at is not None:
                found[:, place, slide - 1] = values[:, at]
    return found
