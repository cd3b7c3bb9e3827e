"""Windows against brute force: every record of every window counted anew, in plain Python."""

import math

import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mods.errors import InputError
from mods.features.catalog import DIRECTIONS, Feature
from mods.features.engines import duckdb as engine
from mods.features.panes import Panes
from mods.features.windows import Span, pieces, table
from mods.window import Window

FEATURES = (
    Feature("conn", "sum_bytes", "sum", "bytes"),
    Feature("conn", "avg_duration", "mean", "duration", divisor=1_000_000),
    Feature("conn", "count_uid", "count"),
    Feature("conn", "AA_true", "true", "AA"),
    Feature("conn", "AA_false", "false", "AA"),
    Feature("conn", "distinct_query", "distinct", "query"),
    Feature("conn", "distinct_port", "distinct", "port"),
)
TYPES = {
    "line_fault": "string", "value_fault": "string", "ts": "int64", "flow_direction": "string",
    "bytes": "int64", "duration": "int64", "AA": "boolean", "query": "string", "port": "int64",
}  # fmt: skip
SECOND = 1_000_000
ENGINE = engine.connect("500MB")


def record(second, way="in", *rest):
    values = (*rest, None, None, None, None, None)[:5]
    return (None, None, round(second * SECOND), way, *values)


def panes(batches, window, features=FEATURES):
    found = Panes(ENGINE, features, window)
    for rows in batches:
        data = [dict(zip(TYPES, row, strict=True)) for row in rows]
        found.add(ibis.memtable(data, schema=TYPES))
    return found


def windows(rows, name, *, batches=None):
    window = Window.parse(name)
    times = [row[2] for row in rows if row[0] is None]
    span = Span.of(window, min(times), max(times))
    return table(panes(batches or [rows], window), span).frame()


def brute(rows, name):
    """{start: {column: value}} by counting each window's records; None for an empty cell."""
    window = Window.parse(name)
    rows = [row for row in rows if row[0] is None]
    first, last = min(row[2] for row in rows), max(row[2] for row in rows)
    found = {}
    for start in range(0, last // SECOND + 1, window.slide):
        end = start + window.length
        inside = [row for row in rows if start * SECOND <= row[2] < end * SECOND]
        if inside and first <= start * SECOND and end * SECOND <= last:
            found[start] = {
                f"{way}_{key}": value
                for way in DIRECTIONS
                for key, value in cells([row for row in inside if row[3] == way]).items()
            }
    return found


def cells(rows):
    seconds = [row[5] / SECOND for row in rows if row[5] is not None]
    found = {
        "sum_bytes": sum(row[4] or 0 for row in rows),
        "avg_duration": sum(seconds) / len(seconds) if seconds else None,
        "count_uid": len(rows),
        "AA_true": sum(row[6] is True for row in rows),
        "AA_false": sum(row[6] is False for row in rows),
        "distinct_query": len({row[7] for row in rows} - {None, ""}),
        "distinct_port": len({row[8] for row in rows} - {None}),
    }
    return found if rows else dict.fromkeys(found)


def same(frame, expected):
    starts = [int(start.timestamp()) for start in frame.index]
    assert starts == sorted(expected)
    for start, (_, row) in zip(starts, frame.iterrows(), strict=True):
        for column, value in expected[start].items():
            cell = row[column]
            if value is None:
                assert cell is None, (start, column, cell)
            else:
                assert math.isclose(cell, value, rel_tol=1e-9), (start, column, cell, value)


def missing(frame):
    """The frame with None for what is empty, so that plain comparisons work."""
    return frame.astype(object).where(frame.notna(), None)


RECORDS = st.lists(
    st.builds(
        record,
        st.one_of(st.integers(0, 3000), st.floats(0, 3000).map(lambda t: round(t, 6))),
        st.sampled_from(["in", "out", "internal", None]),
        st.one_of(st.none(), st.integers(0, 2**40)),
        st.one_of(st.none(), st.integers(0, 10**9)),
        st.sampled_from([None, True, False]),
        st.sampled_from([None, "", "a", "b", "c"]),
        st.sampled_from([None, 53, 5353]),
    ),
    min_size=1,
    max_size=60,
)


@settings(max_examples=12, deadline=None)
@given(
    RECORDS, st.sampled_from(["w10m-s10m", "w10m-s01m", "w20m-s05m", "w15s-s05s"]), st.booleans()
)
def test_windows_equal_brute_force_over_their_records(rows, name, divided):
    window = Window.parse(name)
    rows = [*rows, record(0), record(3600)] if window.length > 60 else rows
    half = [rows[::2], rows[1::2]] if divided and len(rows) > 1 else [rows]
    same(missing(windows(rows, name, batches=half)), brute(rows, name))


FAR = st.lists(
    st.tuples(st.integers(0, 1500), st.sampled_from(["in", "out"]), st.sampled_from("abc")),
    min_size=1,
    max_size=40,
)


@settings(max_examples=10, deadline=None)
@given(FAR, st.sampled_from(["w07s-s01s", "w60s-s01s", "w61s-s01s", "w02m-s01s", "w09m-s01s"]))
def test_different_values_are_counted_alike_by_bits_and_in_order(seen, name):
    rows = [record(second, way, None, None, None, value) for second, way, value in seen]
    rows += [record(0, None), record(1501, None)]
    window, features = Window.parse(name), FEATURES[2:6:3]
    labels = [one.label(way) for one in features for way in DIRECTIONS]
    expected = {
        start: {label: row[label] for label in labels} for start, row in brute(rows, name).items()
    }
    read = panes([rows], window, features)
    whole = Span.of(window, 0, 1501 * SECOND)
    for parts in ([whole], pieces(read, whole)):
        found = [table(read, part) for part in parts]
        assert expected == {
            start: dict(zip(one.whole, cells, strict=True))
            for one in found
            for start, *cells in one.rows
        }
    assert (len(pieces(read, whole)) > 1) == (window.panes <= 120)


def test_an_average_window_by_hand():
    rows = [
        record(0, "in", 5, 1_500_000, True, "x.org", 53),
        record(59, "in", 7, 500_000, False, "x.org", 53),
        record(60, "in", 1, None, None, "", None),
        record(125, None),
        record(300, "out"),
    ]
    found = missing(windows(rows, "w02m-s01m"))
    assert [start.strftime("%H:%M") for start in found.index] == ["00:00", "00:01", "00:02"]
    assert found.iloc[0][[f"in_{one.name}" for one in FEATURES]].tolist() == [
        13,
        1.0,
        3,
        1,
        1,
        1,
        1,
    ]
    assert found.iloc[1][[f"in_{one.name}" for one in FEATURES]].tolist() == [
        1,
        None,
        1,
        0,
        0,
        0,
        0,
    ]
    assert found.iloc[0][[f"out_{one.name}" for one in FEATURES]].isna().all()
    assert found.iloc[2].isna().all(), "records without a direction make a row of empty cells"


def test_a_window_without_records_has_no_row():
    rows = [record(0), record(1000), record(2000)]
    found = windows(rows, "w01m-s01m")
    assert [start.strftime("%H:%M") for start in found.index] == ["00:00", "00:16"]


def test_windows_lie_wholly_inside_the_time_of_all_records():
    assert Span.of(Window(60, 60), 0, 60 * SECOND) == Span(0, 0)
    assert Span.of(Window(60, 60), 1, 120 * SECOND) == Span(1, 1)
    assert len(Span.of(Window(60, 60), 1, 120 * SECOND - 1)) == 0
    assert len(Span.of(Window(3600, 600), 0, SECOND)) == 0


def test_columns_are_whole_numbers_but_averages():
    found = windows([record(0), record(100)], "w01m-s01m")
    kinds = {column: str(kind) for column, kind in found.dtypes.items()}
    assert kinds.pop("in_avg_duration") == "float64" and kinds["in_count_uid"] == "Int64"
    assert found.index.name == "window_start" and str(found.index.tz) == "UTC"


def test_no_window_is_an_empty_table_with_its_columns():
    found = table(panes([[record(0)]], Window(60, 60)), Span(5, 9)).frame()
    assert len(found) == 0 and "in_count_uid" in found.columns


def test_a_value_seen_in_every_pane_counts_once_in_each_window():
    rows = [record(60 * minute, "in", None, None, None, "x.org") for minute in range(20)]
    found = windows(rows, "w10m-s01m")
    assert found["in_distinct_query"].tolist() == [1] * 10
    assert found["in_count_uid"].tolist() == [10] * 10


def test_a_stray_time_stamp_makes_no_windows_in_between():
    rows = [record(0), record(60), record(4_000_000_000), record(4_000_000_100)]
    assert len(windows(rows, "w10s-s01s")) < 50


def test_lines_that_are_no_records_count_nowhere_but_in_the_report():
    bad = ("too few fields", None, None, None, 9, 9, True, "z", 1)
    odd = (None, "bytes", 61 * SECOND, "in", None, None, None, None, None)
    found = panes([[record(0), bad, odd], [bad, record(180, None)]], Window(60, 60))
    assert found.counts("line_fault") == {"too few fields": 2}
    assert found.counts("value_fault", sound=True) == {"bytes": 1}
    assert found.counts("direction", sound=True) == {"in": 2, "none": 1}
    assert found.reach() == (0, 180 * SECOND)
    assert table(found, Span(0, 2)).frame()["in_count_uid"].sum() == 2


def test_sums_that_leave_64_bits_are_an_error_not_a_wrong_number():
    with pytest.raises(InputError, match="does not fit into 64 bits"):
        windows([record(second, "in", 2**62) for second in (0, 60, 200)], "w02m-s01m")
    with pytest.raises(engine.Failure, match="(?i)out of range|could not convert"):
        windows([record(second, "in", 2**62) for second in (0, 1, 200)], "w02m-s01m")


def test_features_ask_for_columns_of_their_kind():
    with pytest.raises(InputError, match="do not declare query as numbers"):
        panes([[record(0)]], Window(60, 60), [Feature("conn", "sum_query", "sum", "query")])
    with pytest.raises(InputError, match="do not declare bytes as flags"):
        panes([[record(0)]], Window(60, 60), [Feature("conn", "bytes_true", "true", "bytes")])


def test_panes_of_several_sources_and_entities_are_one_whole():
    rows = [record(0, "in", 5, None, None, "x.org"), record(30, "in", 7, None, None, "x.org")]
    data = [dict(zip(TYPES, row, strict=True)) for row in [*rows, record(60)]]
    tables = ibis.memtable(data, schema=TYPES).mutate(
        source=ibis._.bytes.cast("string").coalesce("c"),
        entity=ibis.ifelse(ibis._.bytes == 5, "a", "b"),
    )
    read = Panes(ENGINE, FEATURES, Window(60, 60))
    read.add(tables)
    assert sorted(read.sums().source.to_pyarrow().to_pylist()) == ["5", "7", "c"]
    again = Panes.of(ENGINE, FEATURES, Window(60, 60), read.additive, read.sets)
    found = table(again, Span(0, 0)).frame()
    assert found["in_sum_bytes"].tolist() == [12] and found["in_distinct_query"].tolist() == [1]
