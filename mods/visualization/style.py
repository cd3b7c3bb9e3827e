"""How every picture looks: one palette, quiet axes, legends outside the data.

Colours are those of Okabe and Ito (2008), told apart by colour-blind readers. Figures are made
through matplotlib's object interface only, so that a service may draw in several threads.
"""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from mods.errors import one_line
from mods.visualization.text import short

INK, MUTED, GRID = "#1b2733", "#5f6f7f", "#d5dce3"
FORECAST, SEASONAL, ALARM, GAP = "#0072b2", "#b07d00", "#d55e00", "#7f8c99"
DASHES = {"seasonal_naive": (2, 1.5), "slot_median_change": (4, 1.5), "theta": (7, 1.5, 1, 1.5)}
BANDS = {95: 0.14, 80: 0.26}
WIDTH = 10.0
MOST_PANELS = 12
MOST_ACROSS = 6
FEW_TICKS, MANY_TICKS = (2, 5, 10, 20), (10, 100, 1000, 10_000)


def label(name: object) -> str:
    r"""A name as matplotlib shows it literally, whatever a log put into it.

    >>> print(label("cost_$x$"))
    cost_\$x\$
    """
    return one_line(str(name)).replace("$", r"\$")


def dashes(baseline: str) -> tuple[int, tuple[float, ...]]:
    """How the line of a baseline is dashed, the same in every picture."""
    return 0, DASHES.get(baseline, (1, 1))


def panels(names: Iterable[str], height: float, *, extra: int = 0) -> tuple[Figure, list[Axes]]:
    """A column of time panels, one per name (the first twelve) and `extra` below them."""
    wanted = list(names)
    shown = wanted[:MOST_PANELS]
    count = max(1, len(shown) + extra)
    figure = Figure(figsize=(WIDTH, height * count + 0.6), layout="constrained")
    axes = list(figure.subplots(count, 1, sharex=True, squeeze=False)[:, 0])
    for axis, name in zip(axes, shown, strict=False):
        titled(axis, name)
    if len(wanted) > len(shown):
        left_out = f"{len(wanted) - len(shown)} more features are not shown"
        axes[0].set_title(left_out, loc="right", fontsize=9, color=MUTED)
    for axis in axes:
        quiet(axis)
    return figure, axes


def titled(axis: Axes, name: str) -> None:
    """Name a panel at its upper left, above the data."""
    axis.set_title(label(name), loc="left", fontsize=10, fontweight="bold", color=INK)


def quiet(axis: Axes) -> None:
    """Axes that stay behind the data: faint horizontal lines, no box, short numbers."""
    axis.set_facecolor("none")
    axis.spines[["top", "right", "left"]].set_visible(False)
    axis.spines["bottom"].set_color(GRID)
    axis.grid(axis="y", color=GRID, linewidth=0.8)
    axis.set_axisbelow(True)
    axis.tick_params(colors=MUTED, labelsize=9, length=0)
    axis.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))


def score_axis(axis: Axes, scores: np.ndarray) -> None:
    """The threshold, and scores in thresholds: linear up to it, logarithmic above.

    So one peak hides nothing, and how high it is can still be read.
    """
    axis.axhline(1, color=ALARM, linewidth=1.2, label="threshold")
    known = scores[np.isfinite(scores)]
    highest = max(1.5, 1.2 * float(np.max(known, initial=0.0)))
    ticks = FEW_TICKS if highest <= FEW_TICKS[-1] else MANY_TICKS
    axis.set_yscale("symlog", linthresh=1, linscale=0.6)
    axis.set_ylim(0, highest)
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
    axis.yaxis.set_major_locator(FixedLocator([0, 1, *(one for one in ticks if one <= highest)]))
    axis.yaxis.set_minor_locator(NullLocator())


def time_axis(axis: Axes) -> None:
    """Dates and hours in UTC, without repeating what the neighbours say."""
    locator = AutoDateLocator(minticks=4, maxticks=9, tz="UTC")
    axis.xaxis.set_major_locator(locator)
    axis.xaxis.set_major_formatter(ConciseDateFormatter(locator, tz="UTC"))
    axis.xaxis.get_offset_text().set(color=MUTED, fontsize=9)
    axis.set_xlabel("window end, UTC", color=MUTED, fontsize=9)
    axis.margins(x=0.01)


def times(index: pd.DatetimeIndex) -> np.ndarray:
    """The times as matplotlib takes them: in UTC, without a zone."""
    utc = index.tz_convert("UTC").tz_localize(None) if index.tz is not None else index
    return utc.to_numpy()


def legend(figure: Figure, axes: Iterable[Axes]) -> None:
    """One legend for all panels, above them; each label once; rows that a narrow page shows."""
    found = {
        text: handle
        for axis in axes
        for handle, text in zip(*axis.get_legend_handles_labels(), strict=True)
    }
    if found:
        figure.legend(
            found.values(),
            found.keys(),
            loc="outside upper left",
            ncols=min(len(found), MOST_ACROSS),
            frameon=False,
            fontsize=9,
            labelcolor=INK,
            handlelength=1.6,
        )


def png(figure: Figure) -> bytes:
    """The picture as PNG on white."""
    stream = BytesIO()
    figure.savefig(stream, format="png", dpi=120, facecolor="white")
    return stream.getvalue()


def svg(figure: Figure) -> str:
    """The picture as SVG on a transparent ground."""
    stream = BytesIO()
    figure.savefig(stream, format="svg", transparent=True, metadata={"Date": None})
    return stream.getvalue().decode()
