"""Contributions: what each part of a forecast comes to, exactly, in the feature's own unit.

The network answers a sum of ready-made guesses, each times a gate, and a path of its own; the gates
depend on the past and the moment alone. So with all guesses but those of one group set to zero, the
answer less the path is what that group adds, and the parts add up to the forecast.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mods.models import inputs, preparation
from mods.models.prepared import Prepared
from mods.models.trained import Trained

LEAVING, LEVEL, RHYTHM, PANES, KNOWN, OWN, BOUND = PARTS = (
    "leaving", "level", "rhythm", "panes", "known", "network", "bound",
)  # fmt: skip


@dataclass(frozen=True)
class Contributions:
    """One forecast taken apart: `base` and the `parts`, in this order, add up to `forecast`.

    base:  the last value, or for a model without deltas the median of the training part
    parts:  leaving (what goes out of the window), level (the recent one), rhythm (what usually
        comes at this phase), panes (both of these, where panes are kept), known (columns and
        calendar known in advance), network (its own path), bound (a count is not below 0)
    """

    base: float
    last: float
    parts: dict[str, float]
    forecast: float


def contributions(
    trained: Trained, series: pd.DataFrame, origin: pd.Timestamp, lead: int, sequence_len: int
) -> dict[str, Contributions]:
    """Per feature the parts of the forecast from `origin`, `lead` steps ahead.

    series:  with its history in front; a feature without a value at the origin has none
    """
    leads = trained.spread.shape[1]
    at = int(series.index.get_indexer(pd.Index([origin]))[0])
    cut = max(at - preparation.reach(trained.transform, sequence_len), 0)
    told = series.iloc[cut : at + 1]
    values = told.loc[:, list(trained.features)].to_numpy(float)
    beside = trained.inputs.beside(
        series, trained.features, inputs.grid(told.index, trained.step, leads)
    )
    prepared = preparation.prepare(
        values, trained.transform, beside=beside, sequence_len=sequence_len, steps_ahead=leads
    )
    last = trained.transform.mended(values)[-1]
    found = _parts(trained, prepared, lead)
    return {
        name: _of_feature(trained, number, last, {part: x[number] for part, x in found.items()})
        for number, name in enumerate(trained.features)
        if np.isfinite(last[number])
    }


def _parts(trained: Trained, prepared: Prepared, lead: int) -> dict[str, np.ndarray]:
    """(features,) per part, in units of the scale, from the last step of what is prepared."""
    rows = prepared.rows(np.array([prepared.steps - 1]))
    past, facts, bases = prepared.inputs(rows)
    groups = _groups(prepared)
    masks = [np.zeros(bases.shape[2], np.float32)]
    for begin, end in groups.values():
        mask = np.zeros(bases.shape[2], np.float32)
        mask[begin:end] = 1.0
        masks.append(mask)
    answers = [
        trained.answers.paths(past, facts, (bases * mask).astype(np.float32))[:, lead - 1]
        for mask in masks
    ]
    own = answers[0].astype(float)
    found = {name: each - own for name, each in zip(groups, answers[1:], strict=True)}
    return {**found, OWN: own}


def _groups(prepared: Prepared) -> dict[str, tuple[int, int]]:
    """Where among the bases each group lies (models/gathering.py lays them out)."""
    widths = {
        LEAVING: prepared.departing.shape[2],
        LEVEL: prepared.level.shape[2],
        RHYTHM: prepared.coming.shape[2],
        PANES: prepared.guesses.shape[3],
        KNOWN: prepared.known.shape[1] + prepared.own,
    }
    ends = np.cumsum(list(widths.values()))
    return {
        name: (int(end) - width, int(end))
        for (name, width), end in zip(widths.items(), ends, strict=True)
        if width
    }


def _of_feature(
    trained: Trained, number: int, last: np.ndarray, parts: dict[str, float]
) -> Contributions:
    """The parts of one feature in its own unit; its trust draws all of them to the last value."""
    transform, trust = trained.transform, float(trained.trust[number])
    start, now = float(transform.base(last)[number]), float(last[number])
    base = now + trust * (start - now)
    sized = {name: float(x) * transform.scale[number] * trust for name, x in parts.items()}
    total = base + sum(sized.values())
    bounded = max(total, 0.0) if transform.never_negative[number] else total
    if bounded != total:
        sized[BOUND] = bounded - total
    return Contributions(base, now, sized, bounded)
