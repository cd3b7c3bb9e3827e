"""Panes: what arrived in each slide, got back from window sums, beside what usually arrives.

A window of W slides is the sum of its W panes, so its change is the arriving pane less the
departing one: d(t) = p(t) - p(t - W). Adding up backwards, p(t) = d(t) + p(t - W), gives every pane
but for one unknown constant per phase t mod W, which the median of a day at that phase takes off.
A leaky sum, which keeps only a part of p(t - W), needs no constant and forgets faster; both have
their merits, and the network weighs them (models/network/build.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mods.series import rhythm, rolling
from mods.series.transforms import Transform, leaky

KEEPS = (0.7, 0.9)
PHASE = 24
NOISE = 24
CLIPPED = 6.0
LARGE = 4.0
LEAST = 0.05


@dataclass(frozen=True, eq=False)
class Panes:
    """What is known of the panes at each step; arrays (steps, features) in units of the scale.

    level: window sums are near it; seasons: what is usual to arrive at each step, one array per
    period, `ahead` steps longer; changes: the same of the differences; arrived: what arrived
    beyond level and season; leaks: the same from each leaky sum; noise: how large that is lately
    """

    level: np.ndarray
    seasons: list[np.ndarray]
    changes: list[np.ndarray]
    arrived: np.ndarray
    leaks: list[np.ndarray]
    whole: np.ndarray
    noise: np.ndarray

    def common(self, values: np.ndarray) -> np.ndarray:
        """The values without bursts: at most six times the noise."""
        return np.asarray(np.clip(values, -CLIPPED * self.noise, CLIPPED * self.noise))


def restored(scaled: np.ndarray, transform: Transform, ahead: int) -> Panes:
    """The panes of window sums (steps, features) without gaps; no step knows a later one."""
    panes = transform.panes
    change = np.diff(scaled, axis=0, prepend=scaled[:1])
    level = rolling.median(scaled, span(transform, 2))
    raw = leaky(change, panes, 1.0) - level / panes
    whole = raw - rolling.phase_median(raw, panes, PHASE)
    seasons = _usual(whole, transform, ahead)
    changes = _usual(change, transform, ahead)
    arrived = whole - _mean(seasons, whole)
    difference = change - _mean(changes, change)
    return Panes(
        level=level,
        seasons=seasons,
        changes=changes,
        arrived=arrived,
        leaks=[leaky(difference, panes, keep) for keep in KEEPS],
        whole=whole,
        noise=rolling.mean(np.minimum(np.abs(arrived), LARGE), span(transform, NOISE)) + LEAST,
    )


def span(transform: Transform, times: int) -> int:
    """So many times the shortest level: one window, or six steps where windows are short."""
    shortest = max(transform.panes, 6)
    return min(times * shortest, max(shortest, rhythm.REACH))


def settling(transform: Transform) -> int:
    """Steps after which the begin of a series no longer shows in its panes."""
    return span(transform, 2) + PHASE * transform.panes + span(transform, NOISE)


def _usual(values: np.ndarray, transform: Transform, ahead: int) -> list[np.ndarray]:
    return [rhythm.usual(values, period, min(period, ahead)) for period in transform.periods]


def _mean(seasons: list[np.ndarray], like: np.ndarray) -> np.ndarray:
    """The mean over the periods at the steps that are known; 0 without any period."""
    return np.asarray(sum((s[: len(like)] for s in seasons), np.zeros(1)) / max(len(seasons), 1))
