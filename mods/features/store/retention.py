"""Retention: panes before a day go; the windows that they made stay as they were written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mods.errors import DatapoolError
from mods.features.store import compaction
from mods.features.store.changes import DAY
from mods.features.store.manifest import Batch, Manifest
from mods.features.store.runs import clipped, count


def trimmed(con: Any, folder: Path, manifest: Manifest, day: int) -> Manifest:
    """Without the panes before a day (number since the epoch): windows before it are final.

    Raises DatapoolError where windows of some length have not been written since panes changed.
    """
    stale = [name for name, one in manifest.windows.items() if one.stale]
    if stale:
        raise DatapoolError(
            f"its windows {', '.join(stale)} are behind its panes",
            where=folder.parent.parent,
            fix=f"Run mods prepare with --window_slide {stale[0]} first",
        )
    begin = max(first(manifest, day), manifest.begin or 0)
    manifest = replace(manifest, begin=begin)
    for protocol in manifest.protocols():
        some = before(manifest.batched(protocol), begin)
        if some:
            manifest = compaction.merged(con, folder, manifest, some)
    return manifest


def freed(manifest: Manifest, protocol: str, day: int) -> int:
    """About how many bytes the panes of a protocol before a day take."""
    begin = first(manifest, day)
    return sum(
        one.size * count(clipped(one.panes, one.panes[0][0], begin - 1)) // count(one.panes)
        for one in before(manifest.batched(protocol), begin)
    )


def first(manifest: Manifest, day: int) -> int:
    """The first pane that begins on a day."""
    return -(-day * DAY // manifest.slide)


def before(some: Sequence[Batch], begin: int) -> list[Batch]:
    """The batches with panes before a number."""
    return [one for one in some if one.panes and one.panes[0][0] < begin]
