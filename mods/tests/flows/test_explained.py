"""Which event a moment means, and what is said of it in a line."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest

from mods.anomaly.events import MISSING, Event
from mods.anomaly.explanation import Difference, Measure
from mods.features.behind import Asked, Ranked, Share
from mods.features.catalog import Feature
from mods.flows import explain_page, explain_who
from mods.flows.explain import explain
from mods.flows.explain_event import chosen
from mods.flows.witness import Heard, Told
from mods.request import ExplainRequest, Source


def at(time: str) -> pd.Timestamp:
    return pd.Timestamp(f"2024-03-12T{time}Z")


@pytest.fixture(scope="module")
def calm(pool, shelf):
    """A step without an alarm, explained without logs; asked was a time between two steps."""
    asked = ExplainRequest(model_name="small", time="2024-03-12T13:02")
    return explain(asked, Source(data=str(pool), models=str(shelf)))


@pytest.fixture
def long(calm):
    """A burst of hours with a gap in it."""
    burst = Event(at("13:20"), at("21:00"), at("13:40"), 9.0, ("conn_in",), "too much", "burst")
    gap = Event(at("18:50"), at("20:00"), at("18:50"), 0.0, ("conn_in",), MISSING, MISSING)
    return dataclasses.replace(calm.detection, events=[burst, gap])


@pytest.mark.parametrize(
    ("time", "number"),
    [("T13:30", 1), ("T19:00", 2), ("T20:30", 1), ("T13:00", 1), ("T18:40", 1), ("", 1)],
)
def test_a_moment_means_the_event_around_it_that_is_nearest(long, time, number):
    asked = ExplainRequest(model_name="small", time=f"2024-03-12{time}")
    assert chosen(long, asked)[1] == number


def test_each_feature_in_the_title_has_its_own_direction(calm):
    first = dataclasses.replace(calm.reasons[0], feature="conn_in", actual=90, forecast=10)
    other = dataclasses.replace(first, feature="conn_out", actual=1)
    gone = dataclasses.replace(first, feature="dns", actual=float("nan"))
    names = ("conn_in", "conn_out", "dns")
    event = Event(at("13:20"), at("19:00"), at("13:40"), 9.0, names, "too much", "burst")
    found = dataclasses.replace(calm, event=event, number=1, reasons=[first, other, gone])
    said = "too much conn_in and too little conn_out and missing dns, 2024-03-12 13:20 to 19:00 UTC"
    assert found.title() == said


def test_a_step_beside_the_moment_asked_about_is_said_to_be_one(calm):
    (said,) = calm.moved()
    assert said.startswith("Of the windows with 2024-03-12 13:02, which was asked about")
    assert said in explain_page.text(calm).splitlines()[1] and said in calm.record()["notes"]


def test_a_calm_step_has_no_severity(calm):
    told = calm.record()["event"]
    assert (told["kind"], told["severity"], told["severity_score"]) == ("calm", None, None)
    assert "Severity" not in dict(explain_page.page(calm).facts)


def test_the_headline_is_told_once_in_the_terminal(calm):
    said = explain_page.text(calm)
    assert said.count(calm.sentence()) == 1


@pytest.mark.parametrize(("now", "notes"), [(560, 1), (350, 0), (347, 0)])
def test_logs_that_give_another_value_than_the_data_are_told(calm, now, notes):
    feature = Feature("conn", "count_uid", "count")
    reason = dataclasses.replace(calm.reasons[0], actual=347.0)
    heard = Heard((Ranked("originator", now, 300, 9, 9.0, ()),), (1,), now)
    found = dataclasses.replace(calm, reasons=[reason])
    told, asked = Told({reason.feature: heard}), {reason.feature: Asked(feature, "in")}
    assert len(explain_who.disagreeing(found, told, asked)) == notes


def test_of_features_that_fell_silent_the_one_of_most_hosts_leads(calm):
    def silent(name: str, before: float) -> Difference:
        rows = tuple(Share(f"10.0.0.{n}", 0, 1, -1, 0.1) for n in range(10))
        ranked = (Ranked("originator", 0, 10, 0, before, rows),)
        measure = Measure.of(Feature("conn", "count_uid", "count"))
        return Difference(name, measure, -1, at("13:00"), at("14:00"), ranked, 7, 5)

    found = dataclasses.replace(calm, differences=[silent("ssh_in", 3), silent("conn_in", 54)])
    assert found.sentence().startswith("All fell silent alike, usually 54 originators")


@pytest.mark.parametrize("days", [0, 7])
def test_nothing_is_called_usual_where_no_earlier_day_could_be_compared(days):
    count = Measure.of(Feature("conn", "count_uid", "count"))
    ranked = Ranked("originator", 151, 0, 1, 0.0, (Share("10.0.0.7", 151, 0, 151, 1.0),))
    told = Difference("conn_out", count, 1, at("11:50"), at("12:50"), (ranked,), days, 151)
    (row,) = explain_page.rows_of(told)
    section = explain_page._who(told)
    assert ("usually" in row, "more" in row) == (bool(days), bool(days)) and row["now"] == 151
    assert ("usually" in section.tables[0].rows[0]) == bool(days)


@pytest.mark.parametrize("online", [False, True])
def test_every_score_that_is_drawn_is_said_what_it_judges(calm, online):
    table = calm.table.assign(jump=0.0, novelty=0.0) if online else calm.table
    found = dataclasses.replace(calm, table=table)
    ((caption, _),) = explain_page._happened(found).figures
    drawn = explain_page._scores(found, pd.DatetimeIndex(calm.series.index)).columns
    assert len(drawn) == (4 if online else 2)
    assert all(f"{name} judges" in caption for name in drawn)
