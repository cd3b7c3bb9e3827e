"""How sparse a feature is, on columns whose figures are known by hand."""

from __future__ import annotations

import numpy as np
import pytest

from mods.features.selection import intermittency


def test_a_count_in_every_window_is_smooth():
    found = intermittency.measure(np.array([10.0, 11.0, 9.0, 10.0]))
    assert (found.zeros, found.adi, found.kind, found.sparse) == (0.0, 1.0, "smooth", False)
    assert found.cv2 == pytest.approx(0.5 / 100)


def test_every_third_window_of_the_same_size_is_intermittent():
    found = intermittency.measure(np.array([0.0, 0.0, 5.0] * 4))
    assert found.zeros == pytest.approx(2 / 3)
    assert (found.adi, found.cv2, found.kind) == (3.0, 0.0, "intermittent")


def test_rare_and_of_very_different_sizes_is_lumpy():
    found = intermittency.measure(np.array([0.0, 1.0, 0.0, 9.0]))
    assert (found.adi, found.cv2, found.kind) == (2.0, pytest.approx((4 / 5) ** 2), "lumpy")
    assert found.sparse


def test_always_there_but_of_very_different_sizes_is_erratic():
    assert intermittency.measure(np.array([1.0, 9.0, 1.0, 9.0, 1.0, 30.0])).kind == "erratic"


def test_the_limits_themselves_belong_to_the_sparser_side():
    windows = np.zeros(132)
    windows[:100] = 1.0
    assert intermittency.measure(windows).kind == "intermittent"


def test_gaps_are_neither_zero_nor_more_than_zero():
    sparse = np.array([0.0, 2.0, np.nan, np.nan, 0.0, 2.0])
    assert intermittency.measure(sparse) == intermittency.measure(np.array([0.0, 2.0, 0.0, 2.0]))


def test_what_can_be_negative_counts_nothing():
    found = intermittency.measure(np.array([-1.0, 0.0, 0.0, 0.0, 2.0]))
    assert (found.kind, found.sparse, found.cv2) == ("", False, None)


def test_nothing_but_zeros_and_nothing_at_all():
    assert intermittency.measure(np.zeros(4)).zeros == 1.0
    assert intermittency.measure(np.full(4, np.nan)) == intermittency.Intermittency(
        0.0, None, None, ""
    )


def test_the_longer_window_is_the_first_that_is_hardly_ever_empty():
    """One window of three holds something: three together always do, two together often do not."""
    assert intermittency.longer(np.array([0.0, 0.0, 5.0] * 40), panes=1) == 3
    assert intermittency.longer(np.array([0.0, 1.0] * 40), panes=1) == 2


def test_no_longer_window_is_named_where_none_would_do():
    values = np.zeros(100)
    values[3] = 1.0
    assert intermittency.longer(values, panes=1) is None
