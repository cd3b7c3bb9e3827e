from __future__ import annotations

import numpy as np

from mods.series import rolling


def test_unknown_values_are_passed_over():
    values = np.array([[1.0], [np.nan], [5.0], [np.nan]])
    assert rolling.mean(values, 3).ravel().tolist() == [1.0, 1.0, 3.0, 5.0]
    assert rolling.median(values, 3).ravel().tolist() == [1.0, 1.0, 3.0, 5.0]


def test_a_phase_sees_only_its_own_values_and_no_later_ones():
    values = np.arange(14.0).reshape(7, 2)
    found = rolling.phase_median(values, phases=3, span=2)
    assert found[:, 0].tolist() == [0, 2, 4, 3, 5, 7, 9]
    assert found[:, 1].tolist() == [1, 3, 5, 4, 6, 8, 10]
