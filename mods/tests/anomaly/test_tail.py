"""Tail: how rare a size is among those of the past."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mods.anomaly.tail import RAREST, Tail


def learnt(sizes) -> Tail:
    tail = Tail()
    for size in sizes:
        tail.learn(float(size))
    return tail


def test_of_exponential_sizes_the_tail_is_found_beyond_what_was_seen():
    """Of 20,000 the largest is about 10; a size of 20 has a probability of e^-20, 10^-8.7."""
    tail = learnt(np.random.default_rng(0).exponential(size=20_000))
    assert tail.rarity(2.3) == pytest.approx(1.0, abs=0.05)
    assert tail.rarity(6.9) == pytest.approx(3.0, abs=0.3)
    assert tail.rarity(20.0) == pytest.approx(8.7, abs=2)


def test_a_heavy_tail_makes_the_same_excess_less_rare():
    rng = np.random.default_rng(0)
    light, heavy = learnt(rng.exponential(size=5000)), learnt(rng.pareto(3, size=5000))
    assert heavy.rarity(30 * heavy.level(0.05)) < light.rarity(30 * light.level(0.05)) / 2


@given(st.floats(1e-6, 0.9))
def test_the_level_of_a_probability_is_as_rare_as_it_says(probability):
    tail = learnt(np.random.default_rng(1).exponential(size=3000))
    assert tail.rarity(tail.level(probability)) == pytest.approx(-np.log10(probability), abs=0.05)


def test_a_drift_is_followed():
    """Ten times larger sizes for longer than the memory: what was rare is usual."""
    rng = np.random.default_rng(0)
    tail = Tail(memory=1000)
    for size in rng.exponential(size=2000):
        tail.learn(float(size))
    assert tail.rarity(10.0) > 3
    for size in rng.exponential(size=5000) * 10:
        tail.learn(float(size))
    assert tail.rarity(10.0) < 1
    assert tail.weight <= 1000 + 256


@given(st.lists(st.floats(0, 1e300), max_size=200), st.floats(0, 1e308))
def test_the_rarity_is_always_a_number(sizes, size):
    assert 0 <= learnt(sizes).rarity(size) <= RAREST


def test_what_never_moved_is_rare_when_it_does():
    assert learnt([0.0] * 500).rarity(1.0) > 5


@given(st.integers(0, 700))
def test_a_tail_goes_on_from_its_state(cut):
    sizes = np.random.default_rng(0).exponential(size=800)
    before = learnt(sizes[:cut])
    resumed = Tail.from_state(json.loads(json.dumps(before.state())))
    for size in sizes[cut:]:
        assert resumed.rarity(size) == before.rarity(size)
        resumed.learn(size)
        before.learn(size)
