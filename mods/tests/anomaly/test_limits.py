import json

import numpy as np
import pandas as pd
import pytest

from mods.anomaly import limits
from mods.anomaly.limits import Limits
from mods.errors import CorruptModelError, UsageError
from mods.limit import Limit

STEP = pd.Timedelta("10min")
WEEK = 1008


def series(**columns):
    size = len(next(iter(columns.values())))
    index = pd.date_range("2019-04-01", periods=size, freq=STEP, tz="UTC")
    return pd.DataFrame(columns, index)


def test_a_level_is_learnt_that_is_crossed_about_once_in_four_weeks():
    rng = np.random.default_rng(3)
    whole = series(conn=100 + rng.normal(0, 10, 48 * WEEK))
    found = {one.upper: one.level for one in limits.learn(whole, STEP)}
    values = whole["conn"].to_numpy()
    assert 8 <= (values >= found[True]).sum() <= 12
    assert 8 <= (values <= found[False]).sum() <= 12


def test_eight_weeks_tell_a_level_that_the_next_forty_cross_rarely():
    rng = np.random.default_rng(4)
    values = 100 + rng.normal(0, 10, 48 * WEEK)
    (high,) = [one for one in limits.learn(series(conn=values[: 8 * WEEK]), STEP) if one.upper]
    assert 2 <= (values[8 * WEEK :] >= high.level).sum() <= 20


def test_no_limit_where_nothing_could_cross_it():
    bursts = np.zeros(2 * WEEK)
    bursts[::100] = 5.0
    told = limits.learn(series(still=np.ones(2 * WEEK), bursts=bursts, short=np.nan), STEP)
    assert [one.side for one in told] == [("bursts", True)]


def test_what_is_asked_stands_in_for_what_was_given_and_that_for_what_was_learnt():
    known = Limits(
        given=(Limit("a", True, 5.0), Limit("b", True, np.inf)),
        learnt=(Limit("a", True, 9.0), Limit("a", False, 1.0), Limit("b", True, 7.0)),
    )
    assert known.in_force(["a", "b"]) == (Limit("a", True, 5.0), Limit("a", False, 1.0))
    assert known.in_force(["a", "b"], [Limit("a", True, 6.0)]) == (
        Limit("a", True, 6.0),
        Limit("a", False, 1.0),
    )


def test_a_limit_without_a_series_holds_for_each_and_a_named_series_keeps_its_own():
    many = ["a|x", "a|y", "b|x", "b|y"]
    given = Limit("b|x", True, 9.0), Limit("x", True, 5.0)
    known = Limits(given, learnt=(Limit("a|x", True, 7.0), Limit("b|y", True, 8.0)))
    now = {str(one) for one in known.in_force(many)}
    assert now == {"a|x<5", "b|x<9", "b|y<8"}
    lifted = {str(one) for one in known.in_force(many, [Limit("x", True, np.inf)])}
    assert lifted == {"b|y<8"}
    assert {str(one) for one in known.in_force(["c|x"])} == {"c|x<5"}
    limits.check(given, many)
    with pytest.raises(UsageError, match="no feature 'z'"):
        limits.check([Limit("z", True, 1.0)], many)


def test_limits_come_back_from_json_and_others_are_refused():
    known = Limits(
        (Limit("a", True, np.inf),), (Limit("a", False, 0.5),), {"a": [0.1, 0.2, 0.5, 0.8, 0.9]}
    )
    state = json.loads(json.dumps(known.state()))
    assert Limits.from_state(state) == known
    for broken in (
        {},
        {**state, "given": 3},
        {**state, "shares": {"a": [0.5, 0.2, 0.1, 0.8, 0.9]}},
    ):
        with pytest.raises(CorruptModelError, match="limits cannot be read"):
            Limits.from_state(broken)


def test_a_limit_on_a_feature_that_is_not_there_names_those_that_are():
    with pytest.raises(UsageError, match="no feature 'conn'") as told:
        limits.check([Limit("conn", True, 1.0)], ["conn_in", "ssh_in"])
    assert "It has conn_in, ssh_in" in str(told.value)
