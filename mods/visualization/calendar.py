"""The calendar of a datapool: one cell per day or hour, as full as the data of that time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from mods.visualization import style

HOURLY_DAYS = 14
ROW = 0.24
COLORS = {
    "complete": style.FORECAST,
    "silent": style.FORECAST,
    "partly missing": style.SEASONAL,
    "missing": style.ALARM,
}
MEANINGS = {
    "complete": "complete",
    "silent": "nothing seen (read as 0)",
    "partly missing": "partly missing (% whole)",
    "missing": "missing",
}
# the first two of these lack nothing
WHOLE = 2
FAINT = 0.25


@dataclass(frozen=True)
class Cell:
    """One day or hour: where it lies in the picture, what it is, the share of whole windows."""

    row: int
    column: int
    state: str
    share: float


def calendar(states: pd.DataFrame, words: Mapping[int, str]) -> Figure:
    """A calendar per column: rows are months and columns days, or days and hours where few.

    states:  by window start (UTC), a column per protocol or feature, of small integers
    words:   what the integers mean: complete, silent, partly missing or missing
    """
    starts = pd.DatetimeIndex(states.index)
    hourly = (starts[-1] - starts[0]) < pd.Timedelta(days=HOURLY_DAYS)
    names = [str(name) for name in states.columns][: style.MOST_PANELS]
    rows = _row_labels(starts, hourly)
    height = ROW * len(rows) + 0.45
    figure = Figure(figsize=(style.WIDTH, height * len(names) + 0.7), layout="constrained")
    axes = list(figure.subplots(len(names), 1, squeeze=False)[:, 0])
    for axis, name in zip(axes, names, strict=True):
        found = cells(states[name], words, hourly=hourly)
        _draw(axis, found)
        _label(axis, rows, hourly=hourly)
        whole = np.mean([words[int(state)] == "complete" for state in states[name]])
        style.titled(axis, f"{name}: {100 * whole:.4g} % complete")
    if len(states.columns) > len(names):
        left_out = f"{len(states.columns) - len(names)} more are not shown"
        axes[0].set_title(left_out, loc="right", fontsize=9, color=style.MUTED)
    _legend(figure)
    return figure


def cells(states: pd.Series, words: Mapping[int, str], *, hourly: bool) -> list[Cell]:
    """The cells of one calendar: a cell is as bad as the worst of its windows, unless all are bad.

    Of windows partly missing some are; missing and silent is a cell whose windows all are.
    """
    starts = pd.DatetimeIndex(states.index)
    said = states.map(words).groupby(starts.floor("h" if hourly else "D"))
    counts = said.value_counts().unstack(fill_value=0).reindex(columns=list(COLORS), fill_value=0)
    found = []
    for start, windows in zip(pd.DatetimeIndex(counts.index), counts.to_numpy(), strict=True):
        row, column = _position(start, starts[0], hourly=hourly)
        whole = windows[:WHOLE].sum() / windows.sum()
        found.append(Cell(row, column, _state(windows), float(whole)))
    return found


def _state(windows: np.ndarray) -> str:
    """What a cell is, from how many of its windows are so, in the order of COLORS."""
    kinds = list(COLORS)
    if (windows > 0).sum() == 1:
        return kinds[int(windows.argmax())]
    return kinds[0] if windows[WHOLE:].sum() == 0 else "partly missing"


def _position(start: pd.Timestamp, first: pd.Timestamp, *, hourly: bool) -> tuple[int, int]:
    if hourly:
        return (start.floor("D") - first.floor("D")).days, start.hour
    return (start.year - first.year) * 12 + start.month - first.month, start.day - 1


def _row_labels(starts: pd.DatetimeIndex, hourly: bool) -> list[str]:
    first, last = starts[0].tz_localize(None), starts[-1].tz_localize(None)
    rows = pd.period_range(first, last, freq="D" if hourly else "M")
    return [str(row) for row in rows]


def _draw(axis: Axes, found: list[Cell]) -> None:
    for state, color in COLORS.items():
        squares = [_square(cell) for cell in found if cell.state == state]
        faint = FAINT if state == "silent" else 1
        axis.add_collection(PolyCollection(squares, facecolors=color, alpha=faint, linewidths=0))
    for cell in found:
        if cell.state == "partly missing":
            shown = f"{int(100 * cell.share)}"
            middle = (cell.column + 0.5, cell.row + 0.5)
            axis.annotate(shown, middle, ha="center", va="center", fontsize=7, color="white")


def _square(cell: Cell) -> list[tuple[float, float]]:
    left, top, gap = cell.column, cell.row, 0.06
    right, bottom = left + 1 - gap, top + 1 - gap
    return [(left + gap, top + gap), (right, top + gap), (right, bottom), (left + gap, bottom)]


def _label(axis: Axes, rows: list[str], *, hourly: bool) -> None:
    count = 24 if hourly else 31
    axis.set(xlim=(0, count), ylim=(len(rows), 0))
    first = 0 if hourly else 1
    axis.set_xticks(
        [place + 0.5 for place in range(count)], [str(first + place) for place in range(count)]
    )
    axis.set_yticks([place + 0.5 for place in range(len(rows))], rows)
    axis.set_facecolor("none")
    axis.spines[:].set_visible(False)
    axis.tick_params(colors=style.MUTED, labelsize=8, length=0, pad=2)


def _legend(figure: Figure) -> None:
    handles = [
        Patch(facecolor=color, alpha=FAINT if state == "silent" else 1, label=MEANINGS[state])
        for state, color in COLORS.items()
    ]
    figure.legend(
        handles=handles,
        loc="outside upper left",
        ncols=len(handles),
        frameon=False,
        fontsize=9,
        labelcolor=style.INK,
        handlelength=1.0,
        handleheight=1.0,
    )
