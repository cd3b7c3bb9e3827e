"""Pictures of a search for settings: how it went, and what the error depends on."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, MaxNLocator

from mods.visualization import style

MARKS = {
    "complete": ("finished", "o", style.FORECAST),
    "pruned": ("pruned", "x", style.GAP),
}


def history(trials: pd.DataFrame) -> Figure:
    """The error of every trial in its order, and the best so far.

    trials:  columns trial, state and error (relative to persistence; of a pruned one its last)
    """
    figure = Figure(figsize=(style.WIDTH, 3.4), layout="constrained")
    axis = figure.subplots()
    style.quiet(axis)
    top = _top(trials)
    for state, (text, marker, color) in MARKS.items():
        some = trials[(trials["state"] == state) & (trials["error"] <= top)]
        if len(some):
            axis.plot(some["trial"], some["error"], marker, color=color, markersize=5, label=text)
    beyond = trials[trials["error"] > top]
    if len(beyond):
        axis.plot(beyond["trial"], [top] * len(beyond), "^", color=style.GAP, label="far above")
    done = trials[trials["state"] == "complete"]
    errors = done["error"].to_numpy(float)
    if len(errors):
        sofar = np.minimum.accumulate(errors)
        axis.step(done["trial"], sofar, where="post", color=style.ALARM, label="best so far")
        best = int(errors.argmin())
        point = f"{errors[best]:.4f} in trial {int(done['trial'].iloc[best])}"
        axis.set_title(f"best: {point}", loc="right", fontsize=9, color=style.MUTED)
    axis.set_xlabel("trial", color=style.MUTED, fontsize=9)
    axis.set_ylabel("MAE / persistence", color=style.MUTED, fontsize=9)
    axis.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    style.legend(figure, [axis])
    return figure


def importance(shares: Mapping[str, float]) -> Figure:
    """A bar per setting: its share in how the errors of the trials differ, the largest first."""
    figure = Figure(figsize=(style.WIDTH, 0.36 * len(shares) + 1.0), layout="constrained")
    axis = figure.subplots()
    style.quiet(axis)
    axis.grid(visible=False)
    names, sizes = list(shares), [100 * share for share in shares.values()]
    bars = axis.barh(range(len(names)), sizes, 0.62, color=style.FORECAST)
    axis.bar_label(bars, fmt="%.0f %%", padding=4, fontsize=9, color=style.MUTED)
    axis.yaxis.set_major_locator(FixedLocator(range(len(names))))
    axis.set_yticklabels([style.label(name) for name in names], fontsize=9, color=style.INK)
    axis.set_ylim(len(names) - 0.4, -0.6)
    axis.set_xlim(0, max([10.0, *sizes]) * 1.1)
    axis.set_xticks([])
    axis.spines["bottom"].set_visible(False)
    axis.set_xlabel("share in how the validation error differs", color=style.MUTED, fontsize=9)
    return figure


def _top(trials: pd.DataFrame) -> float:
    """The largest error with a place of its own: one far from the best hides how the rest lie."""
    errors = trials["error"].to_numpy(float)
    errors = errors[np.isfinite(errors)]
    if not len(errors):
        return np.inf
    usual = float(np.median(errors))
    return max(usual + 4 * (usual - float(errors.min())), float(errors.min()) * 1.05)
