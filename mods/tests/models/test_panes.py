from __future__ import annotations

import numpy as np
import pytest

from mods.models import panes
from mods.series.transforms import Transform


def learnt(count, periods=()):
    return Transform(count, periods, (1.0,), (0.0,), (1e9,), (True,))


def sums(arrivals, count):
    return np.convolve(arrivals, np.ones(count), "valid")[:, None]


def test_window_sums_give_back_what_arrived_in_each_slide():
    rng = np.random.default_rng(0)
    arrivals = 20 + rng.standard_normal(1_200)
    found = panes.restored(sums(arrivals, 6), learnt(6), 3)
    truth, told = arrivals[-400:], found.arrived[-400:, 0]
    assert np.corrcoef(truth, told)[0, 1] > 0.9
    assert abs(told.mean()) < 0.2  # beyond the level


def test_a_burst_is_told_when_it_comes_and_never_again():
    arrivals = np.full(400, 10.0)
    arrivals[300] = 1_000.0
    found = panes.restored(sums(arrivals, 4), learnt(4), 3)
    arrived = found.arrived[:, 0]
    assert np.flatnonzero(np.abs(arrived) > 100).tolist() == [297]  # the window that ends with it
    assert arrived[297] == pytest.approx(990)


def test_what_comes_every_period_is_usual_not_news():
    arrivals = np.tile([5.0, 1.0, 1.0, 1.0, 9.0, 1.0, 1.0, 3.0], 60)
    found = panes.restored(sums(arrivals, 3), learnt(3, (8,)), 5)
    assert np.abs(found.arrived[-80:]).max() < 1e-9
    assert len(found.seasons[0]) == len(found.arrived) + 5


def test_the_begin_of_a_series_does_not_show_once_it_has_settled():
    rng = np.random.default_rng(1)
    whole = sums(rng.gamma(2.0, 10.0, 900), 5)
    transform = learnt(5)
    late = panes.restored(whole[177:], transform, 2)
    early = panes.restored(whole, transform, 2)
    after = panes.settling(transform)
    assert np.allclose(early.arrived[177 + after :], late.arrived[after:])
    assert np.allclose(early.noise[177 + after :], late.noise[after:])
