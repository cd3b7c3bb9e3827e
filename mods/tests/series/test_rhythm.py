from __future__ import annotations

import numpy as np

from mods.series import rhythm


def test_the_period_of_a_rhythm_is_found_among_noise():
    rng = np.random.default_rng(0)
    beat = (np.arange(2000) % 36 < 3)[:, None]
    differences = np.diff(beat * [5.0, 3.0] + rng.normal(size=(2000, 2)), axis=0)
    assert rhythm.periods(differences, panes=6, day=144) == (36, 144)


def test_noise_has_no_period_but_the_day():
    noise = np.random.default_rng(0).normal(size=(3000, 1))
    assert rhythm.periods(noise, day=144) == (144,)
    assert rhythm.periods(noise[:100], day=144) == ()
    assert rhythm.periods(np.zeros((500, 1))) == ()


def test_the_echo_of_the_window_is_no_period():
    rng = np.random.default_rng(0)
    sums = np.convolve(rng.normal(size=3000), np.ones(6), "valid")[:, None]
    assert rhythm.periods(np.diff(sums, axis=0), panes=6) == ()


def test_the_usual_is_a_median_that_passes_over_gaps():
    values = np.array([1.0, 0, 9, 0, np.nan, 0, 3, 0])[:, None]
    usual = rhythm.usual(values, period=2, ahead=1)
    assert usual.ravel().tolist() == [0, 0, 1, 0, 5, 0, 5, 0, 3]


def test_an_even_number_of_looks_meets_in_the_middle():
    values = np.array([1.0, 2, 10, 20])[:, None]
    assert rhythm.usual(values, period=1, ahead=1).ravel().tolist() == [0, 1, 1.5, 2, 6]
