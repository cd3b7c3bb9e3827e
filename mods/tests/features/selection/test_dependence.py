"""What says the same, on columns whose dependence is known by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mods.features.selection import dependence


@pytest.fixture
def columns() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    a, b, c = rng.normal(size=(3, 500))
    return pd.DataFrame({"a": a, "b": b, "c": c, "copy": 3 * a + 1, "sum": a + b, "minus": -a})


def test_a_copy_correlates_by_one_and_a_mirror_image_by_minus_one(columns):
    table = dependence.correlation(columns)
    assert table.loc["a", "copy"] == pytest.approx(1)
    assert table.loc["a", "minus"] == pytest.approx(-1)
    assert abs(table.loc["a", "b"]) < 0.15


def test_one_burst_in_common_makes_no_two_columns_alike(columns):
    columns.loc[7, ["b", "c"]] = 1_000.0
    assert columns.corr().loc["b", "c"] > 0.99
    assert abs(dependence.correlation(columns).loc["b", "c"]) < 0.2


def test_a_common_order_alone_makes_no_two_columns_alike(columns):
    columns["power"] = np.exp(4 * columns["a"])
    assert columns.corr("spearman").loc["a", "power"] == pytest.approx(1)
    assert dependence.correlation(columns).loc["a", "power"] < 0.6


def test_gaps_leave_the_pairs_known_to_both(columns):
    columns.loc[:99, "a"] = np.nan
    columns.loc[400:, "copy"] = np.nan
    both = columns.loc[100:399]
    table = dependence.correlation(columns)
    assert table.loc["a", "copy"] == pytest.approx(1)
    weaker = min(both["a"].corr(both["sum"]), both["a"].corr(both["sum"], method="spearman"))
    rows = columns.loc[100:]
    assert table.loc["a", "sum"] == pytest.approx(
        min(rows["a"].corr(rows["sum"]), rows["a"].corr(rows["sum"], method="spearman"))
    )
    assert weaker > 0


def test_pairs_never_known_together_have_no_correlation(columns):
    columns.loc[:249, "a"] = np.nan
    columns.loc[230:, "b"] = np.nan
    assert np.isnan(dependence.correlation(columns).loc["a", "b"])
    assert len(dependence.order(dependence.correlation(columns))) == 6


def test_groups_are_of_columns_each_pair_of_which_is_alike(columns):
    assert dependence.groups(dependence.correlation(columns), 0.95) == [["a", "copy", "minus"]]


def test_alike_columns_stand_beside_each_other(columns):
    order = dependence.order(dependence.correlation(columns))
    places = sorted(order.index(name) for name in ("a", "copy", "minus"))
    assert places[-1] - places[0] == 2


def test_a_sum_follows_from_its_parts(columns):
    found = dependence.follows(columns, "sum", ["a", "b", "c"])
    assert set(found.names) == {"a", "b"}
    assert found.explained == pytest.approx(1)
    assert dependence.follows(columns, "c", ["a", "b", "sum"]) is None


def test_a_burst_in_three_columns_makes_none_follow_from_the_others():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(size=(500, 3)), columns=list("xyz"))
    frame.loc[9] = [5_000.0, 3_000.0, 8_000.0]
    assert dependence.follows(frame, "z", ["x", "y"]) is None


def test_inflation_is_that_of_statsmodels(columns):
    from statsmodels.stats.outliers_influence import variance_inflation_factor
    from statsmodels.tools import add_constant

    frame = columns[["a", "b", "sum"]].copy()
    frame["sum"] += 0.5 * columns["c"]
    design = add_constant(frame).to_numpy()
    expected = [variance_inflation_factor(design, at) for at in (1, 2, 3)]
    assert list(dependence.inflation(frame).values()) == pytest.approx(expected, rel=1e-6)


def test_what_follows_exactly_has_the_largest_inflation(columns):
    factors = dependence.inflation(columns[["a", "b", "c", "sum"]])
    assert factors["sum"] == dependence.MOST_VIF
    assert factors["c"] < 1.1


def test_dimensions_count_what_is_linearly_independent(columns):
    assert dependence.dimensions(columns) == (3, 3)
    assert dependence.dimensions(columns[["a", "copy", "minus"]]) == (1, 1)
    assert dependence.dimensions(columns.head(20)) is None
