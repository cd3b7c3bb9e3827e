"""Preparation: a series becomes what the network gets, causally and feature by feature.

One network serves all features: a row is one (feature, step). For a row at step t it gets
`past` (sequence_len, channels), `facts` about the moment, and `bases`: for every lead a few
ready-made guesses at the change, which the head weighs (models/network/build.py).

The next change of a window sum is the arriving pane less the departing one. The departing panes
are inside the window already, and models/panes.py tells them; what arrives comes from what is
usual at that phase of the periods and from the recent level. All of it is measured in units that
training taught (mean |difference|) or in units of the local noise: nothing knows a size of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mods.models import departures, inputs, panes
from mods.models.inputs import Beside, Inputs
from mods.models.panes import LARGE, LEAST, Panes
from mods.models.prepared import Prepared, Sizes
from mods.series import rhythm, rolling
from mods.series.transforms import Transform, filled

SPANS = (1, 6, 24)
STEADY = 168
MEANS = (2, 6, 12, 36)
MEDIANS = (6, 12)
LONGEST = 10_000
LIMIT = 8.0
FARTHEST = 1e12


@np.errstate(over="ignore")
def prepare(
    values: np.ndarray,
    transform: Transform,
    *,
    sequence_len: int,
    steps_ahead: int,
    beside: Beside | None = None,
    since: int = 0,
) -> Prepared:
    """Make a series of shape (steps, features) ready; nothing at a step knows a later one.

    beside:  its other inputs, at these steps and `steps_ahead` more; of what is later, it holds
        only what is known in advance
    since:  rows of steps before this one will not be asked for: the levels are not told there,
        which saves most of the time where a long past lies behind few rows
    """
    beside = beside or inputs.plain(values.shape[1], len(values), steps_ahead)
    mended = transform.mended(values)
    centre = np.asarray(transform.centre)
    scaled = np.clip(transform.apply(filled(mended, centre)), -FARTHEST, FARTHEST)
    found = panes.restored(scaled, transform, steps_ahead)
    height = None if transform.delta else scaled - transform.apply(centre)
    levels = _levels(scaled, transform, since)
    return Prepared(
        scaled=np.ascontiguousarray(transform.apply(mended).T),
        past=_past(found, ~np.isfinite(values), sequence_len),
        facts=_facts((scaled, *levels), found, transform, beside),
        departing=_departing(found, transform.panes),
        coming=_coming(found, len(scaled), steps_ahead),
        level=_level((scaled, *levels[:-1]), found, transform.panes, since, height),
        guesses=_by_feature(departures.guesses(scaled, found, beside, transform)),
        known=np.asarray(filled(beside.known, np.zeros(beside.known.shape[1])), np.float32),
        own=beside.own,
        told=np.isfinite(beside.known).all(axis=1),
        transform=transform,
        sequence_len=sequence_len,
        steps_ahead=steps_ahead,
    )


def sizes(transform: Transform, given: Inputs, sequence_len: int, steps_ahead: int) -> Sizes:
    """The widths of what any series with these inputs gives the network."""
    features = len(transform.scale)
    return prepare(
        np.zeros((1, features)),
        transform,
        sequence_len=sequence_len,
        steps_ahead=steps_ahead,
        beside=given.nothing(features, steps_ahead),
    ).sizes


def reach(transform: Transform, sequence_len: int) -> int:
    """How many steps before an origin count; older ones change nothing that can be seen."""
    seasons = [min(rhythm.CYCLES, rhythm.REACH // period) * period for period in transform.periods]
    steady = panes.span(transform, STEADY)
    wanted = max(max(seasons, default=0) + panes.settling(transform), steady) + sequence_len + 1
    return min(wanted, max(LONGEST, 4 * transform.panes + sequence_len))


def _past(found: Panes, missing: np.ndarray, sequence_len: int) -> np.ndarray:
    """(features, sequence_len - 1 + steps, channels), in units of the noise, bent by asinh.

    The last channel is 1 where a value is missing, before the first step too; there the others
    are 0.
    """
    arrivals = np.stack([found.arrived, *found.leaks], axis=2) / found.noise[:, :, None]
    seen = np.where(missing[:, :, None], 0.0, _bent(arrivals))
    channels = np.concatenate([seen, missing[:, :, None]], axis=2)
    before = np.zeros((sequence_len - 1, *channels.shape[1:]))
    before[:, :, -1] = 1.0
    return _by_feature(np.concatenate([before, channels]))


def _facts(
    levels: Sequence[np.ndarray], found: Panes, transform: Transform, beside: Beside
) -> np.ndarray:
    """(features, steps, facts): levels beside the near one, how noisy it is, which kind of feature.

    Where panes may be known, also whether they are.
    """
    noise = found.noise
    heights = [_bent((level - found.level) / noise) for level in levels]
    lately = np.minimum(np.abs(found.arrived), LARGE)
    noises = [np.log((rolling.mean(lately, panes.span(transform, 2)) + LEAST) / noise)]
    moment = np.stack([*heights, *noises, np.log(noise)], axis=2)
    left = np.isfinite(beside.leaving[: len(moment)]).all(axis=2, keepdims=True)
    moment = np.concatenate([moment, left], axis=2) if beside.leaving.shape[2] else moment
    kinds = np.eye(beside.kinds)[beside.kind]
    which = np.broadcast_to(kinds, (len(moment), *kinds.shape))
    return _by_feature(np.concatenate([moment, which], axis=2))


def _departing(found: Panes, count: int) -> np.ndarray:
    """What arrived a window ago, bursts and the rest apart: (features, panes + steps, 6)."""
    bursts = [e - found.common(e) for e in (found.arrived, *found.leaks)]
    rest = [e - b for e, b in zip((found.whole, *found.leaks), bursts, strict=True)]
    return _by_feature(np.pad(np.stack([*rest, *bursts], axis=2), ((count, 0), (0, 0), (0, 0))))


def _levels(scaled: np.ndarray, transform: Transform, since: int) -> list[np.ndarray]:
    """The medians of ever longer pasts, the steady level last; NaN at steps before `since`."""
    spans = [panes.span(transform, times) for times in (*SPANS, STEADY)]
    return [rolling.median(scaled, span, since) for span in spans]


def _coming(found: Panes, steps: int, ahead: int) -> np.ndarray:
    """What is usual: (features, steps + ahead, 2 periods), panes first, then differences."""
    usual = [*found.seasons, *found.changes]
    values = np.zeros((steps + ahead, found.level.shape[1], len(usual)))
    for number, season in enumerate(usual):
        values[: len(season), :, number] = season
    return _by_feature(values)


def _level(
    levels: Sequence[np.ndarray],
    found: Panes,
    count: int,
    since: int,
    height: np.ndarray | None,
) -> np.ndarray:
    """Guesses at what each pane adds to a lead: (features, steps, n).

    height: how far the values are from what forecasts are added to, where that is not themselves
    """
    common = found.common(found.arrived)
    guesses = [(level - found.level) / count for level in levels]
    guesses += [rolling.mean(common, span) for span in MEANS]
    guesses += [rolling.median(found.arrived, span, since) for span in MEDIANS]
    guesses += [found.noise] if height is None else [found.noise, height]
    return _by_feature(np.stack(guesses, axis=2))


def _bent(values: np.ndarray) -> np.ndarray:
    return np.asarray(np.clip(np.arcsinh(values), -LIMIT, LIMIT))


def _by_feature(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(np.swapaxes(values, 0, 1), dtype=np.float32)
