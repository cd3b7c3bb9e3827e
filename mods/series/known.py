"""Inputs that are known in advance: the clock, and columns of a user such as holidays.

They are never forecast. A forecast takes them at its origin and at every step ahead.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mods.config import CALENDAR
from mods.errors import SeriesError
from mods.series import leaving

DAY_WAVES, WEEK_WAVES = 2, 3
FARTHEST = 8.0
FIX = "Give it as a column of the data, or in a file by --known"


@dataclass(frozen=True)
class Known:
    """What the known inputs are, and the scale of a user's columns, learnt in training.

    names:  the user's columns; centre, scale:  of each, mean and standard deviation
    calendar:  which of CALENDAR is an input too
    """

    names: tuple[str, ...] = ()
    calendar: tuple[str, ...] = ()
    centre: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()

    @property
    def width(self) -> int:
        """How many inputs there are at each step."""
        waves = {"day": 2 * DAY_WAVES, "week": 2 * WEEK_WAVES}
        return len(self.names) + sum(waves[one] for one in self.calendar)

    def state(self) -> dict[str, Any]:
        """As JSON keeps it; `read` is the way back."""
        return {
            "names": list(self.names),
            "calendar": list(self.calendar),
            "centre": list(self.centre),
            "scale": list(self.scale),
        }

    def array(self, series: pd.DataFrame, steps: pd.DatetimeIndex) -> np.ndarray:
        """The inputs at these steps, (steps, width), about -1 to 1; NaN where one is not known."""
        frame = self.columns(series).reindex(steps)
        numbers = (frame.to_numpy(float) - np.asarray(self.centre)) / np.asarray(self.scale)
        clock = [waves(steps, one) for one in self.calendar]
        return np.concatenate([np.clip(numbers, -FARTHEST, FARTHEST), *clock], axis=1)

    def check(self, series: pd.DataFrame, steps: Collection[pd.DatetimeIndex]) -> None:
        """Raise SeriesError for the first of the user's columns without a value at these steps."""
        for name, column in self.columns(series).items():
            told = pd.DatetimeIndex(column.index[column.notna()])
            for absent in (wanted.difference(told) for wanted in steps):
                if len(absent):
                    raise SeriesError(
                        f"is known in advance, but has no value at {absent[0]}, which is to be "
                        "forecast",
                        where=name,
                        fix="Give its values for all steps ahead, in the data or in a --known file",
                    )

    def columns(self, series: pd.DataFrame) -> pd.DataFrame:
        """The user's columns of a series; SeriesError for the first that it does not have."""
        return there(series, self.names)


def fit(series: pd.DataFrame, names: Sequence[str], calendar: Sequence[str]) -> Known:
    """Learn the scale of the user's columns from training alone; SeriesError for an empty one."""
    frame = there(series, names)
    for name, known in frame.notna().any().items():
        if not known:
            raise SeriesError(
                f"has no value in the {len(frame)} steps of the training part", where=name, fix=FIX
            )
    centre, scale = frame.mean(), frame.std(ddof=0)
    scale = scale.where(scale > 0, 1.0)
    order = tuple(one for one in CALENDAR if one in calendar)
    return Known(tuple(names), order, tuple(centre.tolist()), tuple(scale.tolist()))


def read(state: Mapping[str, Any]) -> Known:
    """The inputs of a saved state; KeyError, TypeError or ValueError for another thing."""
    names, calendar = (tuple(str(one) for one in state[key]) for key in ("names", "calendar"))
    centre, scale = (tuple(float(one) for one in state[key]) for key in ("centre", "scale"))
    finite = all(math.isfinite(one) for one in (*centre, *scale))
    sane = len(names) == len(centre) == len(scale) and min(scale, default=1.0) > 0
    once = len(set(calendar)) == len(calendar) and set(calendar) <= set(CALENDAR)
    if not (finite and sane and once):
        raise ValueError("the known inputs are impossible")
    return Known(names, calendar, centre, scale)


def there(series: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """These columns of a series; SeriesError for the first that it does not have."""
    for name in names:
        if name not in series.columns:
            shown = ", ".join(map(str, leaving.features(series).columns))
            raise SeriesError(
                f"is a column known in advance, but the series has {shown}", where=name, fix=FIX
            )
    return series.loc[:, list(names)]


def waves(steps: pd.DatetimeIndex, which: str) -> np.ndarray:
    """The time of day, or the day of the week, in UTC as sines and cosines: (steps, 2 waves).

    A window belongs to the day in which its last moment lies.

    >>> waves(pd.DatetimeIndex(["2024-03-04T06:00Z"]), "day").round(3).tolist()
    [[1.0, 0.0, 0.0, -1.0]]
    """
    moment = steps.as_unit("us").asi8 - 1
    day = 86_400_000_000
    if which == "day":
        phase, count = moment % day / day, DAY_WAVES
    else:
        phase, count = (moment // day + 3) % 7 / 7, WEEK_WAVES
    turns = 2 * np.pi * phase[:, None] * np.arange(1, count + 1)
    return np.stack([np.sin(turns), np.cos(turns)], axis=2).reshape(len(steps), -1)
