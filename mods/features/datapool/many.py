"""Many series at once: the same features of several entities of a pool, side by side."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import pandas as pd

from mods.errors import DatapoolError
from mods.features.datapool import about
from mods.features.datapool.pool import Between, Datapool
from mods.query import Query
from mods.series import entities
from mods.timerange import TimeRange


def select(
    pool: Datapool,
    query: Query,
    names: Collection[str] = (),
    *,
    excluded: Iterable[TimeRange] = (),
) -> pd.DataFrame:
    """The features of a query for each of these entities (all without names) as one series.

    A column is named `ENTITY|FEATURE`. Where the whole was seen, an entity that was not is 0.
    Raises DatapoolError for a name that is not there, or a pool without entities.
    """
    wanted = _there(pool, names)
    chosen, around = pool.chosen(query), pool.windows()
    starts = around.starts()
    found = []
    for name in wanted:
        windows = pool.entity(name).windows()
        windows.around = around.loaded
        one = windows.series(chosen, starts, excluded)
        found.append(one.set_axis([entities.joined(name, str(column)) for column in one], axis=1))
    series = pd.concat(found, axis=1)
    series.attrs = {**found[0].attrs, **pool.origin(query)}
    return series


def beside(
    pool: Datapool,
    series: pd.DataFrame,
    query: Query,
    ahead: int,
    between: Between | None = None,
) -> pd.DataFrame:
    """What `select` gave with what leaves the windows of each entity, where panes are kept.

    Raises DatapoolError or InputError where they cannot be read.
    """
    from mods.features.datapool import panes  # which loads the engine

    chosen, there = pool.chosen(query), pool.window
    kept = panes.read(pool.path, there, chosen, ahead, entities=True, between=between)
    if kept is None:
        return series
    found = [series]
    for name in pool.entities:
        own = {entities.joined(name, one): one for one in kept.divisors}
        if not set(own) <= set(series):
            continue
        mine = series[[*own]].rename(columns=own)
        told = kept.beside(mine, name).drop(columns=list(mine))
        found.append(told.set_axis([entities.joined(name, str(one)) for one in told], axis=1))
    wider = pd.concat(found, axis=1)
    wider.attrs = dict(series.attrs)
    return wider


def _there(pool: Datapool, names: Collection[str]) -> list[str]:
    """The entities asked for, each once and sorted."""
    if not pool.entities:
        about.refuse_single(pool.path)
        raise DatapoolError(
            "has no entities",
            where=pool.path,
            fix="Prepare the logs with --by, as in --by subnet:24",
        )
    return sorted({pool.called(name) for name in names} or pool.entities)
