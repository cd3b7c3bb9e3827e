"""Pictures of how features were ranked: the ranking, what is alike, memory, information."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from mods.features.selection import Assessed, Selection
from mods.features.selection.dependence import order
from mods.visualization import style

MOST_BARS = 24
MOST_CELLS = 80
PARTS = {
    "predictable": (style.FORECAST, "predictable"),
    "information": (style.SEASONAL, "tells of the next window"),
    "memory": (style.MUTED, "memory or rhythm"),
}
HOUR = 3_600


def ranking(selection: Selection) -> Figure:
    """A bar per feature that was measured and is not dropped: what its score is the mean of."""
    shown = [one for one in selection.features if one.measures and one.verdict != "drop"]
    shown = shown[:MOST_BARS]
    figure = Figure(figsize=(style.WIDTH, 0.27 * len(shown) + 1.1), layout="constrained")
    axis = figure.subplots()
    style.quiet(axis)
    axis.grid(visible=False)
    axis.grid(axis="x", color=style.GRID, linewidth=0.8)
    left = np.zeros(len(shown))
    for part, (color, label) in PARTS.items():
        sizes = np.array([one.measures.parts[part] / 3 for one in shown if one.measures])
        axis.barh(np.arange(len(shown)), sizes, 0.66, left=left, color=color, label=label)
        left = left + sizes
    names = [f"{one.name} (sparse)" if one.verdict == "sparse" else one.name for one in shown]
    _rows(axis, names, 8.5)
    axis.set_ylim(len(shown) - 0.5, -0.5)
    axis.set_xlim(0, max(0.4, 1.04 * float(left.max(initial=0))))
    axis.set_xlabel("score: mean of the three, 0 to 1", color=style.MUTED, fontsize=9)
    style.legend(figure, [axis])
    return figure


def heatmap(selection: Selection) -> Figure:
    """The correlations of the features that vary (the 80 best), alike ones beside each other."""
    best = [one.name for one in selection.features if one.name in selection.correlation.columns]
    table = selection.correlation.loc[best[:MOST_CELLS], best[:MOST_CELLS]]
    names = order(table)
    cell = float(np.clip(7.4 / max(1, len(names)), 0.1, 0.5))
    figure = Figure(figsize=(style.WIDTH, cell * len(names) + 0.9), layout="constrained")
    axis = figure.subplots()
    ordered = table.loc[names, names].to_numpy()
    axis.imshow(_coloured(ordered), interpolation="none", aspect="equal")
    _frameless(axis)
    _rows(axis, names, min(9.0, 58 * cell))
    if len(names) <= 12:
        for row, column in np.ndindex(ordered.shape):
            _figure(axis, row, column, f"{ordered[row, column]:.2f}")
    axis.set_xticks([])
    key = [Patch(color=style.FORECAST, label="rise together (r=1)"),
           Patch(color=style.ALARM, label="one rises as the other falls (r=-1)")]  # fmt: skip
    if len(best) > len(names):
        key.append(Patch(color="none", label=f"{len(best) - len(names)} more are not shown"))
    figure.legend(handles=key, loc="outside upper left", ncols=3, frameon=False, fontsize=9,
                  labelcolor=style.INK, handlelength=1)  # fmt: skip
    return figure


def autocorrelations(selection: Selection) -> Figure:
    """A panel per top feature: the autocorrelation by lag, the lags of shared panes shaded."""
    figure, axes = _panels(selection.top)
    slide, overlap = selection.window.slide / HOUR, selection.window.length / HOUR
    for axis, one in zip(axes, selection.top, strict=True):
        if one.measures is None or not len(one.measures.memory.acf):
            continue
        memory = one.measures.memory
        hours = np.arange(len(memory.acf)) * slide
        reach = _reach(len(hours), memory.period, round(60 / slide))
        axis.axvspan(0, overlap, color=style.GAP, alpha=0.28, linewidth=0, label="shared panes")
        axis.axhspan(-memory.bound, memory.bound, color=style.GAP, alpha=0.12, linewidth=0,
                     label="may be chance")  # fmt: skip
        axis.plot(hours[:reach], memory.acf[:reach], color=style.FORECAST, linewidth=1.4)
        if memory.period is not None:
            axis.axvline(hours[memory.period], color=style.ALARM, linewidth=1.2,
                         linestyle=(0, (3, 2)), label="rhythm")  # fmt: skip
        axis.set_xlim(0, hours[reach - 1])
    return _finished(figure, axes, "lag in hours", "autocorrelation")


def partial_autocorrelations(selection: Selection) -> Figure:
    """A panel per top feature: partial autocorrelation by lag, in windows that share nothing."""
    figure, axes = _panels(selection.top)
    for axis, one in zip(axes, selection.top, strict=True):
        if one.measures is None or not len(one.measures.memory.pacf):
            continue
        memory = one.measures.memory
        lags = np.arange(1, len(memory.pacf))
        axis.axhspan(-memory.bound, memory.bound, color=style.GAP, alpha=0.12, linewidth=0,
                     label="may be chance")  # fmt: skip
        axis.bar(lags, memory.pacf[1:], 0.6, color=style.FORECAST)
        axis.set_xlim(0.2, max(6, len(lags)) + 0.8)
    return _finished(figure, axes, "lag in windows that share nothing", "partial autocorrelation")


def information(selection: Selection) -> Figure:
    """Bits that the row's present tells about the column's next window, for the top features."""
    table = selection.across
    bits = table.to_numpy(float)
    figure = Figure(figsize=(style.WIDTH, 0.4 * len(table) + 2.2), layout="constrained")
    axis = figure.subplots()
    most = max(0.5, float(np.nanmax(bits, initial=0)))
    axis.imshow(_coloured(bits / most * 0.85), interpolation="none", aspect="auto")
    _frameless(axis)
    _rows(axis, [str(name) for name in table.index], 9)
    axis.xaxis.set_major_locator(FixedLocator(range(len(table))))
    axis.set_xticklabels([style.label(name) for name in table.columns], rotation=40, ha="right",
                         rotation_mode="anchor", fontsize=9, color=style.INK)  # fmt: skip
    for row, column in np.ndindex(bits.shape):
        if np.isnan(bits[row, column]) or bits[row, column] > 0:
            _figure(axis, row, column, f"{bits[row, column]:.2f}".replace("nan", "-"))
    axis.set_xlabel("about the next window of", color=style.MUTED, fontsize=9)
    axis.set_ylabel("what this one tells", color=style.MUTED, fontsize=9)
    return figure


def _coloured(table: np.ndarray) -> np.ndarray:
    """Blue for positive and orange for negative values, the fainter the smaller: (n, n, RGBA)."""
    known = np.nan_to_num(table)
    colours = np.where(
        known[..., None] >= 0, np.array(to_rgb(style.FORECAST)), np.array(to_rgb(style.ALARM))
    )
    return np.concatenate([colours, np.abs(known)[..., None]], axis=-1)


def _figure(axis: Axes, row: int, column: int, text: str) -> None:
    axis.text(column, row, text, ha="center", va="center", fontsize=8, color=style.INK)


def _frameless(axis: Axes) -> None:
    axis.set_facecolor("none")
    for spine in axis.spines.values():
        spine.set_color(style.GRID)
    axis.tick_params(colors=style.MUTED, length=0)


def _rows(axis: Axes, names: Sequence[str], size: float) -> None:
    axis.yaxis.set_major_locator(FixedLocator(range(len(names))))
    labels = [style.label(name) for name in names]
    axis.set_yticklabels(labels, fontsize=size, color=style.INK)


def _panels(shown: Sequence[Assessed]) -> tuple[Figure, list[Axes]]:
    columns = 2 if len(shown) == 4 else min(3, len(shown)) or 1
    rows = -(-len(shown) // columns) or 1
    figure = Figure(figsize=(style.WIDTH, 1.75 * rows + 0.9), layout="constrained")
    axes = list(figure.subplots(rows, columns, sharey=True, squeeze=False).ravel())
    for axis in axes[len(shown) :]:
        axis.set_visible(False)
    for axis, one in zip(axes, shown, strict=False):
        style.quiet(axis)
        style.titled(axis, one.name)
        axis.axhline(0, color=style.GRID, linewidth=1)
    return figure, axes[: len(shown)]


def _finished(figure: Figure, axes: Sequence[Axes], lag: str, name: str) -> Figure:
    drawn: dict[str, Any] = {"fontsize": 9, "color": style.MUTED}
    figure.supxlabel(lag, **drawn)
    figure.supylabel(name, **drawn)
    for axis in axes:
        axis.xaxis.set_major_locator(MaxNLocator(6, integer=True, steps=[1, 2, 3, 6, 10]))
        axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    style.legend(figure, axes)
    return figure


def _reach(lags: int, period: int | None, usual: int) -> int:
    """Lags shown: two days and a half, or what it takes to see the rhythm."""
    return min(lags, max(usual, 0 if period is None else period * 5 // 4 + 1))
