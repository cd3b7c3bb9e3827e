"""Gathering: the network's inputs and targets of some rows, from the tables of a prepared series.

Written once for NumPy and for `keras.ops`, whose functions have the same names: prediction gathers
outside the network, training inside one compiled epoch. A table is flat, feature after feature,
(features * its own length, width), so that a row of it is one index; and no table holds running
sums, which float32 could not tell apart far from the begin.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Tables = Mapping[str, Any]


@dataclass(frozen=True)
class Layout:
    """How the tables are laid out: what gathering has to know beside them."""

    steps: int
    sequence_len: int
    steps_ahead: int
    panes: int
    periods: tuple[int, ...]
    delta: bool
    guesses: int = 0
    known: int = 0
    own: int = 0


def inputs(tables: Tables, rows: Any, layout: Layout, xp: Any = np) -> tuple[Any, Any, Any]:
    """What the network gets for these rows (n,): past, facts and bases, float32."""
    feature, step = xp.floor_divide(rows, layout.steps), xp.mod(rows, layout.steps)
    length = layout.sequence_len
    begin = feature * (layout.steps + length - 1) + step
    past = _stretch(tables["past"], begin, length, xp)
    facts = xp.take(tables["facts"], rows, axis=0)
    bases = [_bases(tables, rows, (feature, step), layout, xp)]
    if layout.guesses:
        guesses = xp.take(tables["guesses"], rows, axis=0)
        bases.append(xp.reshape(guesses, (rows.shape[0], layout.steps_ahead, layout.guesses)))
    if layout.known:
        known = _stretch(tables["known"], step, layout.steps_ahead + 1, xp)
        now, coming = known[:, :1], known[:, 1:]
        own = coming[:, :, : layout.own]
        bases += [coming, own - now[:, :, : layout.own]]
        told = xp.reshape(own, (rows.shape[0], layout.steps_ahead * layout.own))
        facts = xp.concatenate([facts, now[:, 0], told], axis=1)
    return past, facts, xp.concatenate(bases, axis=2)


def targets(tables: Tables, rows: Any, layout: Layout, xp: Any = np) -> Any:
    """(n, leads): what the network should answer for these rows, in units of the scale."""
    feature, step = xp.floor_divide(rows, layout.steps), xp.mod(rows, layout.steps)
    begin = feature * (layout.steps + layout.steps_ahead) + step + 1
    path = xp.cumsum(_stretch(tables["change"], begin, layout.steps_ahead, xp)[:, :, 0], axis=1)
    return path if layout.delta else path + xp.take(tables["height"], rows, axis=0)


def _bases(tables: Tables, rows: Any, place: tuple[Any, Any], layout: Layout, xp: Any) -> Any:
    """(n, leads, bases) in units of the scale."""
    feature, step = place
    leads = layout.steps_ahead
    inside = min(leads, layout.panes)
    begin = feature * (layout.steps + layout.panes) + step + 1
    left = xp.cumsum(_stretch(tables["departing"], begin, inside, xp), axis=1)
    left = xp.take(left, np.minimum(np.arange(leads), inside - 1), axis=1)
    level = xp.take(tables["level"], rows, axis=0)[:, None]
    level = level * np.minimum(np.arange(1, leads + 1), layout.panes).astype(np.float32)[:, None]
    return xp.concatenate([-left, level, *_usual(tables, place, layout, xp)], axis=2)


def _usual(tables: Tables, place: tuple[Any, Any], layout: Layout, xp: Any) -> list[Any]:
    """Per period (n, leads, 1): usual panes inside the window of a lead; then usual changes."""
    feature, step = place
    leads, panes = layout.steps_ahead, layout.panes
    begin = feature * (layout.steps + leads) + step + 1
    parts = []
    for number, period in enumerate((*layout.periods, *layout.periods)):
        coming = _stretch(tables["coming"][:, number : number + 1], begin, min(period, leads), xp)
        until = xp.cumsum(xp.take(coming, np.arange(leads) % period, axis=1), axis=1)
        if number < len(layout.periods) and leads > panes:
            until = xp.concatenate([until[:, :panes], until[:, panes:] - until[:, :-panes]], axis=1)
        parts.append(until)
    return parts


def _stretch(table: Any, begin: Any, length: int, xp: Any) -> Any:
    """The `length` rows of a table from each begin on: (n, length, width)."""
    return xp.take(table, begin[:, None] + np.arange(length, dtype=np.int32), axis=0)


@dataclass(frozen=True, eq=False)
class Feed:
    """What a training loop eats: tables, held once, and how rows become one batch of samples.

    gather: (tables, rows, xp) -> inputs of the network, targets (n, leads), weights (n, leads)
    """

    tables: dict[str, np.ndarray]
    gather: Callable[[Tables, Any, Any], tuple[list[Any], Any, Any]]


def feed(
    tables: tuple[dict[str, np.ndarray], dict[str, np.ndarray]],
    weights: np.ndarray,
    layout: Layout,
) -> Feed:
    """The feed of a prepared series: tables of inputs and of targets; weights (features, leads)."""

    def gather(held: Tables, rows: Any, xp: Any) -> tuple[list[Any], Any, Any]:
        counted = xp.take(held["weights"], xp.floor_divide(rows, layout.steps), axis=0)
        return list(inputs(held, rows, layout, xp)), targets(held, rows, layout, xp), counted

    return Feed({**tables[0], **tables[1], "weights": weights}, gather)
