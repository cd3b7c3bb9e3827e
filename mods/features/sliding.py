"""Difference sums: what windows count, told by what enters and what leaves, never by recounting.

What happened in pane p counts in the windows p-R+1 .. p (R panes make a window, which is known by
the number of its first pane): plus where they begin, minus behind them, then one cumulative sum.
The cost grows with the panes, not with R. Different values are counted by the windows they are in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ibis
from ibis.expr import types as ir

from mods.features import blocks

Types = Mapping[str, str]
Bounds = tuple[int, int]
MOST = 8  # blocks of panes that are worth a column each


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
    rows: ir.Table, keys: Sequence[str], panes: int, name: str, types: Types, bounds: Bounds
) -> list[ir.Table]:
    """Events of the different values in rows (keys, value, and panes as in blocks.py)."""
    begin = blocks.start(bounds[0])
    last = bounds[1] + panes - 1
    if last - begin < MOST * blocks.PANES:
        steps = _by_bits(rows, keys, panes, range(begin, last + 1))
    else:
        steps = _by_order(blocks.apart(rows), keys, panes)
    # added up before all other counts stand beside it: there may be as many values as records
    steps = steps.group_by(*keys, "at").agg(step=ibis._.step.sum())
    return [_event(steps, keys, steps["at"], {name: steps.step}, types)]


def reachable(panes: int) -> int:
    """In how many windows of so many panes, from any on, different values are counted by bits."""
    return (MOST - 1) * blocks.PANES - panes + 2


def _by_bits(rows: ir.Table, keys: Sequence[str], panes: int, there: range) -> ir.Table:
    """Steps out of the windows that each value is in, counted by their pattern.

    No value is compared with another but to find it again: no order, whatever the number of panes.
    """
    starts = there[:: blocks.PANES]
    words = [f"word{place}" for place in range(len(starts))]
    nothing = ibis.literal(0, "int64")
    seen = rows.group_by(*keys, "value").agg(
        **{
            word: blocks.either((rows.pane == start).ifelse(rows.panes, nothing))
            for word, start in zip(words, starts, strict=True)
        }
    )
    found = blocks.reaching(seen, words, panes)
    patterns = [
        found.filter(found[word] != 0)
        .group_by(*keys, panes=found[word])
        .agg(n=ibis._.count())
        .mutate(pane=ibis.literal(start, "int64"))
        for word, start in zip(words, starts, strict=True)
    ]
    windows = blocks.apart(ibis.union(*patterns))
    counts = windows.group_by(*keys, "pane").agg(n=windows.n.sum())
    comes = counts.select(*keys, at=counts.pane, step=counts.n)
    return ibis.union(comes, counts.select(*keys, at=counts.pane + 1, step=-counts.n))


def _by_order(rows: ir.Table, keys: Sequence[str], panes: int) -> ir.Table:
    """Steps out of rows (keys, pane, value) put in order, for spans or windows of many blocks.

    A value seen again before it left enters anew only behind the windows that know it already.
    """
    values = rows.select(*keys, "pane", "value").distinct()
    order = ibis.window(group_by=[*keys, "value"], order_by="pane")
    values = values.mutate(known=values.pane.lag().over(order) + 1)
    first = values.pane - (panes - 1)
    enters = values.known.isnull() | (values.known < first)
    one = ibis.literal(1, "int64")
    comes = values.select(*keys, at=enters.ifelse(first, values.known), step=one)
    goes = values.select(*keys, at=values.pane + 1, step=-one)
    return ibis.union(comes, goes)


def _event(
    rows: ir.Table, keys: Sequence[str], at: Any, changes: Mapping[str, Any], types: Types
) -> ir.Table:
    """The rows as events in which all that does not change changes by nothing."""
    nothing = ibis.literal(0, "int64")
    counts = {name: changes.get(name, nothing).cast(kind) for name, kind in types.items()}
    return rows.select(*keys, at=at.cast("int64"), **counts)


def windows(
    events: Sequence[ir.Table], keys: Sequence[str], counted: str, bounds: Bounds
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
