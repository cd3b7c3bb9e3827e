"""Weights: what each value of a dimension adds to a feature, day by day, in its own measure.

Counts, sums and flags add up. A distinct value is shared by those who brought it, in equal parts,
which adds up to their number (the Shapley value of that count). Averages and ratios are two
numbers, `a` over `b`. An extreme or a quantile counts the records beyond what is usual.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ibis
from ibis.expr import types as ir

from mods.features.behind.records import DAY, condition, during, key, value
from mods.features.catalog import ALL, Feature
from mods.features.engines import tables

EXTREMES = {"max": 1.0, "min": 0.0}


@dataclass(frozen=True)
class Asked:
    """A feature in one direction, of one entity ('' is the whole); `parts` are those of a ratio.

    within:  from when to when after the begin of each span its records count, in seconds
    """

    feature: Feature
    direction: str
    entity: str = ""
    parts: tuple[Feature, ...] = ()
    within: tuple[float, float] | None = None

    @property
    def shared(self) -> bool:
        """Whether it is a quotient: what a host adds depends on how much all others have."""
        return self.feature.aggregate in ("mean", "ratio")

    @property
    def beyond(self) -> bool:
        """Whether records beyond the usual value are counted in its stead."""
        return self.feature.aggregate in ("min", "max", "quantile")

    @property
    def read(self) -> tuple[Feature, ...]:
        """The features whose columns it is computed from."""
        return (self.feature, *self.parts)


def table(con: Any, held: ir.Table, asked: Asked, dimension: str, days: Sequence[int]) -> ir.Table:
    """(day, key, a, b) of the records that count, one row per day and value of the dimension."""
    mine = _mine(held, asked)
    if asked.shared and asked.parts:
        first, second = (_added(mine, one, dimension) for one in asked.parts)
        zero = ibis.literal(0.0)
        both = ibis.union(
            first.mutate(b=zero),
            second.mutate(b=second.a).mutate(a=zero).select(*first.columns, "b"),
        )
        return both.group_by(DAY, "key").agg(a=both.a.sum(), b=both.b.sum())
    if asked.shared:
        column = mine[value(str(asked.feature.column))]
        taken = _taken(mine, asked.feature).filter(column.notnull())
        size = taken[value(str(asked.feature.column))].cast("float64") / asked.feature.divisor
        keyed = taken.group_by(DAY, key=taken[key(dimension)])
        return keyed.agg(a=size.sum(), b=size.count().cast("float64"))
    if asked.beyond:
        return _beyond(con, mine, asked.feature, dimension, days).mutate(b=ibis.literal(0.0))
    return _added(mine, asked.feature, dimension).mutate(b=ibis.literal(0.0))


def _mine(held: ir.Table, asked: Asked) -> ir.Table:
    """The records of the feature's direction, entity and time."""
    found = during(held.filter(held[DAY] >= 0), asked.within)
    if asked.direction != ALL:
        found = found.filter(found.flow_direction == asked.direction)
    return found.filter(found.entity == asked.entity) if asked.entity else found


def _taken(records: ir.Table, feature: Feature) -> ir.Table:
    return records.filter(records[condition(feature.where)]) if feature.where else records


def _added(records: ir.Table, feature: Feature, dimension: str) -> ir.Table:
    """What adds up: (day, key, a)."""
    taken = _taken(records, feature)
    if feature.aggregate == "distinct":
        return _distinct(taken, feature, dimension)
    if feature.aggregate == "count":
        size = ibis.literal(1.0)
    else:
        column = taken[value(str(feature.column))]
        if feature.aggregate == "sum":
            size = column.cast("float64") / feature.divisor
        else:
            size = (column if feature.aggregate == "true" else ~column).cast("float64")
    found = taken.select(DAY, key=taken[key(dimension)], size=size)
    return found.group_by(DAY, "key").agg(a=found["size"].sum().coalesce(0.0))


def _distinct(taken: ir.Table, feature: Feature, dimension: str) -> ir.Table:
    column = taken[value(str(feature.column))]
    there = column.notnull() & (column != "" if column.type().is_string() else True)
    pairs = taken.filter(there).select(DAY, key=taken[key(dimension)], value=column).distinct()
    among = pairs.count().over(ibis.window(group_by=[DAY, "value"]))
    parts = pairs.mutate(part=1.0 / among.cast("float64"))
    return parts.group_by(DAY, "key").agg(a=parts.part.sum())


def _beyond(
    con: Any, records: ir.Table, feature: Feature, dimension: str, days: Sequence[int]
) -> ir.Table:
    """Records beyond the usual extreme or quantile: the mean of those of the earlier days."""
    taken = _taken(records, feature)
    column = taken[value(str(feature.column))].cast("float64")
    share = EXTREMES.get(feature.aggregate, feature.q)
    sized = taken.select(DAY, key=taken[key(dimension)], size=column)
    earlier = sized.filter(sized[DAY].isin(list(days)))
    by_day = earlier.group_by(DAY).agg(level=earlier["size"].quantile(share))
    ((level,),) = tables.fetch(con, by_day.agg(level=by_day.level.mean()))
    if level is None:
        return sized.filter(False).group_by(DAY, "key").agg(a=ibis.literal(0.0))
    far = sized["size"] < level if feature.aggregate == "min" else sized["size"] > level
    kept = sized.filter(far)
    return kept.group_by(DAY, "key").agg(a=kept.count().cast("float64"))
