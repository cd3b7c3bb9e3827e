"""Ranking: which values of a dimension made most of what is more, or less, than usual."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ibis
from ibis.expr import types as ir

from mods.features.behind import weights
from mods.features.behind.records import DAY
from mods.features.behind.weights import Asked
from mods.features.engines import tables

MOST = 10
NUMBERS = ("now", "usual", "excess", "share", "weight", "usual_weight")
NAMES = ("key", "now", "usual", "excess", "now_b", "usual_b")


@dataclass(frozen=True)
class Share:
    """What one value added: `now` and `usual` in the feature's measure, `excess` of the whole.

    share:  its part of the whole excess (or of what is missing), 1 is all; None where there is none
    weight, usual_weight:  of a quotient what it is divided by, such as records
    """

    key: str
    now: float | None
    usual: float | None
    excess: float
    share: float | None
    weight: float | None = None
    usual_weight: float | None = None

    def record(self) -> dict[str, Any]:
        """The row as a program reads it."""
        told = {name: getattr(self, name) for name in NUMBERS}
        return {"who": self.key} | {n: None if x is None else round(x, 6) for n, x in told.items()}


@dataclass(frozen=True)
class Ranked:
    """The first values of a dimension by what they added.

    now, usual:  the feature in the hours of the event, and its mean in those of the earlier days
    here, before:  how many values the dimension had then, and in the mean before
    """

    dimension: str
    now: float
    usual: float
    here: int
    before: float
    rows: tuple[Share, ...]

    @property
    def excess(self) -> float:
        """How much more than usual it is; below 0 for less."""
        return self.now - self.usual


def rank(
    con: Any,
    held: ir.Table,
    asked: Asked,
    dimension: str,
    days: Sequence[int],
    *,
    sign: int,
) -> Ranked:
    """The values of a dimension that added most (sign 1), or of which most is missing (-1).

    days:  the earlier days to compare with; what is usual is their mean
    """
    found = _by_key(con, weights.table(con, held, asked, dimension, days), days)
    sums = [found[name].sum().cast("float64") for name in ("now", "usual", "now_b", "usual_b")]
    wanted = (*sums, found.seen.sum(), found.seen_before.sum())
    totals = found.agg(**{f"t{place}": one for place, one in enumerate(wanted)})
    ((now, usual, now_b, usual_b, *seen),) = tables.fetch(con, totals)
    a, before_a, b, before_b = (float(one or 0.0) for one in (now, usual, now_b, usual_b))
    if asked.shared:
        a, before_a, excess = _quotients(found, (a, before_a, b, before_b))
    else:
        excess = found.now - found.usual
    ranked = found.mutate(excess=excess)
    ranked = ranked.filter(ranked.excess * sign > 0)
    order = [ibis.desc(ranked.excess * sign), "key"]
    rows = tables.fetch(con, ranked.order_by(order).limit(MOST).select(*NAMES))
    whole = a - before_a
    shares = tuple(_share(row, whole if whole * sign > 0 else 0.0, asked) for row in rows)
    here, before = (int(one or 0) for one in seen)
    return Ranked(dimension, a, before_a, here, before / max(len(days), 1), shares)


def _by_key(con: Any, rows: ir.Table, days: Sequence[int]) -> ir.Table:
    """One row per key: what it has now, and what it had on the earlier days in the mean."""
    rows = rows.mutate(earlier=rows[DAY].isin(days) if days else ibis.literal(False))
    now, earlier = rows[DAY] == 0, rows.earlier
    count = max(len(days), 1)

    def held(which: Any, column: str) -> Any:
        return which.ifelse(rows[column], 0.0).sum()

    found = rows.group_by("key").agg(
        now=held(now, "a"),
        usual=held(earlier, "a") / count,
        now_b=held(now, "b"),
        usual_b=held(earlier, "b") / count,
        seen=now.sum(),
        seen_before=earlier.sum(),
    )
    return tables.hold(con, "keys", found)


def _quotients(
    found: ir.Table, totals: tuple[float, float, float, float]
) -> tuple[float, float, Any]:
    """Both quotients, and what each key added to their difference.

    With the usual quotient r, (a - r b) / B adds up to A / B - r over all keys now, to 0 before.
    """
    a, before_a, b, before_b = totals
    now, usual = (x / y if y else 0.0 for x, y in ((a, b), (before_a, before_b)))
    lifted = (found.now - usual * found.now_b) / (b or 1.0)
    usually = (found.usual - usual * found.usual_b) / (before_b or 1.0)
    return now, usual, lifted - usually


def _share(row: tuple[Any, ...], whole: float, asked: Asked) -> Share:
    key, now, usual, excess, now_b, usual_b = row
    share = float(excess) / whole if whole else None
    if not asked.shared:
        return Share(str(key), float(now), float(usual), float(excess), share)
    own, before = (x / y if y else None for x, y in ((now, now_b), (usual, usual_b)))
    return Share(str(key), own, before, float(excess), share, float(now_b), float(usual_b))


__all__ = ["MOST", "NUMBERS", "Asked", "Ranked", "Share", "rank"]
