"""A mark finds its event again, though its edges moved."""

from __future__ import annotations

import dataclasses
import json

import pandas as pd
import pytest

from mods.anomaly.events import Event
from mods.anomaly.marks import Mark, identity, meant, named, unmatched
from mods.errors import ModelError

START = pd.Timestamp("2024-05-01T00:00Z")
HOUR = pd.Timedelta("1h")


def event(begin, end, *features):
    return Event(
        START + begin * HOUR,
        START + end * HOUR,
        START + begin * HOUR,
        2.0,
        features,
        "too much",
        "",
    )


def mark(one, verdict, marked="2024-05-02"):
    return Mark(identity("week", one), verdict, one.start, one.end, one.features, "a note", marked)


def test_an_id_depends_on_model_start_and_leading_feature_alone():
    one = event(3, 5, "ssh_in")
    assert identity("week", one) == identity("week", event(3, 9, "ssh_in", "conn_in"))
    others = {
        identity("day", one),
        identity("week", event(4, 5, "ssh_in")),
        identity("week", event(3, 5, "conn_in", "ssh_in")),
    }
    assert len(others) == 3 and identity("week", one) not in others


def test_the_event_that_overlaps_and_shares_a_feature_is_the_one_marked():
    said = [mark(event(3, 5, "ssh_in"), "false")]
    later, elsewhere, after = (
        event(4, 7, "dns", "ssh_in"),
        event(3, 5, "dns"),
        event(6, 7, "ssh_in"),
    )  # the last one is near, but the mark has found its event
    assert [one.mark for one in named([later, elsewhere, after], "week", said)] == ["false", "", ""]


def test_the_last_verdict_counts_and_the_own_one_most():
    one = event(3, 5, "ssh_in")
    near = mark(event(4, 6, "ssh_in"), "expected", "2024-05-04")
    said = [mark(one, "false", "2024-05-02"), mark(one, "true", "2024-05-03"), near]
    assert [e.mark for e in named([one], "week", said)] == ["true"]
    assert [e.mark for e in named([event(2, 5, "ssh_in")], "week", said)] == ["expected"]


def test_a_marked_event_keeps_its_id_though_it_begins_elsewhere():
    first, later = event(3, 9, "ssh_in"), (event(4, 5, "ssh_in"), event(8, 9, "ssh_in"))
    (moved, rest) = named(later, "week", [mark(first, "true")])
    assert moved.id == identity("week", first) and rest.id == identity("week", later[1])
    (wider,) = named([event(3, 5, "dns", "ssh_in")], "week", [mark(first, "true")])
    assert (wider.id, wider.mark) == (moved.id, "true")
    (short, most) = named(
        [event(3.5, 4, "ssh_in"), event(5, 9, "dns", "ssh_in")], "week", [mark(first, "true")]
    )
    assert most.id == identity("week", first) and short.id != most.id and short.mark == "true"


def test_a_mark_follows_an_event_that_moved_away_for_less_than_the_rest():
    said = [mark(event(3, 5, "ssh_in"), "true")]
    gap = dataclasses.replace(event(6, 7, "ssh_in"), direction="missing")
    moved, other, later = event(10, 11, "ssh_in"), event(8, 9, "dns"), event(10.8, 12, "ssh_in")
    found = named([gap, other, moved, later], "week", said)
    assert [one.mark for one in found] == ["", "", "true", ""]
    assert found[2].id == said[0].id and unmatched(found, said) == []
    far = [event(11, 12, "ssh_in")]
    assert unmatched(far, said) == said and [one.mark for one in named(far, "week", said)] == [""]


def test_what_was_expected_is_a_stretch_of_time_and_follows_no_event():
    said = [mark(event(3, 5, "ssh_in"), "expected")]
    assert [one.mark for one in named([event(6, 7, "ssh_in")], "week", said)] == [""]
    assert unmatched([event(6, 7, "ssh_in")], said) == said


def test_a_mark_travels_as_json():
    one = mark(event(3, 5, "ssh_in", "dns"), "true")
    assert Mark.of(json.loads(json.dumps(one.record()))) == one


@pytest.mark.parametrize(
    "change", [{"as": "perhaps"}, {"start": "soon"}, {"features": []}, {"end": "2020-01-01T00:00Z"}]
)
def test_what_is_no_mark_is_refused(change):
    record = {**mark(event(3, 5, "ssh_in"), "true").record(), **change}
    with pytest.raises(ModelError, match="is no mark"):
        Mark.of(record)
    assert dataclasses.asdict(Mark.of({**record, **mark(event(3, 5, "a"), "true").record()}))


def test_an_id_of_before_still_means_its_event():
    step = pd.Timedelta("10min")
    there = named([event(1, 2, "dns"), event(10, 12, "conn_in", "ssh_in")], "week", [])
    for before in (event(10, 12, "ssh_in"), event(9, 12, "conn_in"), event(11.5, 12, "ssh_in")):
        assert meant(identity("week", before), "week", there, step) is there[1]
    for other in (event(10, 12, "dns"), event(3, 12, "conn_in"), event(13, 14, "conn_in")):
        assert meant(identity("week", other), "week", there, step) is None
    gone = dataclasses.replace(there[0], direction="missing")
    assert meant(identity("week", event(1.5, 2, "dns")), "week", [gone], step) is None
