"""The picture of what a detector found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mods.visualization import style

NARROWEST = 0.004
GAP = "missing"


class Shaded(Protocol):
    """What the picture needs of an event; the detector's events have it."""

    @property
    def start(self) -> pd.Timestamp:
        """First step, taken in."""

    @property
    def end(self) -> pd.Timestamp:
        """Last step, taken in."""

    @property
    def features(self) -> tuple[str, ...]:
        """The features that departed."""

    @property
    def direction(self) -> str:
        """Which way, or "missing"."""


def anomalies_on_series(
    series: pd.DataFrame, found: pd.DataFrame, events: Sequence[Shaded] = ()
) -> Figure:
    """The series with its events shaded where they were seen, and the score below.

    found:  index time, columns anomaly_score, threshold, anomaly (0/1), feature
    events:  of each the stretch is shaded in the panels of its features; gaps in grey
    """
    names = [str(name) for name in series.columns][: style.MOST_PANELS]
    figure, axes = style.panels(names, 1.6, extra=1)
    index = pd.DatetimeIndex(series.index)
    times = style.times(index)
    for axis, name in zip(axes, names, strict=False):
        axis.plot(
            times, series[name].to_numpy(float), color=style.INK, linewidth=1, label="reality"
        )
        _shade(axis, index, [event for event in events if name in event.features])
        _mark(axis, series[name], found[(found["anomaly"] == 1) & (found["feature"] == name)])
    _score(axes[-1], found)
    style.time_axis(axes[-1])
    style.legend(figure, axes)
    return figure


def _shade(axis: Axes, index: pd.DatetimeIndex, events: Sequence[Shaded]) -> None:
    """Each event at least wide enough to be seen."""
    if len(index) < 2:
        return
    least = (index[-1] - index[0]) * NARROWEST / 2
    for event in events:
        gap = event.direction == GAP
        edges = pd.DatetimeIndex([event.start, event.end])
        middle = edges[0] + (edges[1] - edges[0]) / 2
        begin, end = min(edges[0], middle - least), max(edges[1], middle + least)
        axis.axvspan(
            *style.times(pd.DatetimeIndex([begin, end])),
            color=style.GAP if gap else style.ALARM,
            alpha=0.25,
            linewidth=0,
            label="no data" if gap else "event",
        )


def _mark(axis: Axes, values: pd.Series, alarms: pd.DataFrame) -> None:
    if len(alarms):
        heights = values.reindex(alarms.index).to_numpy(float)
        dots: dict[str, Any] = {"color": style.ALARM, "markersize": 5, "label": "alarm"}
        axis.plot(style.times(pd.DatetimeIndex(alarms.index)), heights, "o", **dots)


def _score(axis: Axes, found: pd.DataFrame) -> None:
    """The score in thresholds."""
    style.titled(axis, "score / threshold")
    ratio = (found["anomaly_score"] / found["threshold"]).to_numpy(float)
    times = style.times(pd.DatetimeIndex(found.index))
    axis.fill_between(times, ratio, color=style.FORECAST, alpha=0.35, linewidth=0)
    style.score_axis(axis, ratio)
