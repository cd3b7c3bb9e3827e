"""How the manifest grows: new logs with their panes come in, panes of other windows turn stale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mods.features.engines import tables
from mods.features.panes import Panes
from mods.features.store import batches, changes
from mods.features.store.manifest import FILE, Batch, Manifest, Source, Written
from mods.features.store.runs import joined, single
from mods.window import Window


def add(
    manifest: Manifest, folder: Path, protocol: str, panes: Panes, logs: Mapping[str, Source]
) -> Manifest:
    """Take in the panes of logs of one protocol: a new batch on disk, the logs in the manifest.

    logs:  by path as in the panes' `source`; number, batch and what the panes tell are filled in
    """
    numbers = dict(zip(logs, range(manifest.next, manifest.next + len(logs)), strict=True))
    name = f"{manifest.next:06d}"
    empty = Batch(name, protocol, tuple(panes.sets), 0, ())
    batch = batches.add(folder, empty, panes, numbers, manifest.begin)
    filled = _told(panes, {path: replace(one, batch=name) for path, one in logs.items()})
    fresh = {number: replace(filled[path], number=number) for path, number in numbers.items()}
    return replace(
        manifest,
        sources={**manifest.sources, **fresh},
        batches=(*manifest.batches, batch),
        next=manifest.next + len(logs),
    )


def note(manifest: Manifest, logs: Sequence[Source]) -> Manifest:
    """Take in logs that add no panes: those that are the beginning of others."""
    numbers = range(manifest.next, manifest.next + len(logs))
    fresh = {n: replace(one, number=n) for n, one in zip(numbers, logs, strict=True)}
    return replace(manifest, sources={**manifest.sources, **fresh}, next=manifest.next + len(logs))


def written(old: Manifest, new: Manifest, window: Window) -> Manifest:
    """The manifest once all windows of this length are written; other lengths have stale panes."""
    touched = changes.panes(old, new)
    others = {
        name: replace(one, stale=joined([*one.stale, *touched]))
        for name, one in new.windows.items()
    }
    now = changes.span(new, window)
    return replace(new, windows={**others, str(window): Written(now.first, now.last)})


def save(folder: Path, manifest: Manifest) -> None:
    """Write the manifest into the folder of its slide in a draft, under a name of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    path.unlink(missing_ok=True)
    path.write_bytes(manifest.packed())


def _told(panes: Panes, logs: Mapping[str, Source]) -> dict[str, Source]:
    """The logs with what the panes tell of them: time stamps, pane numbers, counts of lines."""
    rows = batches.lines(panes)
    keys = ["source", "line_fault", "value_fault", "direction"]
    sound = rows.line_fault.isnull()
    lines = rows.group_by(keys).agg(
        n=rows.records.sum(),
        first=rows["first"].min(where=sound),
        last=rows["last"].max(where=sound),
    )
    counted: dict[str, list[dict[str, Any]]] = {}
    for cells in tables.fetch(panes.con, lines.order_by(keys)):
        row = dict(zip(lines.columns, cells, strict=True))
        counted.setdefault(row["source"], []).append(row)
    there = rows.filter(rows.pane.notnull()).select("source", "pane").distinct()
    held: dict[str, list[int]] = {}
    for source, pane in tables.fetch(panes.con, there):
        held.setdefault(source, []).append(pane)
    return {
        path: replace(_filled(one, counted.get(path, [])), panes=single(held.get(path, ())))
        for path, one in logs.items()
    }


def _filled(one: Source, rows: Sequence[Mapping[str, Any]]) -> Source:
    return replace(
        one,
        first=min((row["first"] for row in rows if row["first"] is not None), default=None),
        last=max((row["last"] for row in rows if row["last"] is not None), default=None),
        counts=tuple((r["line_fault"], r["value_fault"], r["direction"], r["n"]) for r in rows),
    )
