"""Extremes and quantiles of windows, merged from panes: no record is looked at again.

An extreme is that of a frame of R panes (engines keep a tree over them: panes x log R, on Spark
panes x R). A quantile is read off the counts of rounded values (partials.rounded), which slide as
difference sums: windows x different rounded values, some hundreds at most.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import ibis
from ibis.expr import types as ir

SHARES = 10_000


def extremes(
    rows: ir.Table, panes: ir.Table, keys: Sequence[str], names: Sequence[str], reach: int
) -> ir.Table:
    """The rows (keys, window, ...) with the columns `names` added, `min_...` and `max_...`.

    panes:  keys, pane and the columns `names`, any number of rows per pane
    reach:  how many panes make a window
    """
    kept = [name for name in rows.columns if name not in (*keys, "window")]
    seen = panes.select(
        *keys,
        window=panes.pane,
        asked=ibis.literal(False),
        **{name: ibis.null(rows[name].type()) for name in kept},
        **{name: panes[name] for name in names},
    )
    asked = rows.select(
        *keys,
        "window",
        asked=ibis.literal(True),
        **{name: rows[name] for name in kept},
        **{name: ibis.null(seen[name].type()) for name in names},
    )
    both = ibis.union(asked, seen)
    frame = ibis.window(group_by=list(keys), order_by="window", range=(0, reach - 1))
    found = both.mutate(**{name: _extreme(both, name).over(frame) for name in names})
    return found.filter(found.asked).drop("asked")


def _extreme(table: ir.Table, name: str) -> ir.Value:
    return table[name].min() if name.startswith("min_") else table[name].max()


def quantiles(counts: ir.Table, keys: Sequence[str], wanted: Mapping[str, float]) -> ir.Table:
    """Keys, window and per wanted quantile the least value that its share does not exceed.

    counts:  keys, window, value and n > 0, how often the window has the value
    """
    by = [*keys, "window"]
    whole = ibis.window(group_by=by)
    upward = ibis.cumulative_window(group_by=by, order_by="value")
    shares = counts.mutate(
        total=counts.n.sum().over(whole), so_far=counts.n.sum().over(upward) * SHARES
    )
    found = {
        name: shares.value.min(where=shares.so_far >= shares.total * round(q * SHARES))
        for name, q in wanted.items()
    }
    return shares.group_by(*by).agg(**found)


def below(rows: ir.Table, others: ir.Table) -> ir.Table:
    """Both tables as one, each row with NULL in the columns that only the other has."""
    columns = {**others.schema(), **rows.schema()}

    def filled(table: ir.Table) -> ir.Table:
        return table.select(
            **{
                name: table[name] if name in table.columns else ibis.null(kind)
                for name, kind in columns.items()
            }
        )

    return ibis.union(filled(rows), filled(others))
