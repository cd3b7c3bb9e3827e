"""History: the tail a model keeps, and how a series is joined to it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from mods import notes
from mods.errors import SeriesError
from mods.series import contract, leaving
from mods.window import Window

log = logging.getLogger(__name__)
SELECT = "Select the features the model was trained on"
RENAME = "Rename the columns, or give a file of what the model was trained on"
ORIGIN = ("local_networks", "catalogue")


def checked(
    series: pd.DataFrame, features: tuple[str, ...], step: pd.Timedelta, window: Window
) -> pd.DataFrame:
    """The model's features of a series that fits the model; SeriesError where it does not."""
    absent = [name for name in features if name not in series.columns]
    if absent:
        file = "source" in series.attrs and "window" not in series.attrs
        raise SeriesError(
            f"the series has {_listed(series.columns)}, the model wants {_listed(features)}",
            where=series.attrs.get("source", absent[0]),
            fix=RENAME if file else SELECT,
        )
    chosen = contract.check(series.loc[:, list(features)])
    if len(chosen) > 1 and contract.step(chosen) != step:
        raise SeriesError(
            f"the series has steps of {contract.step(chosen)}, the model of {step}", where="series"
        )
    if "window" in series.attrs and contract.window(series) != window:
        raise SeriesError(
            f"the series has windows {contract.window(series)}, the model {window}",
            where="series",
            fix=f"Prepare the logs with --window_slide {window}",
        )
    return finite(chosen)


def origin(series: pd.DataFrame) -> dict[str, Any]:
    """What the series says of the pool it is from: local networks and catalogue, where known."""
    return {name: series.attrs[name] for name in ORIGIN if name in series.attrs}


def same_origin(series: pd.DataFrame, known: Mapping[str, Any]) -> None:
    """Raise SeriesError where series and model are from pools made in different ways."""
    for name, theirs in origin(series).items():
        mine = known.get(name, theirs)
        if mine != theirs:
            raise SeriesError(
                f"the series was made with {name} {_said(theirs)}, the model with {_said(mine)}",
                where=name,
                fix="Prepare the logs as for the model, or train a model on this datapool",
            )


def finite(series: pd.DataFrame) -> pd.DataFrame:
    """The series with NaN where a value is infinite."""
    infinite = np.isinf(series.to_numpy(float))
    return series.mask(infinite) if infinite.any() else series


def tail(series: pd.DataFrame, steps: int) -> pd.DataFrame:
    """The last steps of a series, free of its begin."""
    return series.iloc[-steps:].copy()


def renewed(kept: pd.DataFrame, series: pd.DataFrame) -> pd.DataFrame:
    """The tail of a series, as long as the one kept, beside what is kept of other columns."""
    newer = tail(series, len(kept))
    return newer.join(kept.drop(columns=list(series), errors="ignore"))


def joined(
    kept: pd.DataFrame, series: pd.DataFrame, step: pd.Timedelta, allowed: int
) -> pd.DataFrame:
    """The series with what is known before it in front.

    A hole of up to `allowed` steps between the two stays a gap; behind a longer one, or where the
    stamps fall between the model's steps, the series stands alone.
    """
    before = kept[kept.index < series.index[0]]
    if before.empty:
        return series
    hole = (series.index[0] - before.index[-1]) / step - 1
    if hole > allowed or hole != int(hole):
        return series
    if hole > 0:
        notes.warn(
            log,
            "the series begins %d steps after the history the model keeps: they stay a gap",
            hole,
        )
    return _one(before, series, step)


def followed(train: pd.DataFrame, validation: pd.DataFrame) -> pd.DataFrame:
    """Training and validation as one series, the hole between them a gap."""
    step = contract.step(train)
    hole = (validation.index[0] - train.index[-1]) / step
    if hole < 1 or hole != int(hole):
        raise SeriesError(
            f"the validation begins {validation.index[0]}, not whole steps after the training's "
            f"end {train.index[-1]}",
            where="validation",
            fix="Cut both from one series, the validation last",
        )
    return _one(train, validation, step)


def _one(before: pd.DataFrame, after: pd.DataFrame, step: pd.Timedelta) -> pd.DataFrame:
    index = pd.date_range(before.index[0], after.index[-1], freq=step, name="time")
    joined = pd.concat([before, after]).reindex(index)
    joined.attrs = dict(after.attrs)
    return joined


def _said(value: object) -> str:
    return (", ".join(value) or "unset") if isinstance(value, list) else str(value)


def _listed(names: Iterable[object]) -> str:
    return ", ".join(str(name) for name in names if not leaving.is_one(name))
