"""Windows out of panes by difference sums: the cost does not grow with length / slide.

A window is known by the number of its first pane. What happened in pane p counts in the windows
p-R+1 .. p (R panes make a window): plus where they begin, minus behind them, then one cumulative
sum. A value seen again before it left enters anew only behind the windows that know it already,
which makes distinct counts exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa
from ibis.expr import types as ir

from mods.errors import InputError
from mods.features.catalog import DIRECTIONS, Feature
from mods.features.panes import MICROSECONDS, Panes, partials
from mods.window import Window


@dataclass(frozen=True)
class Span:
    """The windows wholly inside the time of all records: number of the first and of the last."""

    first: int
    last: int

    @classmethod
    def of(cls, window: Window, earliest: int, latest: int) -> Span:
        """From the outermost time stamps, in microseconds since the epoch.

        >>> Span.of(Window(3600, 600), 1, 7_200_000_000)
        Span(first=1, last=6)
        """
        size = window.slide * MICROSECONDS
        return cls(-(-earliest // size), latest // size - window.panes)

    def __len__(self) -> int:
        return max(0, self.last - self.first + 1)


def table(panes: Panes, span: Span) -> pd.DataFrame:
    """The windows in which the protocol has records: index window_start (UTC), one column per
    feature and direction; NA where a direction has no records (or an average no value).
    """
    try:
        cells = slide(panes, span).order_by("window").to_pyarrow()
    except pa.ArrowInvalid as error:
        raise InputError(f"a sum does not fit into 64 bits ({error})") from None
    frame: pd.DataFrame = cells.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
    seconds = frame.pop("window").astype("int64") * panes.window.slide
    frame.index = pd.DatetimeIndex(pd.to_datetime(seconds, unit="s", utc=True), name="window_start")
    return frame


def slide(panes: Panes, span: Span) -> ir.Table:
    """One row per window of the span with records, `window` being the number of its first pane."""
    running = _running(_events(panes))
    inside = running.mutate(
        begin=ibis.greatest(running["at"], span.first),
        end=ibis.least(running["until"], span.last + 1),
    )
    inside = inside.filter((inside.records > 0) & (inside.begin < inside.end))
    rows = inside.mutate(window=ibis.range(inside.begin, inside.end).unnest())
    cells = {
        one.label(where): _cell(rows, one).max(where=rows.direction == where)
        for where in DIRECTIONS
        for one in panes.features
    }
    return rows.group_by("window").agg(**cells)


def _events(panes: Panes) -> ir.Table:
    """What changes from one window to the next: direction, at, and the change of each count."""
    reach = panes.window.panes - 1
    names = ("records", *partials(panes.features))
    sums = panes.sums()
    events = [
        _event(panes, sums, sums.pane - reach, {name: sums[name] for name in names}),
        _event(panes, sums, sums.pane + 1, {name: -sums[name] for name in names}),
    ]
    for column, seen in panes.sets.items():
        values = seen.select("direction", "pane", "value").distinct()
        order = ibis.window(group_by=["direction", "value"], order_by="pane")
        values = values.mutate(known=values.pane.lag().over(order) + 1)
        enters = values.known.isnull() | (values.known < values.pane - reach)
        enter = enters.ifelse(values.pane - reach, values.known)
        one = ibis.literal(1, "int64")
        events.append(_event(panes, values, enter, {f"distinct_{column}": one}))
        events.append(_event(panes, values, values.pane + 1, {f"distinct_{column}": -one}))
    return ibis.union(*events)


def _event(panes: Panes, rows: ir.Table, at: Any, changes: dict[str, Any]) -> ir.Table:
    """The rows as events in which all that does not change changes by nothing."""
    return rows.select(
        direction=rows.direction,
        at=at.cast("int64"),
        **{
            name: changes.get(name, ibis.literal(0, "int64")).cast("int64")
            for name in _counts(panes)
        },
    )


def _counts(panes: Panes) -> Sequence[str]:
    return ("records", *partials(panes.features), *(f"distinct_{one}" for one in panes.sets))


def _running(events: ir.Table) -> ir.Table:
    """The counts as they stand from window `at` to before window `until`."""
    names = [name for name in events.columns if name not in ("direction", "at")]
    steps = events.group_by("direction", "at").agg(**{name: events[name].sum() for name in names})
    so_far = ibis.cumulative_window(group_by="direction", order_by="at")
    order = ibis.window(group_by="direction", order_by="at")
    return steps.mutate(
        until=steps["at"].lead().over(order),
        **{name: steps[name].sum().over(so_far) for name in names},
    )


def _cell(rows: ir.Table, feature: Feature) -> Any:
    if feature.aggregate == "count":
        return rows.records
    if feature.aggregate == "mean":
        seen = rows[f"has_{feature.column}"].nullif(0).cast("float64")
        return rows[f"sum_{feature.column}"].cast("float64") / seen / feature.divisor
    return rows[f"{feature.aggregate}_{feature.column}"]
