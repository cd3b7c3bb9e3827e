"""Pictures of forecasts, errors, anomalies and training. Each function returns a Figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mods.series.forecast import Forecast
from mods.visualization import leads, style
from mods.visualization.alarms import anomalies_on_series
from mods.visualization.limits import Line
from mods.visualization.limits import draw as draw_limits
from mods.visualization.style import png, svg

MODEL = "this model"
BAR = 7  # points

__all__ = [
    "anomalies_on_series",
    "backtest_band",
    "error_by_lead",
    "forecast_band",
    "learning_curve",
    "png",
    "svg",
]


def forecast_band(
    forecast: Forecast,
    series: pd.DataFrame,
    *,
    origin: int = -1,
    history: int | None = None,
    limits: Sequence[Line] = (),
) -> Figure:
    """What was seen up to one origin, what was forecast from it, and what came true if known.

    origin:  position among the forecast's origins, the last one if not given
    history:  steps shown before the origin; six times the horizon, at least 72, if not given
    limits:  drawn where they are near, or warned of
    """
    start = forecast.origins[origin]
    ahead = len(forecast.leads)
    back = history if history is not None else max(6 * ahead, 72)
    targets = pd.DatetimeIndex(start + forecast.leads * forecast.step)
    figure, axes = style.panels(forecast.features, 1.8)
    for at, (axis, name) in enumerate(zip(axes, forecast.features, strict=False)):
        seen = series.loc[start - back * forecast.step : start, name]
        came = series.loc[start : targets[-1], name]
        _line(axis, seen, color=style.INK, label="seen")
        if came.notna().sum() > 1:
            _line(axis, came, color=style.INK, linestyle=(0, (1, 1.2)), label="came true")
        _bands(axis, forecast, targets, (origin, slice(None), at))
        path = pd.Series(forecast.values[origin, :, at], targets)
        marker: dict[str, Any] = {"marker": "o", "markersize": 4} if ahead == 1 else {}
        _line(axis, path, color=style.FORECAST, linewidth=1.8, label="forecast", **marker)
        axis.axvline(style.times(pd.DatetimeIndex([start]))[0], color=style.MUTED, linewidth=0.8)
        draw_limits(axis, [line for line in limits if line.limit.feature == name])
    return _finished(figure, axes)


def backtest_band(
    forecast: Forecast, series: pd.DataFrame, *, lead: int = 1, days: float = 7
) -> Figure:
    """The forecast made `lead` steps before, with its bands, against reality over the last days."""
    targets = forecast.origins + lead * forecast.step
    shown = np.asarray(targets > targets[-1] - pd.Timedelta(days=days))
    times = targets[shown]
    figure, axes = style.panels(forecast.features, 1.8)
    for at, (axis, name) in enumerate(zip(axes, forecast.features, strict=False)):
        where = (shown, lead - 1, at)
        _bands(axis, forecast, times, where)
        actual = series[name].reindex(times)
        _line(axis, actual, color=style.INK, label="reality")
        made = pd.Series(forecast.values[where], times)
        ahead = "1 step" if lead == 1 else f"{lead} steps"
        _line(axis, made, color=style.FORECAST, label=f"forecast {ahead} ahead")
        _within(axis, [actual, made])
    return _finished(figure, axes)


def error_by_lead(evaluation: pd.DataFrame) -> Figure:
    """Error relative to persistence by lead, a panel per feature; baselines as thin lines.

    evaluation:  columns feature, lead, rel_mae (the model's error relative to persistence), and
        for the baselines NAME_mae (their errors, persistence's among them)
    """
    names = list(pd.unique(evaluation["feature"]))[: style.MOST_PANELS]
    columns = min(4, len(names)) or 1
    rows = -(-len(names) // columns)
    figure = Figure(figsize=(style.WIDTH, 2.3 * rows + 0.7), layout="constrained")
    axes = figure.subplots(max(1, rows), columns, sharex=True, sharey=True, squeeze=False).ravel()
    for axis in axes[len(names) :]:
        axis.set_visible(False)
    tables = _beside_persistence(evaluation)
    for axis, name in zip(axes, names, strict=False):
        style.quiet(axis)
        style.titled(axis, name)
        axis.axhline(1, color=style.ALARM, linewidth=1.2, label="persistence")
        for who, table in tables.items():
            _errors(axis, table.loc[name], who)
        axis.set_ylim(0, _highest(tables))
        axis.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    figure.supxlabel("steps ahead", fontsize=9, color=style.MUTED)
    figure.supylabel("MAE / persistence", fontsize=9, color=style.MUTED)
    style.legend(figure, axes[: len(names)])
    return figure


def _beside_persistence(evaluation: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Error / persistence by feature and lead: of each baseline, and last of the model."""
    others = {name: leads.pivot(one) for name, one in leads.beside(evaluation).items()}
    tables = {**others, MODEL: leads.pivot(evaluation)}
    return {name: table.drop(columns="mean") for name, table in tables.items()}


def _highest(tables: Mapping[str, pd.DataFrame]) -> float:
    """Room for the model and persistence; a baseline beyond twice persistence is cut off."""
    tops = {
        name: float(np.max(table.to_numpy(), initial=1.0, where=np.isfinite(table.to_numpy())))
        for name, table in tables.items()
    }
    others = [min(2.0, top) for name, top in tops.items() if name != MODEL]
    return max(1.25, 1.1 * tops[MODEL], *others)


def _errors(axis: Axes, line: pd.Series, name: str) -> None:
    steps = line.index.to_numpy(float)
    marker = "o" if len(steps) <= leads.WIDEST else None
    if name == MODEL:
        drawn: dict[str, Any] = {"linewidth": 2, "marker": marker, "markersize": 4}
        axis.plot(steps, line, label=MODEL, color=style.FORECAST, **drawn)
    else:
        text = style.label(leads.spoken(name))
        axis.plot(steps, line, label=text, color=style.SEASONAL, linewidth=1.3,
                  linestyle=style.dashes(name))  # fmt: skip


def learning_curve(history: Mapping[str, Sequence[float]]) -> Figure:
    """The errors over those of persistence by epoch, the best validation epoch marked.

    history:  `loss` and `val_loss`, as `Forecaster.history` has them
    """
    figure = Figure(figsize=(style.WIDTH, 2.8), layout="constrained")
    axis = figure.subplots()
    style.quiet(axis)
    for name, color in (("loss", style.FORECAST), ("val_loss", style.ALARM)):
        values = np.asarray(history.get(name, []), float)
        if values.size == 0:
            continue
        epochs = np.arange(1, values.size + 1)
        text = "training" if name == "loss" else "validation"
        axis.plot(epochs, values, color=color, linewidth=1.8, label=text)
        if name == "val_loss" and np.isfinite(values).any():
            best = int(np.nanargmin(values))
            point = f"best: {values[best]:.4g} in epoch {best + 1}"
            axis.plot(best + 1, values[best], "o", color=color, label=point)
    axis.set_xlim(0.6, max([1, *map(len, history.values())]) + 0.4)
    axis.set_xlabel("epoch", color=style.MUTED, fontsize=9)
    axis.set_ylabel("error / persistence", color=style.MUTED, fontsize=9)
    axis.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    style.legend(figure, [axis])
    return figure


def _line(axis: Axes, values: pd.Series, **drawn: Any) -> None:
    drawn.setdefault("linewidth", 1.3)
    axis.plot(style.times(pd.DatetimeIndex(values.index)), values.to_numpy(float), **drawn)


def _bands(axis: Axes, forecast: Forecast, times: pd.DatetimeIndex, where: tuple[Any, ...]) -> None:
    """The intervals as bands; as bars over a single time, where a band has no area."""
    draw, width = (axis.vlines, BAR) if len(times) == 1 else (axis.fill_between, 0)
    for level in sorted(forecast.lower, reverse=True):
        draw(
            style.times(times),
            forecast.lower[level][where],
            forecast.upper[level][where],
            color=style.FORECAST,
            alpha=style.BANDS.get(level, 0.2),
            linewidth=width,
            label=f"{level} % interval",
        )


def _within(axis: Axes, lines: list[pd.Series]) -> None:
    """Limits that show the lines; a band far wider than they is cut."""
    values = np.concatenate([line.to_numpy(float) for line in lines])
    values = values[np.isfinite(values)]
    if values.size and np.ptp(values) > 0:
        room = 0.15 * np.ptp(values)
        low, high = axis.get_ylim()
        axis.set_ylim(max(low, values.min() - 3 * room), min(high, values.max() + 3 * room))


def _finished(figure: Figure, axes: list[Axes]) -> Figure:
    style.time_axis(axes[-1])
    style.legend(figure, axes)
    return figure
