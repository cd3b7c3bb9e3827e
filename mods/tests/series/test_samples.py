from __future__ import annotations

import numpy as np

from mods.series import samples


def test_no_sample_straddles_a_gap():
    values = np.array([1.0, 2, np.nan, 4, 5, 6, 7])
    past, future = samples.samples(values, 2, 1)
    assert past.tolist() == [[4, 5], [5, 6]]
    assert future.tolist() == [[6], [7]]


def test_a_step_counts_when_every_feature_is_known():
    values = np.array([[1.0, 1.0], [2.0, np.nan], [3.0, 3.0], [4.0, 4.0]])
    past, future = samples.samples(values, 1, 1)
    assert past.tolist() == [[[3.0, 3.0]]]
    assert future.tolist() == [[[4.0, 4.0]]]


def test_a_series_that_is_too_short_gives_none():
    past, future = samples.samples(np.arange(8.0), 6, 2)
    assert (len(past), len(future)) == (1, 1)
    assert len(samples.origins(np.ones(7, bool), 6, 2)) == 0
