"""The records of some hours, held by the engine: read once, asked many times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis
from ibis.expr import types as ir

from mods.features import conditions, directions, entities, filters
from mods.features.behind import dimensions
from mods.features.catalog import ADDED, Feature
from mods.features.engines import tables
from mods.features.entities import By

DAY, SINCE = "day", "since"
FAULT = -1
MICROSECONDS = 1_000_000
KEPT = ("line_fault", "flow_direction", "entity")
Span = tuple[float, float]


def needed(protocol: str, features: Sequence[Feature], by: By | None) -> tuple[str, ...]:
    """The columns of a log that its dimensions and these features ask for."""
    found = dict.fromkeys(dimensions.columns(protocol))
    for one in features:
        named = (one.column,) if one.column else ()
        found |= dict.fromkeys([*named, *conditions.columns(one.where)])
    found |= dict.fromkeys(by.columns if by else ())
    return tuple(name for name in found if name not in ADDED)


def hold(
    con: Any,
    records: ir.Table,
    features: Sequence[Feature],
    spans: Sequence[Span],
    networks: tuple[Sequence[str], By | None],
) -> ir.Table:
    """The records of the spans, with the number of their span as `day`, the first being 0.

    records:  as the reader gives them; lines that are no record stay as day -1, to be counted
    networks:  what is local, and what tells entities apart
    """
    local, by = networks
    placed = records.mutate(**{DAY: _day(records, spans)})
    placed = placed.filter(placed[DAY].notnull())
    placed = placed.mutate(**{SINCE: placed.ts - _begin(placed, spans)})
    told = entities.label(directions.label(placed, local), by)
    ends = {name: directions.end(told, name) for name in ADDED}
    told = told.mutate(**ends)
    texts = dict.fromkeys(one.where for one in features if one.where)
    told = told.mutate(**{condition(text): filters.build(text, told) for text in texts})
    keys = {one.name: one.value(told) for one in dimensions.of(features[0].protocol)}
    columns = [one.column for one in features if one.column]
    wanted = dict.fromkeys([DAY, SINCE, *KEPT, *ADDED, *map(condition, texts)])
    found = told.select(
        *wanted,
        **{key(name): value for name, value in keys.items()},
        **{value(name): told[name] for name in dict.fromkeys(columns)},
    )
    return tables.hold(con, "behind", found)


def condition(text: str) -> str:
    """The column that says which records a condition takes."""
    return f"where {text}"


def key(dimension: str) -> str:
    """The column that holds a dimension."""
    return f"by {dimension}"


def value(column: str) -> str:
    """The column that holds the values a feature is computed from."""
    return f"of {column}"


def _day(records: ir.Table, spans: Sequence[Span]) -> Any:
    """The number of the span that a record lies in, NULL for none; -1 for what is no record."""
    cases: list[tuple[Any, Any]] = [(records.line_fault.notnull(), ibis.literal(FAULT))]
    for number, (begin, end) in enumerate(spans):
        first, last = (round(moment * MICROSECONDS) for moment in (begin, end))
        cases.append(((records.ts >= first) & (records.ts < last), ibis.literal(number)))
    return ibis.cases(*cases)


def _begin(records: ir.Table, spans: Sequence[Span]) -> Any:
    """When the span of each record begins, in microseconds."""
    begins = enumerate(round(begin * MICROSECONDS) for begin, _ in spans)
    return ibis.cases(*((records[DAY] == day, ibis.literal(begin)) for day, begin in begins))


def during(held: ir.Table, within: Span | None) -> ir.Table:
    """The records from one time to another after the begin of each span, in seconds."""
    if within is None:
        return held
    first, last = (round(moment * MICROSECONDS) for moment in within)
    return held.filter((held[SINCE] >= first) & (held[SINCE] < last))


def counts(con: Any, held: ir.Table, within: Span | None = None) -> dict[int, int]:
    """How many records lie in each span, or in a part of it."""
    found = during(held.filter(held[DAY] >= 0), within)
    counted = found.group_by(DAY).agg(n=found.count())
    return {int(day): int(n) for day, n in tables.fetch(con, counted)}


def rejected(con: Any, held: ir.Table) -> dict[str, int]:
    """How many lines of the files that were read are no record, by the reason."""
    found = held.filter(held[DAY] == FAULT)
    counted = found.group_by("line_fault").agg(n=found.count()).order_by("line_fault")
    return {str(reason): int(n) for reason, n in tables.fetch(con, counted)}
