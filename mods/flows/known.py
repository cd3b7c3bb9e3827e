"""Columns known in advance: in the data themselves, or in a file of their own (--known)."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from mods.config import Config
from mods.errors import SeriesError
from mods.request import Source
from mods.series import contract, files


def told(config: Config, source: Source) -> Config:
    """The settings with the columns of the file, where none are named; SeriesError for no file."""
    if source.known is None or config.known_columns:
        return config
    names = tuple(str(column) for column in _read(source).columns)
    return dataclasses.replace(config, known_columns=names)


def joined(series: pd.DataFrame, source: Source, config: Config, ahead: int = 0) -> pd.DataFrame:
    """The series with the columns of the file, going on as far as `ahead` steps behind its end.

    A value holds from its stamp until the next one, for a step of the file at most. Where both the
    data and the file have a column, the file's counts.
    """
    if source.known is None:
        return series
    given = _read(source)
    names = [name for name in config.known_columns if name in given.columns]
    if not names:
        raise SeriesError(
            f"has the columns {', '.join(map(str, given.columns))}, none of those that are known "
            f"in advance: {', '.join(config.known_columns) or 'none'}",
            where=source.known,
            fix="Name its columns as for training, or by --known_columns",
        )
    step = contract.step(series)
    end = series.index[-1] + ahead * step
    grid = pd.date_range(series.index[0], end, freq=step, name="time", unit="us")
    values = _holding(given[names], grid)
    wider = series.drop(columns=names, errors="ignore").reindex(grid)
    told = np.flatnonzero(values.notna().any(axis=1).to_numpy())
    last = max(len(series), int(told.max(initial=0)) + 1)
    found = pd.concat([wider, values], axis=1).iloc[:last]
    found.attrs = dict(series.attrs)
    return found


def _read(source: Source) -> pd.DataFrame:
    return files.read(str(source.known), source.time_column)


def _holding(given: pd.DataFrame, grid: pd.DatetimeIndex) -> pd.DataFrame:
    """The last value at or before each step, NaN where it is a step of the file old or older."""
    place = given.index.searchsorted(grid, side="right") - 1
    fresh = (place >= 0) & (grid - given.index[np.maximum(place, 0)] < contract.step(given))
    values = np.where(fresh[:, None], given.to_numpy(float)[place], np.nan)
    return pd.DataFrame(values, grid, given.columns)
