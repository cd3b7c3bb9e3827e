"""Values of a request: rows, columns and matrices become the same table; mistakes say what."""

import json

import pandas as pd
import pytest

from mods.errors import InputError, ModsError, SeriesError, UsageError
from mods.flows import unpack, values
from mods.request import Given

STEP = pd.Timedelta("10min")
LAST = {"last_time": "2019-06-01T01:10:00+01:00"}
ROWS = [["2019-06-01T00:00:00Z", 5, 50], ["2019-06-01T00:10:00Z", None, 60]]


def table(given, **told):
    return values.table(given, ("conn_in", "conn_out"), STEP, Given(**told))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([dict(zip(("time", "conn_in", "conn_out"), row, strict=True)) for row in ROWS], {}),
        ({"time": [r[0] for r in ROWS], "conn_in": [5, None], "conn_out": [50, 60]}, {}),
        ([row[1:] for row in ROWS], LAST),
        ([{"conn_in": 5, "conn_out": 50}, {"conn_out": 60}], LAST),
        ({"conn_in": [5, None], "conn_out": [50, 60]}, LAST),
    ],
    ids=["rows", "columns", "matrix", "rows and last time", "columns and last time"],
)
def test_each_way_to_write_values_gives_the_same_table(given, told):
    found = table(given, **told)
    assert list(found["time"]) == [row[0] for row in ROWS]
    assert found["conn_in"][0] == 5
    assert pd.isna(found["conn_in"][1])
    assert list(found["conn_out"]) == [50, 60]


def test_model_of_one_feature_takes_a_plain_list():
    found = values.table([5, 6], ("conn_in",), STEP, Given(**LAST))
    assert list(found["conn_in"]) == [5, 6]


@pytest.mark.parametrize(
    ("given", "told", "reason"),
    [
        ([[1, 2, 3]], LAST, "row 1 has 3 values, the model 2 features"),
        ([[1, 2], 3], LAST, "row 2 has 1 values"),
        ([[1, [2]]], LAST, "a value is itself a list"),
        ([{"time": {}, "conn_in": 1}], {}, "a value is itself a list or an object"),
        ({"conn_in": [1], "conn_out": []}, LAST, "no lists of one length"),
        ({"conn_in": 1}, LAST, "no lists of one length"),
        ([[1, float("inf")]], LAST, "beyond all numbers"),
        ([[1, "-Infinity"]], LAST, "beyond all numbers"),
        ([[1, 10**400]], LAST, "beyond all numbers"),
        ({"conn_in": [float("-inf")]}, LAST, "beyond all numbers"),
        ({}, LAST, "no lists of one length"),
        ([], LAST, "hold no rows"),
        ([{}], LAST, "hold no rows"),
        (7, LAST, "neither rows nor columns"),
        ([[1, 2]], {}, "have no stamps"),
        ([{"time": "2019-06-01", "conn_in": 1}], LAST, "have stamps of their own"),
    ],
)
def test_what_is_no_table_says_why(given, told, reason):
    with pytest.raises((UsageError, SeriesError), match=reason):
        table(given, **told)


def test_rows_with_a_key_each_are_counted_as_the_table_they_would_be(monkeypatch):
    monkeypatch.setattr(unpack, "MOST_JSON", 1_000)
    rows = [{f"a{number}": 1} for number in range(32)]
    with pytest.raises(InputError, match="has 1024 cells, more than 1000"):
        table(rows, **LAST)
    assert table(rows[:31], **LAST).shape == (31, 32)


@pytest.mark.parametrize("text", ["{", "[NaN]", "[Infinity]", "[" * 100_000, "\ud800", ""])
def test_what_is_no_json_is_refused(text):
    with pytest.raises(UsageError, match="are no JSON"):
        values.read(text)


def test_json_of_any_shape_is_a_table_or_one_of_our_errors():
    leaves = [None, True, 1, -1.5, 1e308, "a", "", [], {}, [[]], {"time": None}, [{}], [[None, 2]]]
    for outer in (*leaves, *([one] for one in leaves), *({"time": one} for one in leaves)):
        for told in ({}, LAST):
            try:
                assert len(table(values.read(json.dumps(outer)), **told))
            except ModsError as error:
                assert error.fix


def test_last_time_is_read_with_its_offset_and_refused_where_it_is_no_moment():
    with pytest.raises(UsageError, match="'yesterday' is no moment"):
        Given(last_time="yesterday")
    with pytest.raises(UsageError, match="is no moment from 1900 to 2200"):
        Given(last_time="0001-01-01T00:00:00+23:00")


@pytest.mark.parametrize(
    "text", ['{"time": [], "time": []}', '[{"conn_in": 1, "time": "a", "time": "b"}]']
)
def test_key_that_stands_twice_is_refused_not_the_last_taken(text):
    with pytest.raises(UsageError, match="'time' stands twice in one JSON object"):
        values.read(text)
