"""Recall: a series behind the history that its model keeps."""

from __future__ import annotations

import logging

import pandas as pd

from mods import notes
from mods.errors import SeriesError
from mods.models import history, preparation
from mods.models.trained import Trained

log = logging.getLogger(__name__)


def behind(model: Trained, series: pd.DataFrame, sequence_len: int) -> pd.DataFrame:
    """The series with the kept tail of training in front, where the two follow each other."""
    allowed = max(model.window.panes, sequence_len)
    kept = model.tail.reindex(columns=series.columns)
    return history.joined(kept, series, model.step, allowed)


def joined(
    model: Trained, series: pd.DataFrame, sequence_len: int, last: pd.Timestamp
) -> pd.DataFrame:
    """The same, for forecasts whose last origin is `last`.

    Says so where even that has less than half of what the model looks back on; with more, what is
    usual is hardly less well known.
    """
    whole = behind(model, series, sequence_len)
    wanted = min(preparation.reach(model.transform, sequence_len), len(model.tail))
    have = int((whole.index <= last).sum())
    if 2 * have < wanted and len(whole) == len(series):
        notes.warn(
            log,
            "%d steps of history before %s, where the model looks back %d: it falls back to what "
            "there is",
            have,
            last,
            wanted,
        )
    return whole


def check(model: Trained, series: pd.DataFrame, origins: pd.DatetimeIndex) -> None:
    """Raise SeriesError where there is no origin, or none such in the series.

    Says so where the series tells less of what leaves its windows than the model learnt from.
    """
    if not len(origins):
        raise SeriesError(f"none of its {len(series)} steps has a value", where="series")
    absent = ~origins.isin(series.index)
    if absent.any():
        raise SeriesError(f"the series has no step {origins[absent][0]}", where="origin")
    if model.inputs.slides and not model.inputs.leaving(series, model.features):
        notes.warn(
            log,
            "the model learnt from panes, which this series does not tell of: what leaves its "
            "windows is guessed from their sums, less well",
        )
