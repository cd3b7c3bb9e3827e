"""Memory and rhythm of columns made by hand: overlap is never taken for memory."""

from __future__ import annotations

import numpy as np
import pytest

from mods.features.selection import memory

PANES, SLIDE = 6, 600
DAY = 144


def windows(panes: np.ndarray) -> np.ndarray:
    """Hourly sums every ten minutes."""
    return np.convolve(panes, np.ones(PANES), "valid")


def noise(days: int = 14, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=days * DAY + PANES - 1)


def sine(period: int, days: int = 14) -> np.ndarray:
    return np.sin(2 * np.pi * np.arange(days * DAY + PANES - 1) / period)


def test_overlapping_windows_of_noise_correlate_but_have_no_memory():
    found = memory.measure(windows(noise()), PANES, SLIDE)
    assert found.acf[1] == pytest.approx(5 / 6, abs=0.03)
    assert abs(found.memory) < found.bound
    assert (found.period, found.strength) == (None, None)


def test_partial_autocorrelation_is_of_windows_that_share_nothing():
    found = memory.measure(windows(noise()), PANES, SLIDE)
    assert len(found.pacf) == memory.WINDOWS + 1
    assert np.abs(found.pacf[1:3]).max() < 1.5 * found.bound


@pytest.mark.parametrize("period", [36, 72, DAY])
def test_a_sine_in_noise_has_its_period(period):
    found = memory.measure(windows(noise() + 1.5 * sine(period)), PANES, SLIDE)
    assert found.period == period
    assert found.strength > 0.5


def test_a_rhythm_is_found_through_a_shift_of_level():
    panes = noise() + 1.5 * sine(36)
    panes[len(panes) // 2 :] += 3
    assert memory.measure(windows(panes), PANES, SLIDE).period == 36


def test_one_burst_hides_no_rhythm():
    panes = noise() + 1.5 * sine(36)
    panes[700] = 10_000
    assert memory.measure(windows(panes), PANES, SLIDE).period == 36


def test_a_gap_hides_no_rhythm_and_is_not_filled():
    values = windows(noise() + 1.5 * sine(36))
    values[500:620] = np.nan
    found = memory.measure(values, PANES, SLIDE)
    assert found.period == 36
    known = np.where(np.isnan(values), 0.0, values - np.nanmean(values))
    pairs = (known[36:] * known[:-36]).sum() / (known**2).sum()
    assert found.acf[36] == pytest.approx(pairs, abs=0.01)


def test_a_random_walk_has_memory_but_no_rhythm():
    found = [memory.measure(windows(noise(seed=seed).cumsum()), PANES, SLIDE) for seed in range(10)]
    assert all(one.memory > 0.8 for one in found)
    assert sum(one.period is not None for one in found) <= 1


def test_the_memory_of_an_autoregression_is_its_coefficient():
    """x(t) = 0.7 x(t-1) + e: autocorrelation .7, .49, ..., partial autocorrelation .7, 0, ..."""
    shocks = np.random.default_rng(3).normal(size=4000)
    values = np.zeros(4000)
    for at in range(1, 4000):
        values[at] = 0.7 * values[at - 1] + shocks[at]
    found = memory.measure(values, 1, 600)
    assert found.memory == pytest.approx(0.7, abs=0.04)
    assert found.acf[2] == pytest.approx(0.49, abs=0.05)
    assert found.pacf[1:4] == pytest.approx([0.7, 0.0, 0.0], abs=0.05)


def test_too_short_a_column_has_no_figures():
    found = memory.measure(np.array([1.0, 2.0, 3.0, np.nan]), PANES, SLIDE)
    assert (len(found.acf), len(found.pacf), found.memory) == (0, 0, None)


def test_a_window_longer_than_half_the_column_says_nothing():
    found = memory.measure(np.arange(60.0), 48, SLIDE)
    assert found.memory is None
    assert len(found.acf) == 31
