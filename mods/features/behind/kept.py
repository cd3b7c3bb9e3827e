"""What the panes that a datapool keeps tell by themselves: when, and of names which; never who."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import ibis
from ibis.expr import types as ir

from mods.features import blocks
from mods.features.behind.dimensions import DOMAIN, domain
from mods.features.behind.records import DAY, MICROSECONDS, SINCE, Span, key, value
from mods.features.behind.weights import Asked
from mods.features.catalog import Feature
from mods.features.engines import tables
from mods.features.partials import DISTINCT, named
from mods.features.store.batches import SUMS

TIME = "slide"
ADDED_UP = ("count", "sum", "true", "false")
NAMES = "query"


def told(feature: Feature) -> bool:
    """Whether panes tell anything of a feature."""
    names = feature.aggregate == DISTINCT and feature.column == NAMES
    return names or feature.aggregate in ADDED_UP


def hold(
    con: Any, panes: Mapping[str, ir.Table], asked: Asked, spans: Sequence[Span], slide: int
) -> tuple[ir.Table, Asked, str]:
    """The panes of the spans as if they were records, what to ask of them, and by what to rank.

    panes:  as `batches.within` gives them, of one log; slide:  seconds of a pane
    """
    feature = asked.feature
    if feature.aggregate == DISTINCT:
        seen = blocks.apart(panes[named(feature, DISTINCT)])
        size, by, dimension = seen["value"], domain(seen["value"]), DOMAIN
        what = replace(feature, column="value", where="")
    else:
        sums = panes[SUMS]
        seen = sums.filter(sums.line_fault.isnull() & sums.pane.notnull())
        size, by, dimension = seen[named(feature, feature.aggregate)].cast("float64"), None, TIME
        what = Feature(feature.protocol, "", "sum", "value", divisor=feature.divisor)
    start = seen.pane * slide
    inside = [(start >= round(begin)) & (start < round(end)) for begin, end in spans]
    day = ibis.cases(*((here, ibis.literal(number)) for number, here in enumerate(inside)))
    begins = (round(begin) for begin, _ in spans)
    since = ibis.cases(*((here, start - at) for here, at in zip(inside, begins, strict=True)))
    by = (since // slide).cast("string") if by is None else by
    found = seen.select(
        **{
            DAY: day,
            SINCE: since * MICROSECONDS,
            "flow_direction": seen.direction,
            "entity": seen.entity,
            key(dimension): by,
            value("value"): size,
        }
    )
    held = tables.hold(con, "panes", found.filter(found[DAY].notnull()))
    return held, replace(asked, feature=what), dimension
