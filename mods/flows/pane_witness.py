"""Pane witness: what the panes that a datapool keeps tell of a departure, without any log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mods.dataset.hours import Span
from mods.features import behind, engines
from mods.features.behind import Ranked, kept
from mods.features.store import batches, manifest
from mods.features.store.manifest import Manifest
from mods.flows.witness import Heard, Question
from mods.window import Window


def hear(
    pool: Path,
    window: Window,
    questions: Mapping[str, Question],
    spans: Sequence[Span],
    days: Sequence[int],
) -> dict[str, Heard]:
    """When in the first span what was too much came, or which names; {} where no panes are kept.

    spans, days:  as for the logs (witness.py)
    Raises DatapoolError where the manifest cannot be read, InputError where the panes cannot.
    """
    held = manifest.read(pool, window.slide) if pool.is_dir() else None
    asked = {name: one for name, one in questions.items() if kept.told(one.asked.feature)}
    if held is None or not asked:
        return {}
    with engines.connected() as con:
        try:
            found = {
                name: _heard(con, (pool, held, window), one, spans, days)
                for name, one in asked.items()
            }
        except engines.Failure as failure:
            raise engines.explain(failure, pool) from failure
    return {name: one for name, one in found.items() if one is not None}


def _heard(
    con: Any,
    where: tuple[Path, Manifest, Window],
    question: Question,
    spans: Sequence[Span],
    days: Sequence[int],
) -> Heard | None:
    pool, known, window = where
    begins, ends = zip(*spans, strict=True)
    reach = int(min(begins)) // window.slide, int(max(ends)) // window.slide
    folder = manifest.folder(pool, window.slide)
    panes = batches.within(con, folder, known, question.protocol, reach)
    if not panes:
        return None
    held, asked, dimension = kept.hold(con, panes, question.asked, spans, window.slide)
    counts = behind.counts(con, held, asked.within)
    there = tuple(day for day in days if counts.get(day))
    ranked = behind.rank(con, held, asked, dimension, there, sign=question.sign)
    if dimension == behind.TIME:
        ranked = _timed(ranked, spans[0][0], window.slide)
    return Heard((ranked,), there, counts.get(0, 0))


def _timed(ranked: Ranked, begin: float, slide: int) -> Ranked:
    """The slides by their times, not their numbers."""

    def told(number: str) -> str:
        edges = (begin + (int(number) + more) * slide for more in (0, 1))
        return " to ".join(f"{datetime.fromtimestamp(edge, UTC):%H:%M}" for edge in edges)

    return replace(ranked, rows=tuple(replace(row, key=told(row.key)) for row in ranked.rows))
