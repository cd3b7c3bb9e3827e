"""The picture of one event: the series, the band that was expected, the scores below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mods.visualization import style

BEFORE, AFTER = pd.Timedelta("36h"), pd.Timedelta("12h")
LONGER = 0.5
HEIGHT, SCORES = 2.0, 1.5
DASHED = (0, (4, 1.5))
JUDGES = {
    "surprise": "a step",
    "level": "the hours before it too",
    "jump": "what the steps before did not announce",
    "novelty": "what lies outside all that was seen before",
}


@dataclass(frozen=True, eq=False)
class Seen:
    """One feature around the event, by time.

    bands:  per level, in percent, lower and upper edge of what was expected
    """

    name: str
    actual: pd.Series
    expected: pd.Series
    bands: Mapping[int, tuple[pd.Series, pd.Series]] = field(default_factory=dict)


def caption(kinds: Sequence[str]) -> str:
    """What the picture shows, where these kinds of scores are drawn."""
    told = ", ".join(f"{name} judges {JUDGES[name]}" for name in JUDGES if name in kinds)
    return (
        f"Reality, what was expected before it, and how surprising that was: {told}; an alarm is "
        "raised from 1 on. The event is shaded."
    )


def around(start: pd.Timestamp, end: pd.Timestamp) -> tuple[pd.Timestamp, pd.Timestamp]:
    """From when to when an event is shown: with what was before it, and a little after."""
    length = LONGER * (end - start)
    return start - max(BEFORE, length), end + max(AFTER, length)


def figure(
    seen: Sequence[Seen],
    scores: pd.DataFrame,
    event: tuple[pd.Timestamp, pd.Timestamp, pd.Timestamp],
) -> Figure:
    """A panel per feature with the event shaded, and the scores in thresholds below.

    scores:  one column per kind of score, in thresholds; event:  its start, end and peak
    """
    drawn, axes = style.panels([one.name for one in seen], HEIGHT, extra=1)
    for axis, one in zip(axes, seen, strict=False):
        _shade(axis, event)
        _draw(axis, one)
    first = axes[0]
    if seen and event[2] in seen[0].actual.index:
        peak = style.times(pd.DatetimeIndex([event[2]]))
        height = seen[0].actual.loc[[event[2]]].to_numpy(float)
        if np.isfinite(height).all():
            first.plot(peak, height, "o", color=style.ALARM, markersize=6, label="peak")
    _shade(axes[-1], event)
    _scores(axes[-1], scores)
    style.time_axis(axes[-1])
    style.legend(drawn, axes)
    return drawn


def _draw(axis: Axes, one: Seen) -> None:
    """Reality over what was expected."""
    times = style.times(pd.DatetimeIndex(one.actual.index))
    for level in sorted(one.bands, reverse=True):
        lower, upper = (edge.to_numpy(float) for edge in one.bands[level])
        alpha = style.BANDS.get(level, 0.2)
        axis.fill_between(times, lower, upper, color=style.FORECAST, alpha=alpha, linewidth=0,
                          label=f"{level} % interval")  # fmt: skip
    expected = one.expected.to_numpy(float)
    axis.plot(times, expected, color=style.FORECAST, linewidth=1.2, linestyle=DASHED,
              label="expected")  # fmt: skip
    axis.plot(times, one.actual.to_numpy(float), color=style.INK, linewidth=1.4, label="reality")
    known = np.concatenate([one.actual.to_numpy(float), expected])
    known = known[np.isfinite(known)]
    if known.size and np.ptp(known) > 0:
        room = 0.12 * np.ptp(known)
        axis.set_ylim(known.min() - room, known.max() + room)


def _shade(axis: Axes, event: tuple[pd.Timestamp, pd.Timestamp, pd.Timestamp]) -> None:
    edges = style.times(pd.DatetimeIndex([event[0], event[1]]))
    axis.axvspan(edges[0], edges[1], color=style.ALARM, alpha=0.16, linewidth=0, label="event")


def _scores(axis: Axes, scores: pd.DataFrame) -> None:
    """The size of every kind of score."""
    style.titled(axis, "score / threshold")
    times = style.times(pd.DatetimeIndex(scores.index))
    dashes = ("-", (0, (2, 1.2)), (0, (5, 1.5)), (0, (1, 1)))
    looks = zip(dashes, (style.INK, style.SEASONAL, style.MUTED, style.FORECAST), strict=True)
    for name, (dash, color) in zip(scores.columns, looks, strict=False):
        sizes = scores[name].to_numpy(float)
        axis.plot(times, sizes, color=color, linewidth=1.2, linestyle=dash, label=style.label(name))
    style.score_axis(axis, scores.to_numpy(float))
