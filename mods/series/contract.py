"""The contract of a series: what every room may rely on, checked in one place.

A series is a DataFrame whose index is UTC, named `time`, sorted and unique with one exact step, and
whose columns are float64. A gap is NaN: missing is not zero. The stamp of a step is the end of its
window, the moment it is known; `attrs["window"]` names the window where there is one.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from mods.errors import SeriesError
from mods.window import Window

SPARSE = 200
ROOM = 1_000_000
JITTER, RARE = 0.1, 0.05


def check(series: pd.DataFrame) -> pd.DataFrame:
    """The series itself, integers and truth values as float64.

    Raises SeriesError for the first promise it breaks.
    """
    index = series.index
    if not isinstance(index, pd.DatetimeIndex) or str(index.tz) != "UTC":
        raise SeriesError(
            "the index is not in UTC",
            where="series",
            fix="Use a DatetimeIndex, as pandas.to_datetime(stamps, utc=True) makes it",
        )
    if not len(series.columns) or not series.columns.is_unique:
        raise SeriesError(
            "a series needs one or more columns, each with a name of its own", where="series"
        )
    whole = [name for name, kind in series.dtypes.items() if kind.kind in "iub"]
    if whole:
        series = series.astype(dict.fromkeys(whole, float))
    for name, kind in series.dtypes.items():
        if kind != np.float64:
            raise SeriesError(f"is {kind}, not float64", where=name, fix="Use .astype(float)")
    if not _exact(index):
        raise SeriesError(
            "the stamps do not follow each other in one exact step",
            where="series",
            fix="Use mods.series.contract.regular(series): it puts NaN where a step is missing",
        )
    return series


def regular(frame: pd.DataFrame, size: pd.Timedelta | None = None) -> pd.DataFrame:
    """The frame on an exact grid of steps: sorted, NaN where nothing was; no value is invented.

    Each row goes to the nearest step; of several on one step the last one (in input order) stays.
    The step is `size`, else the median difference between the stamps.
    """
    frame = frame.astype(float)
    stamps = pd.DatetimeIndex(frame.index).as_unit("us")
    size = size or _median_step(stamps)
    slots, first = _slots(stamps, size)
    times = grid(first, first + int(slots.max(initial=0)) * size, size, rows=len(frame))
    values = np.full((len(times), frame.shape[1]), np.nan)
    values[slots] = frame.to_numpy()
    placed = pd.DataFrame(values, times, frame.columns)
    placed.attrs = dict(frame.attrs)
    return placed


def grid(
    first: pd.Timestamp, last: pd.Timestamp, size: pd.Timedelta, *, rows: int
) -> pd.DatetimeIndex:
    """Every step from first to last; SeriesError where so few rows would make millions of gaps."""
    if (last - first) / size > max(ROOM, SPARSE * rows):
        raise SeriesError(
            f"{rows} rows from {first} to {last} are too few for steps of {size}",
            where="series",
            fix="Look for stray stamps at the begin or the end, and remove them",
        )
    return pd.date_range(first, last, freq=size, name="time", unit="us")


def step(series: pd.DataFrame) -> pd.Timedelta:
    """The time from one row to the next."""
    if len(series) > 1:
        return pd.Timedelta(series.index[1] - series.index[0])
    if "window" in series.attrs:
        return pd.Timedelta(seconds=Window.parse(series.attrs["window"]).slide)
    raise SeriesError(f"{len(series)} rows have no step", where="series", fix="Give two or more")


def window(series: pd.DataFrame) -> Window:
    """The window of the series: what `attrs["window"]` names, else one step long."""
    if "window" in series.attrs:
        return Window.parse(series.attrs["window"])
    seconds = max(1, round(step(series).total_seconds()))
    return Window(seconds, seconds)


def same_step(stamps: pd.DatetimeIndex, size: pd.Timedelta, where: object = "series") -> None:
    """Raise SeriesError for stamps of another step than `size`, where rows would drop or gaps come.

    That is where neither the median step, nor one in twenty, is within a tenth of it: most rows
    of a file may be missing. Two stamps or fewer tell no step.
    """
    steps: np.ndarray = np.diff(np.unique(stamps.as_unit("us").asi8))
    if len(steps) < 2:
        return
    own, wanted = _median_step(stamps.as_unit("us")), float(size / pd.Timedelta(1, unit="us"))
    near = np.abs(steps - wanted) <= wanted * JITTER
    if abs(own - size) > size * JITTER and near.mean() < RARE:
        raise SeriesError(
            f"has steps of {_said(own)}, the model of {_said(size)}",
            where=where,
            fix="Give rows on the model's steps, or train a model on these",
        )


def _said(step: pd.Timedelta) -> str:
    """A step as people write it.

    >>> _said(pd.Timedelta("20min"))
    '0:20:00'
    """
    return str(step.to_pytimedelta())


def _exact(index: pd.DatetimeIndex) -> bool:
    steps = np.diff(index.as_unit("ns").asi8)
    return not len(steps) or bool(steps[0] > 0 and (steps == steps[0]).all())


def _median_step(stamps: pd.DatetimeIndex) -> pd.Timedelta:
    """The median of the differences between the different stamps."""
    steps = np.diff(np.unique(stamps.asi8))
    if not len(steps):
        raise SeriesError(
            f"{len(stamps)} rows have no step",
            where="series",
            fix="Give at least two rows with different stamps",
        )
    return pd.Timedelta(int(np.sort(steps)[len(steps) // 2]), unit="us")


def _slots(stamps: pd.DatetimeIndex, size: pd.Timedelta) -> tuple[np.ndarray, pd.Timestamp]:
    """The step each stamp goes to, counted from the first one, and the stamp of that.

    The grid runs through the phase most stamps share, so that a stray one does not move it.
    """
    moments, width = stamps.asi8, int(size / pd.Timedelta(1, unit="us"))
    phases, counts = np.unique(moments % width, return_counts=True)
    phase = int(phases[counts.argmax()]) if len(phases) else 0
    slots = (moments - phase + width // 2) // width
    lowest = int(slots.min()) if len(slots) else 0
    first = pd.Timestamp(phase + lowest * width, unit="us", tz="UTC")
    return slots - lowest, first
