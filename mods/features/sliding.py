"""Difference sums: what windows count, told by what enters and what leaves, never by recounting.

What happened in pane p counts in the windows p-R+1 .. p (R panes make a window, which is known by
the number of its first pane): plus where they begin, minus behind them, then one cumulative sum.
The cost grows with the panes, not with R.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ibis
from ibis.expr import types as ir

Types = Mapping[str, str]


def sums(
    rows: ir.Table, keys: Sequence[str], panes: int, changes: Mapping[str, Any], types: Types
) -> list[ir.Table]:
    """Events of rows (keys, pane): what enters with the first window of their pane, and leaves."""
    gone = {name: -value for name, value in changes.items()}
    return [
        _event(rows, keys, rows.pane - (panes - 1), changes, types),
        _event(rows, keys, rows.pane + 1, gone, types),
    ]


def distinct(
    rows: ir.Table, keys: Sequence[str], panes: int, name: str, types: Types
) -> list[ir.Table]:
    """Events of the different values in rows (keys, pane, value).

    A value seen again before it left enters anew only behind the windows that know it already.
    """
    values = rows.select(*keys, "pane", "value").distinct()
    order = ibis.window(group_by=[*keys, "value"], order_by="pane")
    values = values.mutate(known=values.pane.lag().over(order) + 1)
    first = values.pane - (panes - 1)
    enters = values.known.isnull() | (values.known < first)
    comes = values.select(*keys, at=enters.ifelse(first, values.known), step=1)
    goes = values.select(*keys, at=values.pane + 1, step=-1)
    # added up before all other counts stand beside it: there may be as many values as records
    steps = ibis.union(comes, goes).group_by(*keys, "at").agg(step=ibis._.step.sum())
    return [_event(steps, keys, steps["at"], {name: steps.step}, types)]


def _event(
    rows: ir.Table, keys: Sequence[str], at: Any, changes: Mapping[str, Any], types: Types
) -> ir.Table:
    """The rows as events in which all that does not change changes by nothing."""
    nothing = ibis.literal(0, "int64")
    counts = {name: changes.get(name, nothing).cast(kind) for name, kind in types.items()}
    return rows.select(*keys, at=at.cast("int64"), **counts)


def windows(
    events: Sequence[ir.Table], keys: Sequence[str], counted: str, bounds: tuple[int, int]
) -> ir.Table:
    """One row per key and window (first to last of `bounds`) in which `counted` is above 0."""
    rows = _running(ibis.union(*events), keys)
    begin = ibis.greatest(rows["at"], bounds[0])
    end = ibis.least(rows["until"], bounds[1] + 1)
    counts = [name for name in rows.columns if name not in (*keys, "at", "until")]
    inside = rows.filter((rows[counted] > 0) & (begin < end))
    return inside.select(*keys, *counts, window=ibis.range(begin, end).unnest())


def _running(events: ir.Table, keys: Sequence[str]) -> ir.Table:
    """The counts as they stand from window `at` to before window `until`."""
    names = [name for name in events.columns if name not in (*keys, "at")]
    steps = events.group_by(*keys, "at").agg(**{name: events[name].sum() for name in names})
    so_far = ibis.cumulative_window(group_by=list(keys), order_by="at")
    order = ibis.window(group_by=list(keys), order_by="at")
    return steps.mutate(
        until=steps["at"].lead().over(order),
        **{name: steps[name].sum().over(so_far) for name in names},
    )
