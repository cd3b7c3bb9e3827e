"""Picture of errors in the course of time, the refits marked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from mods.visualization import leads, style

MODELS: dict[str, dict[str, Any]] = {
    "model": {"color": style.FORECAST, "linewidth": 2.0},
    "refitted": {"color": style.FORECAST, "linewidth": 2.0},
    "fixed_model": {"color": style.INK, "linewidth": 1.5},
}


def errors_over_time(errors: pd.DataFrame, cuts: Iterable[pd.Timestamp] = ()) -> Figure:
    """A line per forecast: its error relative to persistence over the stretches of a period.

    errors:  as `over_time.relative_errors` gives them; `model`, `refitted` and `fixed_model` are
        drawn as models, the rest as baselines
    cuts:  when the model was trained anew
    """
    figure, (axis,) = style.panels(["mean of features and leads"], 3.4)
    axis.axhline(1, color=style.ALARM, linewidth=1.2, label="persistence")
    for number, cut in enumerate(cuts):
        at = style.times(pd.DatetimeIndex([cut]))[0]
        axis.axvline(at, color=style.GRID, linewidth=1.2, label="refit" if not number else None)
    times = style.times(pd.DatetimeIndex(errors.index))
    for name in sorted(errors, key=lambda name: name in MODELS):
        if name == "persistence":
            continue
        drawn: dict[str, Any] = MODELS.get(str(name)) or {
            "color": style.SEASONAL,
            "linewidth": 1.2,
            "linestyle": style.dashes(str(name)),
        }
        marker = "o" if len(errors) == 1 else None
        text = style.label(leads.spoken(str(name)))
        axis.plot(times, errors[name].to_numpy(float), label=text, marker=marker, **drawn)
    axis.set_ylim(0, _highest(errors))
    axis.set_ylabel("MAE / persistence", color=style.MUTED, fontsize=9)
    style.time_axis(axis)
    axis.set_xlabel(
        f"targets from, UTC, {_length(errors)} at a time", color=style.MUTED, fontsize=9
    )
    style.legend(figure, [axis])
    return figure


def _highest(errors: pd.DataFrame) -> float:
    """Room for the models and persistence; a baseline beyond twice persistence is cut off."""
    models = [name for name in errors if name in MODELS]
    others = [name for name in errors if name not in MODELS]
    tops = [np.nanmax(errors[names].to_numpy(float), initial=1.0) for names in (models, others)]
    return float(max(1.1, 1.08 * tops[0], min(2.0, 1.04 * tops[1])))


def _length(errors: pd.DataFrame) -> str:
    if len(errors) < 2:
        return "all"
    length = pd.Timedelta(errors.index[1] - errors.index[0])
    days, hours = length / pd.Timedelta(days=1), length / pd.Timedelta(hours=1)
    if days >= 1:
        return "a day" if days == 1 else f"{days:g} days"
    return f"{hours:g} h" if hours >= 1 else f"{60 * hours:g} min"
