"""Many series at once: the same features of several entities of a pool, side by side."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import pandas as pd

from mods.errors import DatapoolError
from mods.features.datapool import panes
from mods.features.datapool.pool import Datapool
from mods.query import Query
from mods.series import entities
from mods.timerange import TimeRange


def select(
    pool: Datapool,
    query: Query,
    names: Collection[str] = (),
    *,
    excluded: Iterable[TimeRange] = (),
    leaving: int = 0,
) -> pd.DataFrame:
    """The features of a query for each of these entities (all without names) as one series.

    A column is named `ENTITY|FEATURE`. Where the whole was seen, an entity that was not is 0.
    Raises DatapoolError for a name that is not there, or a pool without entities.
    """
    wanted = _there(pool, names)
    chosen, around = pool.chosen(query), pool.windows()
    starts = around.starts()
    kept = panes.read(pool.path, pool.window, chosen, leaving, entities=True) if leaving else None
    found = []
    for name in wanted:
        windows = pool.entity(name).windows()
        windows.around = around.loaded
        one = windows.series(chosen, starts, excluded)
        one = one if kept is None else kept.beside(one, name)
        found.append(one.set_axis([entities.joined(name, str(column)) for column in one], axis=1))
    series = pd.concat(found, axis=1)
    series.attrs = {**found[0].attrs, **pool.origin(query)}
    return series


def _there(pool: Datapool, names: Collection[str]) -> list[str]:
    """The entities asked for, each once and sorted."""
    if not pool.entities:
        raise DatapoolError(
            "has no entities",
            where=pool.path,
            fix="Prepare the logs with --by, as in --by subnet:24",
        )
    for name in names:
        if name not in pool.entities:
            pool.entity(name)
    return sorted(names or pool.entities)
