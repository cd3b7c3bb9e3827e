"""Blocks: the panes a value was seen in, as the bits of one number per 60 panes.

A value that comes again in most panes is then one row, not one per pane; and which windows hold it
is told by shifts of that number. A block is known by the number of its first pane.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis
from ibis.expr import types as ir

PANES = 60  # an hour of minutes, ten hours of ten minutes; engines count to 2^63
FULL = (1 << PANES) - 1
ONE = ibis.literal(1, "int8").cast("int64")  # Ibis writes a plain 1 otherwise, which is shorter
builtin: Any = ibis.udf.agg.builtin


@builtin(name="bit_or")  # type: ignore[untyped-decorator]
def either(panes: int) -> int:  # type: ignore[empty-body]
    """The bits that are set in any of the rows; Ibis knows no such aggregate of Spark."""


def start(pane: Any) -> Any:
    """The block that a pane (a number or a column) lies in.

    >>> start(119), start(120)
    (60, 120)
    """
    return pane - pane % PANES


def bit(pane: Any) -> Any:
    """The bit of a pane in its block."""
    return ONE << (pane % PANES).cast("int32")  # Spark shifts by 32-bit numbers only


def since(rows: ir.Table, begin: int) -> ir.Table:
    """Rows (pane: the block, panes: the bits) without what was seen in panes before `begin`."""
    there = rows.filter(rows.pane > begin - PANES)
    gone = ibis.greatest(begin - there.pane, 0)
    return there.mutate(panes=there.panes & -(ONE << gone))


def within(rows: ir.Table, first: int, last: int) -> ir.Table:
    """Rows of the blocks that some panes, first to last, lie in."""
    return rows.filter(rows.pane.between(start(first), last))


def apart(rows: ir.Table) -> ir.Table:
    """One row per pane: `pane` is its number, `panes` is gone."""
    each = rows.mutate(place=ibis.range(0, PANES).unnest())
    seen = each.filter(((each.panes >> each.place.cast("int32")) & 1) == 1)
    return seen.mutate(pane=seen.pane + seen.place).drop("panes", "place")


def reaching(rows: ir.Table, words: Sequence[str], reach: int) -> ir.Table:
    """Rows whose bits say panes (`words`: columns of blocks that follow each other) become rows
    whose bits say windows, of `reach` panes and known by the first: those with any of the panes.
    """
    done = 1
    while done < reach:
        step = min(done, reach - done)
        rows = rows.mutate(
            **{word: rows[word] | _earlier(rows, words[place:], step)
               for place, word in enumerate(words)}
        )  # fmt: skip
        done += step
    return rows


def _earlier(rows: ir.Table, words: Sequence[str], step: int) -> Any:
    """The first word with all bits moved so many panes back, those of later words into it."""
    whole, part = divmod(step, PANES)
    found = rows[words[whole]] >> part if whole < len(words) else ibis.literal(0, "int64")
    if part and whole + 1 < len(words):
        carried = rows[words[whole + 1]] & ((1 << part) - 1)
        found = found | (carried << (PANES - part))
    return found
