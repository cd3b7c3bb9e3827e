"""Departures: guesses at the next changes where what leaves each window is known from its panes.

k slides later v(t + k) = v(t) + a(t, k) - m(t, k): what came since that the rest of the window did
not hold, less what left. m is known at t, exactly, also for distinct counts, of which panes do
not add up. What a was k steps ago and before is known too, so that its usual size (lately, and at
this phase of each period) less m is a guess at the change.
"""

from __future__ import annotations

import numpy as np

from mods.models.inputs import Beside
from mods.models.panes import Panes
from mods.series import rhythm, rolling
from mods.series.transforms import Transform

SPANS = (2, 24)


def guesses(scaled: np.ndarray, found: Panes, beside: Beside, transform: Transform) -> np.ndarray:
    """(steps, features, steps_ahead, spans + periods), in units of the scale; 0 wide without any.

    scaled:  (steps, features) without a gap; found:  what window sums tell of their panes
    """
    steps, slides = len(scaled), beside.leaving.shape[2]
    ahead = len(beside.leaving) - steps
    count = len(SPANS) + len(transform.periods) if slides else 0
    told = np.empty((*scaled.shape, ahead, count), np.float32)
    if not slides:
        return told
    leaving = beside.leaving[:steps] / np.asarray(transform.scale)[:, None]
    otherwise = without(found, transform.panes, ahead)
    for lead in range(1, ahead + 1):
        known = min(lead, transform.panes)
        left = leaving[:, :, known - 1]
        came = _came(scaled, left, known)
        usual = [rolling.median(came, span * transform.panes) for span in SPANS]
        usual += [_usual(came, period, lead) for period in transform.periods]
        for number, one in enumerate(usual):
            guess = one - left
            blank = ~np.isfinite(guess)
            told[:, :, lead - 1, number] = np.where(blank, otherwise[:, :, lead - 1], guess)
    return told


def without(found: Panes, panes: int, ahead: int) -> np.ndarray:
    """(steps, features, ahead): the usual changes less what window sums say leaves."""
    steps = len(found.level)
    coming = np.zeros((steps + ahead + 1, found.level.shape[1]))
    for season in found.changes:
        coming[1 : len(season) + 1] += season / len(found.changes)
    coming = np.cumsum(coming, axis=0)
    left = np.cumsum(np.pad(found.leaks[-1], ((panes + 1, 0), (0, 0))), axis=0)
    leads = []
    for lead in range(1, ahead + 1):
        inside = min(lead, panes) + 1
        usual = coming[lead + 1 : lead + 1 + steps] - coming[1 : 1 + steps]
        leads.append(usual - left[inside : inside + steps] + left[1 : 1 + steps])
    return np.stack(leads, axis=2)


def _came(scaled: np.ndarray, left: np.ndarray, slides: int) -> np.ndarray:
    """What came within so many slides up to each step; NaN where it is not known."""
    came = np.full_like(scaled, np.nan)
    came[slides:] = scaled[slides:] - scaled[:-slides] + left[:-slides]
    return came


def _usual(came: np.ndarray, period: int, lead: int) -> np.ndarray:
    """The usual of `came` at the phase of `lead` steps later, NaN where it was never known."""
    ahead = (lead - 1) % period + 1
    usual = rhythm.usual(came, period, ahead)[ahead:]
    seen = np.isfinite(came).cumsum(axis=0) > 0
    return np.where(seen, usual, np.nan)
