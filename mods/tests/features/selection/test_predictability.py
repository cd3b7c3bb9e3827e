"""Seasonal forecasts against persistence and against the median."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mods.features.selection import predictability

DAY = 144


def column(values: np.ndarray) -> pd.DataFrame:
    times = pd.date_range("2024-03-04", periods=len(values), freq="10min", tz="UTC", name="time")
    frame = pd.DataFrame({"x": values}, times)
    frame.attrs["window"] = "w01h-s10m"
    return frame


def test_a_rhythm_that_repeats_exactly_is_predicted_without_error():
    values = 50 + 10 * np.sin(2 * np.pi * np.arange(10 * DAY) / DAY)
    found = predictability.measure(column(values), DAY)
    assert found.relative == pytest.approx(0, abs=1e-9)
    assert found.skill == pytest.approx(1, abs=1e-9)


def test_a_rhythm_of_its_own_length_needs_its_period():
    values = np.tile(np.random.default_rng(0).normal(size=50), 30)
    assert predictability.measure(column(values), 50).relative == pytest.approx(0, abs=1e-9)
    assert predictability.measure(column(values), None).relative > 0.7


def test_noise_is_predicted_best_by_its_median():
    values = np.random.default_rng(1).normal(size=10 * DAY)
    found = predictability.measure(column(values), None)
    assert found.relative > 0.9
    assert found.skill == 0.0


def test_a_random_walk_is_predicted_by_persistence():
    values = np.random.default_rng(2).normal(size=10 * DAY).cumsum()
    found = predictability.measure(column(values), DAY)
    assert found.relative >= 0.95
    assert found.skill > 0.5


def test_gaps_are_left_out():
    values = 50 + 10 * np.sin(2 * np.pi * np.arange(10 * DAY) / DAY)
    values[400:700] = np.nan
    assert predictability.measure(column(values), DAY).relative < 0.2


def test_too_few_targets_have_no_figures():
    assert predictability.measure(column(np.arange(40.0)), None) == predictability.Predictability()
