"""What leaves the windows of a pool, told by the panes that it keeps; nothing where it has none."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from mods.features import engines, leaving
from mods.features.catalog import Catalogue, Feature
from mods.features.datapool import about, held, parts
from mods.features.datapool.about import About
from mods.features.datapool.pool import Between
from mods.features.leaving import Left
from mods.features.panes import Panes
from mods.features.store import Manifest, batches, changes, manifest
from mods.features.windows import Span
from mods.query import Selection
from mods.series.leaving import name as column
from mods.window import Window

CLOSE = 1e-9
GRID = 1_008  # slides: a week at ten minutes


@dataclass(frozen=True, eq=False)
class Kept:
    """What leaves the windows of a span: per entity ('' is the whole) and feature.

    between:  when the windows end that are told of; None tells of all
    """

    window: Window
    span: Span
    ahead: int
    found: Mapping[str, Mapping[str, Left]]
    divisors: Mapping[str, int]
    between: Between | None = None

    @property
    def size(self) -> int:
        """Bytes of its arrays."""
        lefts = [one for each in self.found.values() for one in each.values()]
        return sum(one.within.nbytes + one.whole.nbytes for one in lefts)

    def beside(self, series: pd.DataFrame, entity: str = "") -> pd.DataFrame:
        """The series with columns of what leaves its windows, where the panes give its values.

        A window whose value is not that of its panes is from others: there it stays unknown. A
        feature that no record ever counted in has empty panes.
        """
        starts = (self.span.first + np.arange(len(self.span))) * self.window.slide
        ends = pd.to_datetime(starts + self.window.length, unit="s", utc=True)
        times = pd.DatetimeIndex(series.index)
        place = pd.DatetimeIndex(ends).get_indexer(times)
        if self.between is not None:
            place[(times < self.between[0]) | (times > self.between[1])] = -1
        cells: dict[str, np.ndarray] = {}
        nothing = np.zeros((len(self.span), min(self.ahead, self.window.panes)))
        empty, found = Left(nothing, nothing.sum(axis=1)), self.found.get(entity, {})
        for feature, divisor in self.divisors.items():
            values, left = series[feature].to_numpy(float), found.get(feature, empty)
            whole = left.whole[place] / divisor
            apart = np.abs(whole - values) - (1 if divisor > 1 else 0)
            fits = (place >= 0) & (apart <= CLOSE * np.maximum(np.abs(values), 1))
            for number in range(left.within.shape[1]):
                told = left.within[place, number] / divisor
                cells[column(feature, number + 1)] = np.where(fits, told, np.nan)
        joined = pd.concat([series, pd.DataFrame(cells, series.index)], axis=1)
        joined.attrs = dict(series.attrs)
        return joined


def read(
    pool: Path,
    window: Window,
    chosen: Mapping[str, Selection],
    ahead: int,
    *,
    entities: bool,
    between: Between | None = None,
) -> Kept | None:
    """What leaves within 1..ahead slides; None where no panes of this slide are kept.

    entities:  per entity, instead of for the whole
    between:  only of the windows that end from the first to the last of these moments (both in)
    Raises DatapoolError where the manifest cannot be read, InputError where the panes cannot.
    """
    near = _rounded(between, window)
    asked = f"leaving {window} {dict(chosen)} {ahead} {entities} {near}"
    reading = (pool, window, chosen, ahead, entities, near)
    found = held.once(pool, asked, lambda: _read(*reading), lambda one: one.size if one else 0)
    return found and dataclasses.replace(found, between=between)


def _read(
    pool: Path,
    window: Window,
    chosen: Mapping[str, Selection],
    ahead: int,
    entities: bool,
    between: Between | None,
) -> Kept | None:
    kept = manifest.read(pool, window.slide)
    asked = _asked(about.read(pool), chosen)
    if kept is None or not asked:
        return None
    span = changes.span(kept, window)
    span = _within(Span(max(span.first, kept.begin or span.first), span.last), window, between)
    if not len(span):
        return None
    found: dict[str, dict[str, Left]] = {}
    for protocol in dict.fromkeys(feature.protocol for feature, _ in asked.values()):
        mine = {name: one for name, one in asked.items() if one[0].protocol == protocol}
        for entity, left in _left(pool, (kept, span, window), mine, ahead, entities).items():
            found.setdefault(parts.name(entity) if entity else "", {}).update(left)
    return Kept(window, span, ahead, found, {name: chosen[name].divisor for name in asked})


def _rounded(between: Between | None, window: Window) -> Between | None:
    """Outward to many slides, so that questions about neighbouring times read the same."""
    if between is None:
        return None
    grid = pd.Timedelta(seconds=window.slide * GRID)
    return between[0].floor(grid), between[1].ceil(grid)


def _within(span: Span, window: Window, between: Between | None) -> Span:
    """The windows of the span that end in a stretch of time."""
    if between is None:
        return span
    first, last = (int((end.timestamp() - window.length) // window.slide) for end in between)
    return Span(max(span.first, first), min(span.last, last))


def _asked(mine: About, chosen: Mapping[str, Selection]) -> dict[str, tuple[Feature, str]]:
    """The feature and direction behind each name, where what leaves can be told."""
    rows = Catalogue(tuple(Feature.of(row) for row in json.loads(mine.features))).rows
    there = {(row.protocol, row.label(way)): (row, way) for row in rows for way in row.directions}
    named = {name: there.get((one.protocol, str(one.column))) for name, one in chosen.items()}
    return {name: one for name, one in named.items() if one and leaving.known(one[0])}


def _left(
    pool: Path,
    where: tuple[Manifest, Span, Window],
    asked: leaving.Asked,
    ahead: int,
    entities: bool,
) -> leaving.Found:
    """The same for the features of one protocol."""
    kept, span, window = where
    features = tuple(dict.fromkeys(feature for feature, _ in asked.values()))
    with engines.connected() as con:
        folder = manifest.folder(pool, window.slide)
        protocol, reach = features[0].protocol, (span.first, span.last + window.panes - 1)
        try:
            there = batches.within(con, folder, kept, protocol, reach)
            if not there:
                return {}
            panes = Panes.of(con, features, window, there.pop(batches.SUMS), there)
            return leaving.of(panes, span, asked, ahead, entities=entities)
        except engines.Failure as failure:
            raise engines.explain(failure, pool) from failure
