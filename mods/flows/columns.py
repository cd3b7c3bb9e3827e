"""Columns: which feature of the catalogue, in which direction, a column of a series is."""

from __future__ import annotations

import dataclasses
import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mods.config import Config
from mods.features.behind import Asked
from mods.features.catalog import Catalogue, Feature
from mods.features.datapool import Datapool, about
from mods.features.entities import By
from mods.flows import source as sources
from mods.query import Query, Selection
from mods.request import Source
from mods.series import entities

SCALED = ("sum", "mean", "min", "max", "quantile")
GROUPS = "groups"


@dataclass(frozen=True)
class Origin:
    """What the columns of a series were computed from, and what was local then.

    entity:  whose series it is, where its columns do not say it; pool:  what may keep panes
    """

    known: Mapping[str, Asked]
    local: tuple[str, ...] = ()
    by: By | None = None
    entity: str = ""
    pool: Path | None = None

    def asked(self, column: str) -> Asked | None:
        """What was counted for a column, also of one entity; None where that is not known."""
        entity, name = entities.parted(column)
        found, whose = self.known.get(name), entity or self.entity
        return dataclasses.replace(found, entity=_label(whose)) if found and whose else found


def origin(source: Source, config: Config) -> Origin:
    """Of a datapool what it says itself; of a file what the model's query names."""
    query = Query.parse(config.data_select_query)
    if sources.is_table(source.data or ""):
        named = {str(one.name): one for one in query.selections if one.column is not None}
        return Origin(_asked(Catalogue(), named))
    pool = Datapool(sources.located(source), config.window)
    mine = about.read(pool.path)
    whole = about.whole(pool.path)
    told = mine if whole is None else about.read(whole)
    extra = tuple(Feature.of(row) for row in json.loads(told.features))
    known = _asked(Catalogue(extra), pool.chosen(query))
    return Origin(
        known, told.local_networks or (), _by(told.by), mine.entity, pool=whole or pool.path
    )


def _asked(catalogue: Catalogue, chosen: Mapping[str, Selection]) -> dict[str, Asked]:
    """The feature and direction behind each name, where the catalogue has it."""
    rows = catalogue.rows
    there = {(row.protocol, row.label(way)): (row, way) for row in rows for way in row.directions}
    named = {(row.protocol, row.name): row for row in rows}
    found = {}
    for name, one in chosen.items():
        if (one.protocol, str(one.column)) in there:
            feature, way = there[one.protocol, str(one.column)]
            parts = tuple(named[one.protocol, part] for part in feature.over or ())
            if one.divisor > 1 and feature.aggregate in SCALED:
                feature = dataclasses.replace(feature, divisor=feature.divisor * one.divisor)
            found[name] = Asked(feature, way, parts=parts)
    return found


def _by(text: str) -> By | None:
    """What told entities apart, as a pool keeps it: groups with their networks."""
    kind, _, rest = text.partition(":")
    if kind != GROUPS:
        return By.parse(text) if text else None
    named = (part.partition("=") for part in rest.split(";"))
    return By(GROUPS, groups=tuple((name, tuple(nets.split(","))) for name, _, nets in named))


def _label(entity: str) -> str:
    """An entity as records are labelled: IPv6 networks are written with all digits.

    >>> _label("2001:db8:0:1::/64"), _label("10.0.1.0/24"), _label("servers")
    ('2001:0db8:0000:0001::/64', '10.0.1.0/24', 'servers')
    """
    try:
        network = ipaddress.IPv6Network(entity)
    except ValueError:
        return entity
    count = -(-network.prefixlen // 16)
    groups = network.network_address.exploded.split(":")[:count]
    return ":".join(groups) + ("::" if count < 8 else "") + f"/{network.prefixlen}"
