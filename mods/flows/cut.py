"""Cut: the windows of the whole and of each entity, out of the same panes, written together."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import date

from mods.errors import DatapoolError
from mods.features import windows
from mods.features.datapool import about, parts
from mods.features.datapool.about import About
from mods.features.datapool.change import Change
from mods.features.panes import Panes
from mods.features.table import Table
from mods.features.windows import Span
from mods.window import Window

Tables = dict[str, Table]


@dataclass
class Cut:
    """Tables per log: those of the whole in `whole`, those of each entity in `parts`.

    The logs are added in the catalogue's order, stretch by stretch.
    """

    window: Window
    entities: bool = False
    whole: Tables = field(default_factory=dict)
    parts: dict[str, Tables] = field(default_factory=dict)

    def add(self, protocol: str, panes: Panes, span: Span) -> None:
        """Add the windows of a stretch."""
        for piece in windows.pieces(panes, span):
            _append(self.whole, protocol, windows.table(panes, piece))
            if self.entities:
                for entity, table in windows.tables(panes, piece).items():
                    _append(self.parts.setdefault(parts.name(entity), {}), protocol, table)

    def replace(self, change: Change, days: Collection[date], mine: About, layout: str) -> int:
        """Let the windows that start on these days be these; how much of the whole changed."""
        known = () if change.anew else about.read(change.pool).entities
        names = sorted({*known, *self.parts})
        mine = replace(mine, entities=tuple(names))
        changed = change.replace(self.whole, self.window, days, mine, layout)
        for name in names:
            tables, part = self.parts.get(name, {}), change.part(parts.place(name))
            part.replace(tables, self.window, days, _of(mine, name), layout)
        return changed

    def extend(self, change: Change, mine: About, layout: str) -> None:
        """Let windows from the first to the last of these be these; the others stay.

        Raises DatapoolError for a pool with entities already: without panes it is not known which
        of their windows are to go.
        """
        if mine.by and not change.anew and about.read(change.pool).entities:
            raise DatapoolError(
                "has entities already, to which nothing can be added without panes",
                where=change.pool,
                fix="Give another --output, or make it anew with --rebuild",
            )
        mine = replace(mine, entities=tuple(sorted(self.parts)))
        change.extend(self.whole, self.window, mine, layout)
        for name in sorted(self.parts):
            part = change.part(parts.place(name))
            part.extend(self.parts[name], self.window, _of(mine, name), layout)


def _of(mine: About, entity: str) -> About:
    """What the pool of an entity says of itself."""
    return replace(mine, by="", entities=(), entity=entity)


def _append(tables: Tables, protocol: str, table: Table) -> None:
    before = tables.get(protocol)
    tables[protocol] = table if before is None else table.below(before)
