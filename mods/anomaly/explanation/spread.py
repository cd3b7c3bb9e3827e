"""Spread: what a whole ranking tells of its hosts, beyond the first: many, few, or none left."""

from __future__ import annotations

from collections.abc import Sequence

from mods.anomaly.explanation.words import joined, shown
from mods.features.behind import UNSET, Ranked

TANGLED, HALF = 1.5, 0.5


def first(ranked: Ranked) -> float:
    """The share of the first row, 0 where there is none."""
    return (ranked.rows[0].share or 0.0) if ranked.rows else 0.0


def gross(ranked: Ranked) -> float:
    """What the first rows add up to, in parts of the whole; above 1 where others took it back."""
    return sum(row.share or 0.0 for row in ranked.rows)


def tangled(ranked: Ranked) -> bool:
    """Whether several added far more than the whole, so that the share of one says little."""
    added = gross(ranked)
    return added > TANGLED and first(ranked) < HALF * added


def silent(hosts: Sequence[Ranked]) -> str:
    """That all fell silent: the link or the sensor, or the one host that all of them talk to."""
    usual = joined([many(round(one.before), one.dimension) for one in hosts])
    alone = [_alone(one) for one in hosts if round(one.before) <= 1]
    if not alone:
        return f"All fell silent alike, usually {usual}: the link or the sensor, not a host."
    return f"All fell silent, usually {usual}: {', '.join(alone)}, the link or the sensor."


def _alone(ranked: Ranked) -> str:
    """The one host by its name, where the rows have only one."""
    named = len(ranked.rows) == 1 and ranked.rows[0].key != UNSET
    return shown(ranked.rows[0].key) if named else f"the {ranked.dimension}"


def many(count: int, what: str) -> str:
    """A number of things.

    >>> many(1, "responder"), many(1054, "originator")
    ('1 responder', '1,054 originators')
    """
    return f"{count:,} {what}{'' if count == 1 else 's'}"
