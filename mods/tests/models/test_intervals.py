from __future__ import annotations

import numpy as np

from mods.models import forecasting, intervals


def test_with_little_history_the_validation_errors_serve():
    missed = np.ones((50, 2, 1))
    usual = np.array([[[3.0], [4.0]], [[5.0], [6.0]]])
    widths = intervals.widths(missed, usual)
    assert widths[80][:, 0, 0].tolist() == [3.0] * 50
    assert widths[95][:, 1, 0].tolist() == [6.0] * 50


def test_any_level_lies_between_those_that_validation_taught():
    missed = np.full((5, 1, 1), np.nan)
    usual = np.array([[[1.28]], [[1.96]]])
    widths = intervals.widths(missed, usual, wanted=(0.0, 50.0, 80, 90.0, 95, 99.0))
    found = [float(one[0, 0, 0]) for one in widths.values()]
    assert np.allclose(found, [0.0, 0.674, 1.28, 1.645, 1.96, 2.576], atol=0.01)


def test_errors_of_one_size_give_intervals_of_that_size():
    missed = np.full((400, 1, 1), 2.0)
    widths = intervals.widths(missed, np.zeros((2, 1, 1)))
    assert np.allclose(widths[95][300:], 2.0)


def test_an_error_counts_only_once_it_is_known():
    calm = np.random.default_rng(0).random((600, 3, 2)) + 1
    shocked = calm.copy()
    shocked[500] = 1000.0
    usual = np.ones((2, 3, 2))
    before, after = intervals.widths(calm, usual)[95], intervals.widths(shocked, usual)[95]
    for lead in (1, 2, 3):
        assert np.array_equal(before[: 500 + lead, lead - 1], after[: 500 + lead, lead - 1])
        assert (after[500 + lead, lead - 1] > before[500 + lead, lead - 1]).all()


def test_unknown_errors_are_passed_over():
    missed = np.random.default_rng(0).random((600, 1, 1))
    missed[100:200] = np.nan
    widths = intervals.widths(missed, np.full((2, 1, 1), np.nan))
    assert np.isfinite(widths[80][400:]).all()


def test_quantiles_by_hand():
    errors = np.arange(1.0, 12.0)[:, None]
    assert np.allclose(intervals.quantiles(errors).ravel(), [9.0, 10.5])


def test_intervals_of_few_origins_are_those_of_all():
    rng = np.random.default_rng(5)
    missed = rng.gamma(2.0, 1.0, (2500, 2, 3)) * np.linspace(1, 3, 2500)[:, None, None]
    missed[rng.random(missed.shape) < 0.05] = np.nan
    usual = np.ones((2, 2, 3))
    whole, at = intervals.widths(missed, usual), np.array([5, 150, 260, 2100, 2499])
    few = intervals.widths(missed, usual, at)
    assert all(np.allclose(few[level], whole[level][at], rtol=1e-12, atol=0) for level in whole)


def test_errors_of_windows_that_hold_a_part_of_a_gap_teach_nothing():
    absent = np.array([[False, False, True, False, False, False, False]]).T
    partial = forecasting._partial(absent, panes=2, leads=2)[:, :, 0]
    # windows of two slides: the third and the two after it are no whole ones
    assert partial.tolist() == [
        [False, True], [True, True], [True, True], [True, True], [True, True],
        [False, False], [False, False],
    ]  # fmt: skip
    before = forecasting._partial(absent[:2], panes=2, leads=2)
    assert not before.any()  # a gap to come is not known
