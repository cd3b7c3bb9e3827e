"""The course of a backtest: errors over time of the model, its refits and the baselines."""

from __future__ import annotations

from typing import Any

import pandas as pd

from mods.flows import output
from mods.flows.backtest import Backtest
from mods.flows.refits import FIXED, Refits
from mods.series import over_time
from mods.series.forecast import iso


def errors(tested: Backtest, refitted: Refits | None = None) -> pd.DataFrame:
    """MAE relative to persistence over stretches of the period, a column per forecast."""
    models = {"model": tested.forecast}
    if refitted is not None:
        models = {"refitted": refitted.forecast, FIXED: tested.forecast}
    return over_time.relative_errors({**models, **tested.rivals}, tested.actual, tested.counted)


def record(errors: pd.DataFrame) -> list[dict[str, Any]]:
    """The same as a program reads it: `time` is where a stretch of the targets begins."""
    table = errors.astype(object).where(errors.notna(), None)
    times = iso(pd.DatetimeIndex(table.index))
    rows = table.to_dict("records")
    return [
        {"time": time, **{str(name): value for name, value in row.items()}}
        for time, row in zip(times, rows, strict=True)
    ]


def draw(errors: pd.DataFrame, path: str, refitted: Refits | None = None) -> str:
    """Draw them to a .png or .svg file; returns its path."""
    from mods.visualization.over_time import errors_over_time

    figure = errors_over_time(errors, () if refitted is None else refitted.cuts)
    return output.picture(figure, path)
