"""Partial aggregates: what of the records of one pane has to be kept for each feature.

Additive ones are columns (`sum_orig_bytes`, `min_duration`), others tables: different values
(`query`) with the panes they were seen in, and rounded values with their counts for quantiles
(`rounded_duration`). One that takes only some records ends in the hash of its condition:
`count_where_1f0c42ab`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import ibis
from ibis.expr import types as ir

from mods.errors import InputError
from mods.features import blocks, filters
from mods.features.catalog import Feature

DISTINCT, ROUNDED = "distinct", "rounded"
MADE_OF = {
    "count": ("count",), "sum": ("sum",), "mean": ("sum", "has"), "true": ("true",),
    "false": ("false",), "min": ("min",), "max": ("max",), "distinct": (DISTINCT,),
    "quantile": (ROUNDED,), "ratio": (),
}  # fmt: skip
EXTREMES = ("min", "max")
BITS = 6
MICROS = "decimal(24, 6)"


@dataclass(frozen=True)
class Partial:
    """One partial aggregate of the records that `where` takes ('' takes all)."""

    kind: str
    column: str | None = None
    where: str = ""

    @property
    def name(self) -> str:
        """The name of its column, or of its table.

        >>> Partial("sum", "orig_bytes").name, Partial("distinct", "query").name
        ('sum_orig_bytes', 'query')
        """
        if self.kind == "count" and not self.where:
            return "records"
        kind = None if self.kind == DISTINCT else self.kind
        tail = f"where_{_digest(self.where)}" if self.where else None
        return "_".join(part for part in (kind, self.column, tail) if part)

    @property
    def additive(self) -> bool:
        """Whether it is one number per pane."""
        return self.kind not in (DISTINCT, ROUNDED)


def of(features: Iterable[Feature]) -> tuple[Partial, ...]:
    """All partial aggregates that the features are made of, the number of records first."""
    found = [Partial("count")]
    for one in features:
        column = one.column if one.aggregate != "count" else None
        found += [Partial(kind, column, one.where) for kind in MADE_OF[one.aggregate]]
    return tuple(dict.fromkeys(found))


def named(feature: Feature, kind: str) -> str:
    """The name of one of the partial aggregates of a feature."""
    return Partial(kind, feature.column if kind != "count" else None, feature.where).name


def conditions(partials: Iterable[Partial], records: ir.Table) -> dict[str, ir.BooleanValue]:
    """Which records each condition takes, by the name under which `taken` looks for it."""
    texts = dict.fromkeys(one.where for one in partials if one.where)
    return {f"where_{_digest(text)}": filters.build(text, records) for text in texts}


def additive(records: ir.Table, one: Partial) -> Any:
    """The aggregate over records that hold their conditions (`conditions`)."""
    if one.kind == "count":
        taken = _taken(records, one.where)
        return records.count() if taken is None else taken.ifelse(1, 0).sum().coalesce(0)
    value = records[str(one.column)]
    flag = one.kind in ("true", "false")
    fits = value.type().is_boolean() if flag else value.type().is_numeric()
    _expect(fits, str(one.column), "flags" if flag else "numbers")
    taken = _taken(records, one.where)
    value = value if taken is None else taken.ifelse(value, ibis.null(value.type()))
    if flag:
        return (value if one.kind == "true" else ~value).sum().coalesce(0)
    if one.kind == "has":
        return value.count()
    if one.kind == "sum":
        if value.type().is_integer():
            return value.sum().coalesce(0).cast("int64")
        return value.cast(MICROS).sum().coalesce(ibis.literal(0).cast(MICROS))
    return (value.min() if one.kind == "min" else value.max()).cast("float64")


def values(records: ir.Table, one: Partial, keys: Mapping[str, str]) -> ir.Table:
    """Each value once per key and block of panes (blocks.py), with the `panes` it was seen in; for
    quantiles rounded, once per pane, with the number `n` of its records.

    keys:  the name of each key but the pane, and of the column of the records that it is

    Unset and empty are no values.
    """
    value = records[str(one.column)]
    there = value.notnull() & (value != "" if value.type().is_string() else True)
    taken = _taken(records, one.where)
    kept = records.filter(there if taken is None else there & taken)
    by = {name: kept[column] for name, column in keys.items()}
    if one.kind == DISTINCT:
        by |= {"pane": blocks.start(kept.pane), "value": kept[str(one.column)]}
        return kept.group_by(**by).agg(panes=blocks.either(blocks.bit(kept.pane)))
    _expect(value.type().is_numeric(), str(one.column), "numbers")
    seen = kept.select(**by, pane=kept.pane, value=rounded(kept[str(one.column)]))
    return seen.group_by(*keys, "pane", "value").agg(n=seen.count())


def rounded(value: Any) -> Any:
    """Numbers to seven significant bits: whole numbers to 128 stay, others move by 0.8 % at most.

    So few different values are left that quantiles of windows can be merged from panes.
    """
    size = value.cast("float64").abs()
    step = ibis.literal(2.0) ** (size.nullif(0).log2().floor() - BITS)
    near = ((size / step + 0.5).floor() * step).coalesce(0.0)
    return (value < 0).ifelse(-near, near)


def _taken(records: ir.Table, where: str) -> Any:
    return records[f"where_{_digest(where)}"] if where else None


def _digest(where: str) -> str:
    return hashlib.sha256(where.encode()).hexdigest()[:8]


def _expect(fits: bool, column: str, wanted: str) -> None:
    if not fits:
        raise InputError(
            f"the logs do not declare {column} as {wanted}", where=column, fix="See their #types"
        )
