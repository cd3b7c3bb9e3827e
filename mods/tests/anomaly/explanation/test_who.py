"""Sentences about who is behind it: one host, many, or all that fell silent."""

from __future__ import annotations

import pandas as pd
import pytest

from mods.anomaly.explanation import Difference, Measure
from mods.features.behind import Ranked, Share
from mods.features.catalog import Feature

AT = pd.Timestamp("2024-03-14T10:20Z"), pd.Timestamp("2024-03-14T11:20Z")
COUNT = Measure.of(Feature("conn", "count_uid", "count"))


def difference(*ranked: Ranked, sign: int = 1, records: int = 1000, **more) -> Difference:
    return Difference("conn_in", COUNT, sign, *AT, ranked, 7, records, **more)


def share(key: str, now: float, usual: float, whole: float) -> Share:
    return Share(key, now, usual, now - usual, (now - usual) / whole)


def test_a_host_that_made_most_of_an_excess_is_named_with_its_part():
    first = share("203.0.113.7", 890, 0, 1000)
    told = difference(Ranked("originator", 1500, 500, 90, 85.0, (first,)))
    said = told.sentences()
    assert said[0] == (
        "conn_in: 1,500 connections from 2024-03-14 10:20 to 11:20, 500 in the same hours of the 7 "
        "earlier days: 1,000 more."
    )
    assert said[1] == "203.0.113.7 made 89 % of the excess: 890 connections, usually 0."
    assert told.clear


def test_a_host_that_fell_silent_is_named_with_what_is_missing():
    first = share("10.0.0.5", 0, 2140, -2300)
    told = difference(Ranked("originator", 100, 2400, 3, 4.0, (first,)), sign=-1)
    assert told.sentences()[1] == (
        "10.0.0.5 usually made 2,140 of the missing 2,300 (93 %) and was silent."
    )


def test_where_all_fall_silent_no_host_is_to_blame():
    rows = tuple(share(f"10.0.0.{n}", 0, 10, -100) for n in range(1, 11))
    told = difference(Ranked("originator", 0, 100, 0, 10.0, rows), sign=-1)
    assert told.sentences()[1] == (
        "All fell silent alike, usually 10 originators: the link or the sensor, not a host."
    )
    assert not told.clear


def test_a_server_that_always_has_most_of_it_is_not_to_blame_for_its_usual_part():
    busy = share("10.0.0.53", 760, 400, 900)
    told = difference(Ranked("responder", 1900, 1000, 40, 41.0, (busy,)))
    assert told.sentences()[1].startswith("No host alone made the excess: 10.0.0.53 received 40 %")


def test_who_is_new_while_a_feature_falls_is_told():
    rows = tuple(share(f"10.0.0.{n}", 0, 10, -100) for n in range(1, 11))
    new = Ranked("originator", 148, 0, 1, 0.0, (Share("10.20.0.1", 148, 0, 148, 1.0),))
    fallen = Ranked("originator", 0, 100, 0, 10.0, rows)
    said = difference(fallen, sign=-1, meanwhile=new).sentences()
    assert said[-1].startswith("Meanwhile 10.20.0.1, never seen")


def test_without_any_record_or_any_earlier_day_it_says_so():
    silent = difference(Ranked("originator", 0, 9, 0, 3.0, ()), sign=-1, records=0)
    assert "has no record at all" in silent.sentences()[0]
    lonely = Difference("conn_in", COUNT, 1, *AT, (), 0, 5)
    assert "no earlier day at hand can be compared" in lonely.sentences()[0]


@pytest.mark.parametrize(
    ("feature", "unit"),
    [
        (Feature("dns", "distinct_query", "distinct", "query"), "names"),
        (Feature("conn", "sum_orig_bytes", "sum", "orig_bytes"), "bytes"),
        (Feature("conn", "avg_duration", "mean", "duration", divisor=1_000_000), "seconds"),
        (Feature("dns", "AA_true", "true", "AA"), "queries with AA"),
        (Feature("http", "", "count", where="status_code >= 500"), "requests (status_code >= 500)"),
        (Feature("conn", "q95", "quantile", "duration", q=0.95),
         "connections with a duration above its usual 95 %"),
    ],
)  # fmt: skip
def test_each_feature_is_told_in_its_own_unit(feature, unit):
    assert Measure.of(feature).unit == unit


def test_a_server_that_all_talk_to_may_be_what_fell_silent():
    rows = tuple(share(f"10.0.0.{n}", 0, 2, -100) for n in range(1, 11))
    server = Ranked("responder", 0, 100, 0, 1.0, (share("10.0.9.9", 0, 100, -100),))
    told = difference(Ranked("originator", 0, 100, 0, 54.0, rows), server, sign=-1)
    assert told.sentences()[1] == (
        "All fell silent, usually 54 originators and 1 responder: 10.0.9.9, the link or the sensor."
    )


def test_where_several_rose_and_others_fell_no_one_is_named_by_a_share_of_the_sum():
    rows = tuple(share(f"8.8.8.{n}", 75, 0, 100) for n in (1, 2, 3))
    told = difference(Ranked("originator", 600, 500, 40, 40.0, rows))
    assert told.sentences()[1] == (
        "Several originators rose and others fell: the excess is only the sum, the first 3 alone "
        "add up to 225 % of it."
    )
    assert not told.clear


def test_one_that_rose_far_more_than_all_others_is_named_alone():
    rows = (share("8.8.8.1", 180, 0, 100), share("8.8.8.2", 20, 0, 100))
    told = difference(Ranked("originator", 600, 500, 40, 40.0, rows))
    assert told.sentences()[1] == "8.8.8.1 made all of the excess: 180 connections, usually 0."
