"""Conditions: what they take, what they refuse and where, and that nothing in them is ever run."""

import contextlib

import ibis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mods.errors import InputError, SettingError
from mods.features import conditions, filters
from mods.features.engines import duckdb as engine

RECORDS = [
    {"state": "S0", "bytes": 5, "id.orig_h": "10.0.0.1", "AA": True, "duration": 500_000},
    {"state": "SF", "bytes": 0, "id.orig_h": "8.8.8.8", "AA": False, "duration": 2_000_000},
    {"state": None, "bytes": None, "id.orig_h": "fd00::1", "AA": None, "duration": None},
    {"state": "", "bytes": -3, "id.orig_h": "::1", "AA": True, "duration": 61_000_000},
]
TYPES = {
    "state": "string", "bytes": "int64", "id.orig_h": "string", "AA": "boolean",
    "duration": "int64",
}  # fmt: skip
ENGINE = engine.connect("200MB")
TABLE = ENGINE.create_table(
    "records", ibis.memtable(RECORDS, schema=TYPES).mutate(n=ibis.row_number())
)


def taken(condition):
    """The numbers of the records that a condition takes."""
    rows = TABLE.filter(filters.build(condition, TABLE)).n.to_pyarrow().to_pylist()
    return sorted(rows)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("state in ['S0', 'REJ'] and bytes > 0", [0]),
        ("state == 'S0' or AA", [0, 3]),
        ("not AA", [1]),
        ("state not in ('S0',)", [1, 3]),
        ("not (bytes > 0)", [1, 3]),
        ("bytes is None", [2]),
        ("state is not None and state != ''", [0, 1]),
        ("-4 < bytes <= 0", [1, 3]),
        ("duration > 1.5", [1, 3]),
        ("duration in [0.5, 61]", [0, 3]),
        ("length(state) > 0", [0, 1]),
        ("startswith(state, 'S') and not endswith(state, 'F')", [0]),
        ("contains(state, '0')", [0]),
        ("lower(state) == 's0'", [0]),
        ("within(id.orig_h, '10.0.0.0/8, fc00::/7')", [0, 2]),
        ("column('state') == 'SF'", [1]),
    ],
)
def test_a_condition_takes_the_records_that_it_says(condition, expected):
    assert taken(condition) == expected


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("bytes >", "no condition"),
        ("bytes = 1", "no condition at character 7"),
        ("bytes + 1 > 2", r"'bytes \+ 1' at character 1"),
        ("AA and __import__('os').system('x')", "at character 8 .* is no function"),
        ("(lambda: 1)()", "is no function"),
        ("state.upper() == 'X'", "is no function"),
        ("bytes[0] == 1", "'bytes\\[0\\]' at character 1"),
        ("contains(lower(state), 's')", r"has to be contains\(COLUMN"),
        ("f'{state}' == 'x'", "is not understood"),
        ("state in 'S0'", "cannot be compared so"),
        ("state in ['S0', 1]", "no list of texts or of numbers"),
        ("state == None", "'None' at character 10"),
        ("1 == 1", "compares no column"),
        ("bytes > 1e999", "at character 9"),
        ("'x'", "neither true nor false"),
        ("within(state, '1.2.3.4/99')", "is no network"),
        ("bytes > 1" + " or bytes > 1" * 500, "longer than"),
    ],
)
def test_anything_else_is_refused_with_its_place(condition, message):
    with pytest.raises(SettingError, match=message) as caught:
        conditions.parse(condition)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("condition", ["bytes == 'x'", "state", "length(bytes) > 1", "AA > 'x'"])
def test_a_column_of_another_type_is_named(condition):
    with pytest.raises(InputError, match="is of type .* in the logs"):
        taken(condition)


def test_the_columns_asked_for():
    asked = "id.orig_p in [1] and (AA or not lower(query) == 'x') and column('from') is None"
    assert conditions.columns(asked) == ("id.orig_p", "AA", "query", "from")
    assert conditions.columns("") == ()


@given(st.text(alphabet="abAS01.'\"[]()<>=!,- \n\\andortif", max_size=40) | st.text(max_size=20))
def test_no_text_makes_it_fail_in_another_way(text):
    with contextlib.suppress(SettingError):
        conditions.parse(text)
