"""Parts of a series for training, validation, calibration and test, a window's length apart.

Windows that overlap share panes: where two parts touch, the earlier one ends a window's length
before the later one begins, so that no record is in both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from mods.errors import SeriesError, UsageError
from mods.series import contract
from mods.series.ranges import held, starts, without
from mods.timerange import TimeRange
from mods.window import Window

FEWEST = 2
TEST_SHARE, VALIDATION_SHARE = 5, 10


@dataclass(frozen=True, eq=False)
class Parts:
    """What a model learns on, stops on, sets its alarms on and is judged on."""

    train: pd.DataFrame
    validation: pd.DataFrame
    calm: pd.DataFrame
    test: pd.DataFrame | None


def split(
    series: pd.DataFrame, *cuts: str, window: Window | None = None
) -> tuple[pd.DataFrame, ...]:
    """Cut a series at moments (ISO 8601, UTC unless they say otherwise) into len(cuts) + 1 parts.

    A part holds the windows that lie wholly between its two cuts; windows across a cut are in none.

    >>> stamps = pd.date_range("2019-05-01T01:00Z", periods=12, freq="10min")
    >>> series = pd.DataFrame({"a": np.arange(12.0)}, stamps)
    >>> first, second = split(series, "2019-05-01T01:30", window=Window.parse("w20m-s10m"))
    >>> first.a.tolist(), second.a.tolist()[0]
    ([0.0, 1.0, 2.0, 3.0], 5.0)
    """
    length = _length(series, window)
    ends = pd.DatetimeIndex(series.index)
    moments = [_moment(cut) for cut in cuts]
    if any(late <= early for early, late in zip(moments, moments[1:], strict=False)):
        raise UsageError(f"the cuts {', '.join(cuts)} do not follow each other", where="split")
    parts = []
    for begin, end in zip([None, *moments], [*moments, None], strict=True):
        inside = np.ones(len(series), bool)
        if begin is not None:
            inside &= ends >= begin + length
        if end is not None:
            inside &= ends <= end
        parts.append(_enough(series[inside], f"the part from {begin or 'the begin'}"))
    return tuple(parts)


def parts(
    series: pd.DataFrame,
    *,
    train: TimeRange | None = None,
    test: TimeRange | None = None,
    train_excluded: Iterable[TimeRange] = (),
    test_excluded: Iterable[TimeRange] = (),
    calm: TimeRange | None = None,
) -> Parts:
    """Train, validation, calm and test by the ranges asked for.

    Without ranges the last fifth is the test; with a train range alone there is none; with a test
    range alone training ends where it begins. Validation is the last tenth of what is left for
    training, calm the validation part or its own range. What is excluded becomes NaN.
    Raises UsageError for train and test ranges that overlap, SeriesError for too few steps.
    """
    _judged_once(train, test, calm)
    length, left_out = _length(series, None), tuple(train_excluded)
    learning, judging = _learning(series, train, test), _judging(series, train, test)
    if judging is not None:
        learning = _apart(learning, judging, length)
        judging = without(_enough(judging, "the test part"), test_excluded)
    learning = without(learning, left_out)
    count = max(1, len(learning) // VALIDATION_SHARE)
    validation = learning[-count:]
    first = _apart(learning[:-count], validation, length)
    quiet = validation if calm is None else without(held(series, calm), left_out)
    return Parts(
        _enough(first, "the train part"), validation, _enough(quiet, "the calm part", 1), judging
    )


def fewest(train: int, validation: int, panes: int = 1) -> tuple[int, int]:
    """Steps that `parts` needs to cut parts of so many: a whole series, and a train range.

    >>> fewest(20, 4), fewest(11, 11, panes=3)
    ((49, 40), (139, 110))
    """
    rest = train + panes - 1
    learning = max(validation * VALIDATION_SHARE, rest + (rest - 1) // (VALIDATION_SHARE - 1))
    before = learning + panes - 1
    return before + (before - 1) // (TEST_SHARE - 1), learning


def inside(
    series: pd.DataFrame, time_range: TimeRange | None, *, until_end: bool = False
) -> pd.DatetimeIndex:
    """The stamps of the steps in the range, None taking all; SeriesError where there are none.

    until_end:  also those before the range
    """
    if time_range is None:
        return pd.DatetimeIndex(series.index)
    within = pd.DatetimeIndex(held(series, time_range).index)
    return pd.DatetimeIndex(series.index[series.index <= within[-1]]) if until_end else within


def _judged_once(train: TimeRange | None, test: TimeRange | None, calm: TimeRange | None) -> None:
    """Raise UsageError where the test range shares a moment with what is learnt on."""
    if train is not None and test is not None and train.overlaps(test):
        raise UsageError(
            f"the train range {train} and the test range {test} overlap",
            where="test_time_range",
            fix="Give ranges that do not share a moment",
        )
    if calm is not None and test is not None and calm.overlaps(test):
        raise UsageError(
            f"the calm range {calm} and the test range {test} overlap",
            where="calm_time_range",
            fix="Learn the threshold on what is not judged by it",
        )


def _learning(
    series: pd.DataFrame, train: TimeRange | None, test: TimeRange | None
) -> pd.DataFrame:
    if train is not None:
        return held(series, train)
    if test is not None:
        earlier: pd.DataFrame = series.loc[starts(series) < pd.Timestamp(test.begin)]
        return earlier
    return series[: len(series) - len(series) // TEST_SHARE]


def _judging(
    series: pd.DataFrame, train: TimeRange | None, test: TimeRange | None
) -> pd.DataFrame | None:
    if test is not None:
        return held(series, test)
    return None if train is not None else series[len(series) - len(series) // TEST_SHARE :]


def _apart(part: pd.DataFrame, other: pd.DataFrame, length: pd.Timedelta) -> pd.DataFrame:
    """The part without the windows that share a moment with the other part."""
    if part.empty or other.empty:
        return part
    before = part.index <= other.index[0] - length
    kept: pd.DataFrame = part.loc[before | (part.index >= other.index[-1] + length)]
    return kept


def _enough(part: pd.DataFrame, what: str, fewest: int = FEWEST) -> pd.DataFrame:
    if len(part) < fewest:
        raise SeriesError(
            f"{len(part)} steps are too few for {what}",
            where=part.attrs.get("source", "series"),
            fix="Give a longer series, or ranges that hold more of it",
        )
    return part


def _length(series: pd.DataFrame, window: Window | None) -> pd.Timedelta:
    return pd.Timedelta(seconds=(window or contract.window(series)).length)


def _moment(text: str) -> pd.Timestamp:
    """The begin of what a cut names: a day, or a moment."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{text!r} is no moment", where="split", fix="Use ISO 8601, as in 2019-05-20"
        ) from None
    return pd.Timestamp(moment if moment.tzinfo else moment.replace(tzinfo=UTC)).tz_convert("UTC")
