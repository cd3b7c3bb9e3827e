"""Batches: panes as Parquet files, and panes again out of any number of them.

A batch holds the panes of many logs; the column `source` has the log's number in the manifest.
Rows are sorted by pane, so that reading some hours reads little of a large batch.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
from ibis.expr import types as ir

from mods.errors import InputError, ResourceError
from mods.features import blocks
from mods.features.engines.tables import fetch, pairs, parquet, save
from mods.features.panes import Panes
from mods.features.store.manifest import Batch, Manifest
from mods.features.store.runs import single

SUMS = "sums"


def add(
    folder: Path, batch: Batch, panes: Panes, numbers: Mapping[str, int], begin: int | None
) -> Batch:
    """Write panes, whose `source` is a path in `numbers`, into the folder of a slide.

    Those before `begin` are left out. Raises ResourceError where the disk refuses.
    """
    known = pairs(panes.con, numbers, "source", "number")
    tables = {SUMS: lines(panes), **panes.sets}
    named = {name: since(_numbered(table, known), begin) for name, table in tables.items()}
    return write(panes.con, folder, batch, named)


def since(table: ir.Table, begin: int | None) -> ir.Table:
    """The rows of the panes from `begin` on, and of lines that are in no pane."""
    if begin is None:
        return table
    if "panes" in table.columns:
        return blocks.since(table, begin)
    return table.filter(table.pane.isnull() | (table.pane >= begin))


def lines(panes: Panes) -> ir.Table:
    """The additive aggregates of all lines, also of those that are no records."""
    if panes.additive is None:
        raise InputError("no records were added")
    return panes.additive


def write(con: Any, folder: Path, batch: Batch, tables: Mapping[str, ir.Table]) -> Batch:
    """Write the additive aggregates (SUMS) and the sets of a batch; the batch with its size."""
    size = 0
    for path, table in zip(files(folder, batch), tables.values(), strict=True):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            save(con, table.order_by("pane"), path)
            size += path.stat().st_size
        except (OSError, duckdb.IOException) as error:
            raise refused(error, path.parent) from error
    sums = parquet(con, files(folder, batch)[:1])
    there = sums.filter(sums.pane.notnull()).select("pane").distinct().order_by("pane")
    return replace(batch, size=size, panes=single(pane for (pane,) in fetch(con, there)))


def files(folder: Path, batch: Batch) -> list[Path]:
    """The files of a batch: the additive aggregates, then one per set."""
    names = [SUMS, *(f"set{i}" for i in range(len(batch.sets)))]
    return [folder / batch.protocol / f"{batch.name}.{name}.parquet" for name in names]


def tables(
    con: Any, folder: Path, batches: Sequence[Batch], dead: Mapping[str, Collection[int]]
) -> dict[str, ir.Table]:
    """The additive aggregates (SUMS) and the sets that all these batches hold together.

    dead:  per batch the numbers of logs that do not count any more
    """
    paths: dict[str, list[Path]] = {}
    for batch in batches:
        for name, path in zip((SUMS, *batch.sets), files(folder, batch), strict=True):
            paths.setdefault(name, []).append(path)
    found = {name: parquet(con, some) for name, some in paths.items()}
    gone = sorted(number for batch in batches for number in dead.get(batch.name, ()))
    return {
        name: one.filter(~one.source.isin(gone)) if gone else one for name, one in found.items()
    }


def within(
    con: Any, folder: Path, manifest: Manifest, protocol: str, panes: tuple[int, int]
) -> dict[str, ir.Table]:
    """The same for the panes of a protocol from one number to another (both in); {} without any."""
    first, last = panes
    batches = [
        one
        for one in manifest.batched(protocol)
        if any(begin <= last and end >= first for begin, end in one.panes)
    ]
    held = tables(con, folder, batches, manifest.dead)
    return {
        name: one.filter(one.pane.between(first, last))
        if "panes" not in one.columns
        else blocks.within(one, first, last)
        for name, one in held.items()
    }


def refused(error: Exception, where: Path) -> ResourceError:
    """What a full or closed disk said, as an error of ours."""
    reason = getattr(error, "strerror", None) or str(error).strip().splitlines()[0]
    return ResourceError(
        f"panes cannot be written: {reason}",
        where=where,
        fix="Free some space, give another --output, or pass --no_panes",
    )


def _numbered(table: ir.Table, known: ir.Table) -> ir.Table:
    """The rows of known logs, with the log's number for its path."""
    joined = table.inner_join(known, "source")
    return joined.drop("source").rename(source="number")
