"""Mutual information of columns for which it is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mods.features.selection import information


def autoregression(coefficient: float, size: int = 3600, seed: int = 0) -> np.ndarray:
    shocks = np.random.default_rng(seed).normal(size=size)
    values = np.zeros(size)
    for at in range(1, size):
        values[at] = coefficient * values[at - 1] + shocks[at]
    return values


def test_noise_tells_nothing_beyond_chance():
    found = information.measure(np.random.default_rng(0).normal(size=3600), 6)
    assert not found.known
    assert found.share == 0.0


def test_overlapping_windows_of_noise_tell_nothing_either():
    panes = np.random.default_rng(1).normal(size=3605)
    assert not information.measure(np.convolve(panes, np.ones(6), "valid"), 6).known


def test_the_bits_of_an_autoregression_are_those_of_its_correlation():
    """Two normal variables with correlation r share -log2(1 - r^2) / 2 bits."""
    found = information.measure(autoregression(0.9), 1)
    assert found.known
    assert found.bits == pytest.approx(-np.log2(1 - 0.81) / 2, abs=0.2)
    assert found.share == pytest.approx(0.81, abs=0.1)


def test_what_is_not_linear_is_seen():
    """x(t) = 1 - 2 x(t-1)^2 follows from what was before without any correlation."""
    rng = np.random.default_rng(2)
    values = np.full(2000, 0.3)
    for at in range(1, 2000):
        values[at] = np.clip(1 - 2 * values[at - 1] ** 2 + 1e-4 * rng.normal(), -1, 1)
    assert abs(np.corrcoef(values[1:], values[:-1])[0, 1]) < 0.1
    assert information.measure(values, 1).bits > 1.5


def test_which_feature_tells_about_which():
    leader = np.random.default_rng(3).normal(size=2000)
    follower = np.r_[0.0, leader[:-1]] + 0.1 * np.random.default_rng(4).normal(size=2000)
    table = information.across(
        pd.DataFrame({"leader": leader, "follower": follower}), ["leader", "follower"], 1
    )
    assert table.loc["leader", "follower"] > 2
    assert table.loc["follower", "leader"] == 0
    assert table.loc["leader", "leader"] == 0


def test_few_pairs_and_gaps():
    values = np.random.default_rng(5).normal(size=60)
    assert information.measure(values, 6) is None
    values = autoregression(0.9)
    values[::2] = np.nan
    assert information.measure(values, 1) is None
    assert information.measure(values, 2).known


def test_the_same_column_gives_the_same_bits():
    values = autoregression(0.5)
    assert information.measure(values, 1) == information.measure(values, 1)
