"""Time ranges on a series: they select by the start of the window, or by a file's own stamp."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from mods.errors import SeriesError
from mods.timerange import TimeRange
from mods.window import Window


def starts(series: pd.DataFrame) -> pd.DatetimeIndex:
    """What ranges select by: the starts of the windows `attrs["window"]` names, else the stamps."""
    index = pd.DatetimeIndex(series.index)
    if "window" not in series.attrs:
        return index
    return index - pd.Timedelta(seconds=Window.parse(series.attrs["window"]).length)


def held(series: pd.DataFrame, time_range: str | TimeRange, where: object = None) -> pd.DataFrame:
    """The steps in the range; SeriesError, with the reach of the series, where there are none."""
    begins = starts(series)
    chosen: pd.DataFrame = series.loc[_parsed(time_range).holds(begins)]
    if chosen.empty:
        reach = "It is empty"
        if len(begins):
            reach = f"It reaches from {begins[0]:%Y-%m-%dT%H:%MZ} to {begins[-1]:%Y-%m-%dT%H:%MZ}"
        raise SeriesError(
            f"no step lies in {time_range}",
            where=where or series.attrs.get("source", "series"),
            fix=reach,
        )
    return chosen


def without(series: pd.DataFrame, excluded: Iterable[str | TimeRange]) -> pd.DataFrame:
    """The series with NaN where a step lies in one of the ranges; no step is removed."""
    ranges = [_parsed(one) for one in excluded]
    if not ranges:
        return series
    begins, kept = starts(series), series.copy()
    for time_range in ranges:
        kept.loc[time_range.holds(begins)] = np.nan
    return kept


def _parsed(text: str | TimeRange) -> TimeRange:
    return TimeRange.parse(text) if isinstance(text, str) else text
