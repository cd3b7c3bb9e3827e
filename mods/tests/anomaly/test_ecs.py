"""Exports: every field is one of ECS, with its type, or stands under `mods`."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest

from mods.anomaly import ecs, kinds
from mods.anomaly.events import Event

# Of the field reference of ECS 8.17: the type of each field, and allowed values where there are.
DATE, KEYWORD, LONG, FLOAT, TEXT = "date", "keyword", "long", "float", "match_only_text"
SPEC = {
    "@timestamp": DATE,
    "ecs.version": KEYWORD,
    "event.id": KEYWORD,
    "event.kind": KEYWORD,
    "event.category": KEYWORD,
    "event.type": KEYWORD,
    "event.action": KEYWORD,
    "event.dataset": KEYWORD,
    "event.module": KEYWORD,
    "event.provider": KEYWORD,
    "event.start": DATE,
    "event.end": DATE,
    "event.duration": LONG,
    "event.severity": LONG,
    "event.risk_score": FLOAT,
    "rule.name": KEYWORD,
    "rule.category": KEYWORD,
    "rule.ruleset": KEYWORD,
    "message": TEXT,
    "labels": "object of keyword",
    "observer.name": KEYWORD,
    "observer.product": KEYWORD,
    "observer.type": KEYWORD,
    "observer.version": KEYWORD,
}
ALLOWED = {"event.kind": {"alert"}, "event.category": {"network"}, "event.type": {"info"}}
REQUIRED = {"@timestamp", "ecs.version"}
ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
START = pd.Timestamp("2024-05-01T06:00Z")


def event(kind="burst", direction="too much", **more):
    end = START + pd.Timedelta("90min")
    names = more.pop("features", ("ssh_in", "conn_in"))
    given = {"actual": 900.0, "forecast": 120.0, "score_kind": "surprise", "id": "3f9ac2d1e07b"}
    return Event(START, end, START, 2.5, names, direction, kind, **{**given, **more})


def flat(document, prefix=""):
    for name, value in document.items():
        if isinstance(value, dict) and name != "labels":
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def fits(value, kind):
    one = value[0] if isinstance(value, list) else value
    if kind == DATE:
        return isinstance(one, str) and ISO.fullmatch(one) is not None
    if kind == LONG:
        return type(one) is int and -(2**63) <= one < 2**63
    if kind == FLOAT:
        return isinstance(one, float)
    if kind == "object of keyword":
        return all(isinstance(part, str) for part in one.values())
    return isinstance(one, str) and one != ""


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_every_field_is_of_ecs_or_our_own(kind):
    one = event(kind, "missing", actual=None, forecast=None) if kind == "missing" else event(kind)
    document = json.loads(json.dumps(ecs.document(one, "week"), allow_nan=False))
    fields = dict(flat({name: value for name, value in document.items() if name != "mods"}))
    assert fields.keys() <= SPEC.keys() and fields.keys() >= REQUIRED
    for name, value in fields.items():
        assert fits(value, SPEC[name]), (name, value)
        assert set(value if isinstance(value, list) else [value] if name in ALLOWED else []) <= (
            ALLOWED.get(name, set())
        ), name


def test_a_document_says_when_how_long_and_how_bad():
    told = ecs.document(event(), "week")
    assert told["@timestamp"] == told["event"]["start"] == "2024-05-01T06:00:00Z"
    assert told["event"]["duration"] == 5_400_000_000_000
    assert told["event"]["severity"] == event().severity_score == 63
    assert told["mods"]["features"] == ["ssh_in", "conn_in"]
    assert told["message"] == (
        "burst (too much) of ssh_in, conn_in, 2024-05-01T06:00:00Z to 2024-05-01T07:30:00Z:"
        " 900 seen, 120 expected at the peak; severity medium"
    )


def test_a_slow_departure_that_the_forecast_has_passed_is_not_told_as_its_opposite():
    slow = {"direction": "too little", "score_kind": "level", "actual": 621.0, "forecast": 613.848}
    said = "hours off the usual add up (621 seen, 614 expected at the peak); severity"
    assert f": {said}" in ecs.message(event("dip", **slow))
    assert "add up" not in ecs.message(event("dip", **{**slow, "forecast": 700.0}))
    assert "add up" not in ecs.message(event("dip", **{**slow, "score_kind": "surprise"}))


def test_values_that_json_has_no_number_for_are_null():
    told = ecs.document(event(actual=float("inf"), forecast=float("nan")), "week")
    assert told["mods"]["actual"] is None and told["mods"]["forecast"] is None
    json.dumps(told, allow_nan=False)


def test_a_row_has_the_same_and_a_spreadsheet_executes_none_of_it(tmp_path):
    from mods.flows import output

    path = tmp_path / "events.csv"
    output.events([event(features=("=cmd|' /C calc'!A0",)), event()], "week", str(path))
    rows = pd.read_csv(path)
    assert tuple(rows.columns) == ecs.COLUMNS
    assert rows["features"].tolist() == ["'=cmd|' /C calc'!A0", "ssh_in conn_in"]
    assert rows["severity_score"].tolist() == [58, 63]
    assert rows["mark"].isna().all()
    output.events([], "week", str(path))
    assert pd.read_csv(path).empty
