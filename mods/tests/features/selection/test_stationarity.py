"""Which levels come back and which wander."""

from __future__ import annotations

import numpy as np
import pytest

from mods.features.selection import stationarity

PANES = 6


def noise(size: int = 3000, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=size)


def test_the_level_of_noise_comes_back():
    found = stationarity.measure(np.convolve(noise(), np.ones(PANES), "valid"), PANES)
    assert found.level < 0.01
    assert not found.wanders


def test_a_random_walk_wanders_and_its_changes_do_not():
    found = stationarity.measure(noise().cumsum(), PANES)
    assert found.level > stationarity.SURE > found.change
    assert found.wanders


def test_a_rhythm_is_no_wandering():
    """72 windows of three days, whose rhythm alone would look like a level that never settles."""
    steps = np.arange(432)
    values = 10 * np.sin(2 * np.pi * steps / 36) + np.convolve(noise(437), np.ones(PANES), "valid")
    assert stationarity.measure(values, PANES, 36).level < 0.05


def test_the_longest_stretch_is_looked_at():
    values = noise()
    values[:200] += 50
    values[200:210] = np.nan
    assert stationarity.measure(values, PANES).level == stationarity.measure(values[210:], 6).level


@pytest.mark.parametrize(
    "values",
    [
        np.ones(400),
        np.full(400, np.nan),
        np.arange(400.0),
        np.r_[np.zeros(399), 1.0],
        np.tile([0.0, 1.0], 200),
        noise(60),
        np.array([1.0]),
        np.empty(0),
    ],
    ids=["constant", "missing", "line", "once", "two values", "short", "one", "none"],
)
def test_where_nothing_can_be_said_there_is_no_figure_and_no_warning(values):
    """Warnings are errors here."""
    found = stationarity.measure(values, PANES)
    assert all(one is None or 0 <= one <= 1 for one in (found.level, found.change))
    assert not found.wanders
