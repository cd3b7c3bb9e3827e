"""Values that cannot be: what is told, and what no traffic ever sets off."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mods.features.quality import gaps, values
from mods.features.quality.material import Material, additive


def material(panes=6, sparse=True, group="conn", **columns):
    cells = np.column_stack([np.asarray(one, float) for one in columns.values()])
    starts = pd.date_range("2019-03-05", periods=len(cells), freq="10min", tz="UTC")
    named = pd.MultiIndex.from_tuples([(group, name) for name in columns])
    unknown = pd.DataFrame(False, starts, named)
    return Material(pd.DataFrame(cells, starts, named), unknown, panes, sparse)


def sums(arrived, panes=6):
    return np.convolve(arrived, np.ones(panes), "valid")


def distinct(arrived, panes):
    """How many different values each window holds, counted one by one."""
    last = len(arrived) - panes + 1
    return np.array([len(set().union(*arrived[k : k + panes])) for k in range(last)], float)


@given(
    arrived=st.lists(st.integers(0, 1000) | st.integers(0, 10**12), min_size=8, max_size=40),
    panes=st.integers(2, 6),
)
def test_windows_of_any_records_never_contradict_each_other(arrived, panes):
    assert not values.breaks(sums(arrived, panes), panes).any()


@given(
    arrived=st.lists(st.sets(st.integers(0, 30), max_size=20), min_size=8, max_size=40),
    panes=st.integers(2, 6),
)
def test_distinct_counts_of_any_records_never_contradict_each_other(arrived, panes):
    assert not values.breaks(distinct(arrived, panes), panes).any()


@given(st.lists(st.integers(0, 1000), min_size=12, max_size=40), st.data())
def test_a_missing_window_contradicts_nothing(arrived, data):
    windows = sums(arrived)
    windows[data.draw(st.sets(st.integers(0, len(windows) - 1)).map(list))] = np.nan
    assert not values.breaks(windows, 6).any()


def test_a_window_that_no_records_give_is_an_error():
    windows = sums(np.full(60, 10.0))
    windows[30] = 600
    (finding,) = values.impossible(material(in_count_uid=windows))
    assert finding.what == ("from 60 to 600 in one step, which no records give (2 such steps)")
    assert finding.time_range == "<2019-03-05T04:50,2019-03-05T05:10>"
    windows[45] = 700
    assert len(values.impossible(material(in_count_uid=windows, out_count_uid=windows))) == 2


def test_days_in_the_wrong_order_contradict_each_other_at_midnight():
    calm = sums(np.full(149, 10.0))
    # a burst in the last three panes of a day, gone at midnight
    busy = sums(np.repeat([10.0, 600.0], [146, 3]))
    windows = np.concatenate([busy, calm])
    assert windows[143] == 1830 and values.breaks(windows, 6)[143]
    (finding,) = values.impossible(material(in_count_uid=windows))
    assert finding.end == pd.Timestamp("2019-03-06T00:00Z")


def test_averages_may_jump_as_they_like():
    assert not values.impossible(material(in_avg_duration=[1, 1, 900, 1, 1, 1]))
    assert not additive("in_avg_duration") and additive("all_count_failed")


def test_windows_that_do_not_overlap_may_jump_as_they_like():
    assert not values.impossible(material(panes=1, in_count_uid=[1, 1, 900, 1, 1, 1]))


def test_negative_counts_are_errors_with_their_number_and_place():
    (finding,) = values.negative(material(in_count_uid=[5, -1, 7, -3, 2]))
    assert finding.severity == "error" and finding.what == "2 values below zero, the lowest -3"
    assert finding.time_range == "<2019-03-05T00:10,2019-03-05T00:30>"


def test_constant_and_empty_columns_are_noted_together():
    cells = material(
        a=[1, 1, 1], b=[1, 1, 1], c=[np.nan] * 3, d=[np.nan] * 3, e=[1, 2, 3], f=[0, np.nan, 0]
    )
    found = [(finding.where, finding.what) for finding in values.constant(cells)]
    assert found == [
        ("conn c, d", "2 of 6 columns never hold a value"),
        ("conn f", "always 0"),
        ("conn a, b", "always 1"),
    ]


def test_a_sensor_that_stands_still_is_told():
    moving = np.random.default_rng(0).normal(100, 10, 300)
    moving[100:120] = 77.5
    (finding,) = values.stuck(material(panes=1, sparse=False, a=moving))
    assert finding.what.startswith("77.5 in 20 windows (3 h 20 min) in a row")
    assert finding.time_range == "<2019-03-05T16:40,2019-03-05T19:50>"


def test_small_counts_may_repeat_themselves():
    small = np.random.default_rng(0).poisson(2, 2000)
    assert not values.stuck(material(a=small))
    assert not values.stuck(material(a=sums(np.random.default_rng(1).poisson(3, 2005))))


def test_a_value_out_of_all_measure_is_told_but_a_burst_is_not():
    usual = np.full(100, 40.0)
    burst, wrong = usual.copy(), usual.copy()
    burst[50:60], wrong[50] = 400_000, 4e9
    assert not values.far(material(a=burst))
    (finding,) = values.far(material(a=wrong))
    assert finding.what == "1 values up to 4000000000, where 40 is usual"
    assert values.far(material(a=np.full(9, 2.0**60)))


@pytest.mark.parametrize(("length", "told"), [(5, 0), (6, 1)])
def test_zeros_in_a_row_are_told_where_zero_is_rare(length, told):
    busy = np.random.default_rng(0).poisson(50, 400) + 1.0
    busy[100 : 100 + length] = 0
    found = gaps.zeros(material(in_count_uid=busy))
    assert len(found) == told
    often = np.random.default_rng(0).poisson(1, 400).astype(float)
    often[100:110] = 0
    assert not gaps.zeros(material(in_count_uid=often))
