"""Gaps: where a series knows its values, and filling, which only happens by name."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from mods.errors import SettingError

_FILLS: dict[str, Callable[[pd.DataFrame, int | None], pd.DataFrame]] = {
    "last": lambda series, limit: series.ffill(limit=limit),
    "linear": lambda series, limit: series.interpolate("linear", limit=limit, limit_area="inside"),
    "zero": lambda series, _: series.fillna(0.0),
}


def known(series: pd.DataFrame) -> np.ndarray:
    """Which steps have a value in every column: bool of shape (steps,)."""
    return np.asarray(series.notna().all(axis=1))


def runs(where: np.ndarray) -> np.ndarray:
    """First step and step after the last of each run of True: int of shape (runs, 2).

    >>> runs(np.array([True, True, False, True])).tolist()
    [[0, 2], [3, 4]]
    """
    edges = np.flatnonzero(np.diff(np.concatenate(([False], where, [False])).astype(np.int8)))
    return edges.reshape(-1, 2)


def fill(series: pd.DataFrame, how: str, limit: int | None = None) -> pd.DataFrame:
    """The series with its gaps filled: `last` known value, `linear` between, or `zero`.

    limit:  how many steps of a gap are filled at most; `zero` fills all
    """
    if how not in _FILLS:
        raise SettingError(
            f"{how!r} fills no gap", where="fill", fix=f"Known are {', '.join(sorted(_FILLS))}"
        )
    return _FILLS[how](series, limit)
