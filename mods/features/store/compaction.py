"""Compaction: many small batches become one, and what does not count any more goes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from mods.features.store import batches
from mods.features.store.manifest import Batch, Manifest

MOST = 32
SMALL = 64 << 20


def compact(con: Any, folder: Path, manifest: Manifest) -> Manifest:
    """Merge the small batches (bytes) of each protocol that has more than MOST of them."""
    for protocol in manifest.protocols():
        small = [one for one in manifest.batched(protocol) if one.size < SMALL]
        if len(small) > MOST:
            manifest = merged(con, folder, manifest, small)
    return manifest


def merged(con: Any, folder: Path, manifest: Manifest, some: list[Batch]) -> Manifest:
    """One batch of one protocol instead of some: without dead logs, and panes before `begin`."""
    held = batches.tables(con, folder, some, manifest.dead)
    held = {table: batches.since(one, manifest.begin) for table, one in held.items()}
    first = some[0]
    name = f"{manifest.next:06d}"
    whole = batches.write(con, folder, replace(first, name=name), held)
    gone = {one.name for one in some}
    for one in some:
        for path in batches.files(folder, one):
            path.unlink()
    return _without(manifest, gone, whole)


def _without(manifest: Manifest, gone: set[str], whole: Batch) -> Manifest:
    """The manifest after a merge: what was dead in the old batches is not in the new one."""
    moved = {
        number: replace(one, batch=whole.name) if one.batch in gone else one
        for number, one in manifest.sources.items()
    }
    return replace(
        manifest,
        sources=moved,
        dead={name: numbers for name, numbers in manifest.dead.items() if name not in gone},
        batches=(*(one for one in manifest.batches if one.name not in gone), whole),
        next=manifest.next + 1,
    )
