"""Preparation: a series becomes what the network gets, causally and feature by feature.

One network serves all features: a row is one (feature, step). For a row at step t it gets
`past` (sequence_len, channels), `facts` about the moment, and `bases`: for every lead a few
ready-made guesses at the change, which the head weighs (models/network/build.py).

A window is the sum of its W panes, so its next change is the arriving pane less the departing one,
and the departing panes are inside the window already: the leaky recursion e(t) = d(t) + keep *
e(t - W) gets them back from the differences d. What arrives comes from what is usual at that phase
of the periods and from the recent level.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from mods.models.prepared import Prepared, Sizes
from mods.series import rhythm
from mods.series.transforms import Transform, filled, leaky

KEEPS = (0.7, 0.9)
SPANS = (1, 6, 24)
STEADY = 168
LONGEST = 10_000
CLIPPED = 6.0
LIMIT = 8.0
FARTHEST = 1e12


@np.errstate(over="ignore")
def prepare(
    values: np.ndarray, transform: Transform, *, sequence_len: int, steps_ahead: int
) -> Prepared:
    """Make a series of shape (steps, features) ready; nothing at a step knows a later one.

    Beyond 1e12 of the usual change every value is as large: running sums keep their digits.
    """
    centre = np.asarray(transform.centre)
    scaled = np.clip(transform.apply(filled(values, centre)), -FARTHEST, FARTHEST)
    change = np.diff(scaled, axis=0, prepend=scaled[:1])
    seasons = [_season(change, period, steps_ahead) for period in transform.periods]
    season = sum(s[: len(change)] for s in seasons) / max(len(seasons), 1)
    arrived = [leaky(change - season, transform.panes, keep) for keep in KEEPS]
    noise = _rolling_mean(np.minimum(np.abs(arrived[-1]), 4.0), _span(transform, 24)) + 0.05
    medians = [_rolling_median(scaled, _span(transform, times)) for times in SPANS]
    near = _rolling_median(scaled, 2 * transform.panes)
    height = None if transform.delta else scaled - transform.apply(centre)
    levels = [scaled, *medians]
    return Prepared(
        scaled=np.ascontiguousarray(transform.apply(values).T),
        past=_past(change - season, arrived, scaled - medians[0], noise, sequence_len),
        facts=_facts(levels, near, arrived[0], noise, transform),
        departing=_departing(arrived, noise, transform.panes),
        coming=_coming(seasons, len(scaled) + steps_ahead, scaled.shape[1]),
        level=_level(levels, near, arrived[0], noise, height),
        transform=transform,
        sequence_len=sequence_len,
        steps_ahead=steps_ahead,
    )


def sizes(transform: Transform, sequence_len: int, steps_ahead: int) -> Sizes:
    """The widths of what any series made ready by this transform gives the network."""
    nothing = np.zeros((1, len(transform.scale)))
    return prepare(nothing, transform, sequence_len=sequence_len, steps_ahead=steps_ahead).sizes


def reach(transform: Transform, sequence_len: int) -> int:
    """How many steps before an origin count; older ones change nothing that can be seen."""
    seasons = [min(rhythm.CYCLES, rhythm.REACH // period) * period for period in transform.periods]
    wanted = max(seasons, default=0) + _span(transform, STEADY) + sequence_len + 1
    return min(wanted, max(LONGEST, 4 * transform.panes + sequence_len))


def _span(transform: Transform, times: int) -> int:
    """So many times the shortest level: one window, or six steps where windows are short."""
    shortest = max(transform.panes, 6)
    return min(times * shortest, max(shortest, rhythm.REACH))


def _season(change: np.ndarray, period: int, steps_ahead: int) -> np.ndarray:
    return rhythm.usual(change, period, min(period, steps_ahead))


def _past(
    change: np.ndarray,
    arrived: list[np.ndarray],
    height: np.ndarray,
    noise: np.ndarray,
    sequence_len: int,
) -> np.ndarray:
    """(features, sequence_len - 1 + steps, channels), in units of the noise, bent by asinh."""
    channels = np.stack([change, *arrived, height], axis=2) / noise[:, :, None]
    quiet = np.zeros((sequence_len - 1, *channels.shape[1:]))
    bent = np.clip(np.arcsinh(np.concatenate([quiet, channels])), -LIMIT, LIMIT)
    return _by_feature(bent)


def _facts(
    levels: list[np.ndarray],
    near: np.ndarray,
    arrived: np.ndarray,
    noise: np.ndarray,
    transform: Transform,
) -> np.ndarray:
    """(features, steps, facts): levels beside the near one, how noisy it is, and which feature."""
    steady = _rolling_median(levels[0], _span(transform, STEADY))
    heights = [np.arcsinh((level - near) / noise) for level in (*levels, steady)]
    lately = _rolling_mean(np.abs(arrived), _span(transform, 2)) + 0.05
    noises = [np.log(lately / noise), np.log(noise)]
    moment = np.clip(np.stack([*heights, *noises], axis=2), -LIMIT, LIMIT)
    features = moment.shape[1]
    which = np.broadcast_to(np.eye(features), (len(moment), features, features))
    return _by_feature(np.concatenate([moment, which], axis=2))


def _departing(arrived: list[np.ndarray], noise: np.ndarray, panes: int) -> np.ndarray:
    """What arrived a window ago, common and bursts apart: (features, panes + steps, 4)."""
    common = [np.clip(e, -CLIPPED * noise, CLIPPED * noise) for e in arrived]
    bursts = [e - c for e, c in zip(arrived, common, strict=True)]
    return _by_feature(np.pad(np.stack([*common, *bursts], axis=2), ((panes, 0), (0, 0), (0, 0))))


def _coming(seasons: list[np.ndarray], length: int, features: int) -> np.ndarray:
    """The usual changes: (features, length, periods)."""
    changes = np.zeros((length, features, len(seasons)))
    for number, season in enumerate(seasons):
        changes[: len(season), :, number] = season
    return _by_feature(changes)


def _level(
    levels: list[np.ndarray],
    near: np.ndarray,
    arrived: np.ndarray,
    noise: np.ndarray,
    height: np.ndarray | None,
) -> np.ndarray:
    """Guesses that hold for all leads: (features, steps, n).

    height: how far the values are from what forecasts are added to, where that is not themselves
    """
    common = np.clip(arrived, -CLIPPED * noise, CLIPPED * noise)
    spans = (2, 6, 12, 36)
    guesses = [level - near for level in levels]
    guesses += [_rolling_mean(common, span) for span in spans]
    guesses += [noise] if height is None else [noise, height]
    return _by_feature(np.stack(guesses, axis=2))


def _by_feature(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(np.swapaxes(values, 0, 1), dtype=np.float32)


def _rolling_median(values: np.ndarray, span: int) -> np.ndarray:
    return pd.DataFrame(values).rolling(span, min_periods=1).median().to_numpy()


def _rolling_mean(values: np.ndarray, span: int) -> np.ndarray:
    return pd.DataFrame(values).rolling(span, min_periods=1).mean().to_numpy()
