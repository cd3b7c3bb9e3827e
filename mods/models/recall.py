"""Recall: a series behind the history that its model keeps."""

from __future__ import annotations

import logging

import pandas as pd

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
        log.warning(
            "%d steps of history before %s, where the model looks back %d: it falls back to what "
            "there is",
            have,
            last,
            wanted,
        )
    return whole
