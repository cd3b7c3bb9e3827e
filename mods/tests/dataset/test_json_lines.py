"""Zeek's JSON logs: the same records as from TSV, whatever a shipper made of them."""

from __future__ import annotations

import gzip
import json

import ibis
import pytest

from mods.dataset.files import find
from mods.dataset.reader import records
from mods.errors import LogError

GOOD = {
    "ts": 1700000000.123456, "uid": "C1", "id.orig_h": "10.0.0.1", "id.orig_p": 5, "proto": "tcp",
    "id.resp_h": "8.8.8.8", "id.resp_p": 53, "duration": 0.000062, "orig_bytes": 7,
    "local_orig": True,
}  # fmt: skip
MOMENT = 1_700_000_000_123_456


def put(place, *objects, name="conn.log"):
    lines = (one if isinstance(one, str) else json.dumps(one) for one in objects)
    data = ("\n".join(lines) + "\n").encode("utf-8", "surrogateescape")
    (place / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return place / name


def read(place, *columns):
    con = ibis.duckdb.connect()
    con.raw_sql("SET TimeZone = 'UTC'")
    table = records(con, find(place).logs, columns)
    return table.order_by("ts").to_pyarrow().to_pylist()


def sound(rows):
    return [row for row in rows if row["line_fault"] is None]


def test_values_are_typed_as_zeek_documents_them(tmp_path):
    path = put(tmp_path, GOOD)
    (row,) = read(tmp_path, "duration", "orig_bytes", "local_orig", "resp_bytes", "service")
    assert row == {
        "source": str(path), "line_fault": None, "value_fault": None, "ts": MOMENT,
        "id.orig_h": "10.0.0.1", "id.resp_h": "8.8.8.8", "duration": 62, "orig_bytes": 7,
        "local_orig": True, "resp_bytes": None, "service": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("ts", "moment"),
    [
        (1700000000.123456, MOMENT),
        (1700000000, 1_700_000_000_000_000),
        (1700000000123, 1_700_000_000_123_000),
        ("1700000000.123456", MOMENT),
        ("2023-11-14T22:13:20.123456Z", MOMENT),
        ("2023-11-14T22:13:20.123456", MOMENT),
        ("2023-11-15T00:13:20.123456+0200", MOMENT),
        ("2023-11-14T20:13:20.123456-02:00", MOMENT),
        ("2023-11-14 22:13:20Z", 1_700_000_000_000_000),
    ],
)
def test_ts_is_an_epoch_number_or_an_iso_text(tmp_path, ts, moment):
    put(tmp_path, GOOD | {"ts": ts})
    assert [row["ts"] for row in sound(read(tmp_path))] == [moment]


@pytest.mark.parametrize(
    "ts", [None, "", "yesterday", "infinity", "2023-13-01T00:00:00Z", -5, 1e300, [1], {}, True]
)
def test_a_line_without_a_time_is_counted_with_its_reason(tmp_path, ts):
    put(tmp_path, GOOD, GOOD | {"ts": ts})
    assert sorted(str(row["line_fault"]) for row in read(tmp_path)) == [
        "None",
        "no time stamp in ts",
    ]


def test_lines_that_are_no_objects_are_counted(tmp_path):
    cut = json.dumps(GOOD)[:-1]
    odd = ["[1]", "5", "null", '"text"', "{}x", "nonsense", "#close", cut, '{"a":\x01}', "{" * 99]
    put(tmp_path, GOOD, *odd, GOOD, "")
    rows = read(tmp_path)
    assert len(sound(rows)) == 2
    assert [row["line_fault"] for row in rows if row["line_fault"]] == ["no JSON object"] * len(odd)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("orig_bytes", "many"), ("orig_bytes", 3.7), ("orig_bytes", 18446744073709551615),
        ("orig_bytes", [7]), ("orig_bytes", True), ("duration", "long"), ("duration", {"s": 1}),
        ("local_orig", 1), ("local_orig", "T"),
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_unset_and_noted(tmp_path, column, value):
    put(tmp_path, GOOD | {column: value})
    (row,) = sound(read(tmp_path, "orig_bytes", "duration", "local_orig"))
    assert row[column] is None and row["value_fault"] == column


def test_null_and_absent_are_unset_and_empty_is_empty(tmp_path):
    put(tmp_path, GOOD | {"orig_bytes": None, "service": "", "uid": "-"})
    (row,) = sound(read(tmp_path, "orig_bytes", "service", "uid", "history"))
    assert (row["orig_bytes"], row["service"], row["uid"]) == (None, "", "-")
    assert row["history"] is None and row["value_fault"] is None


def test_nested_keys_are_found(tmp_path):
    nested = {key: value for key, value in GOOD.items() if not key.startswith("id.")}
    put(tmp_path, nested | {"id": {"orig_h": "10.9.9.9", "resp_h": "8.8.8.8"}}, GOOD)
    assert {row["id.orig_h"] for row in sound(read(tmp_path))} == {"10.0.0.1", "10.9.9.9"}


def test_lists_read_as_zeek_writes_sets_in_tsv(tmp_path):
    lists = [["a.org", "b.org"], [], None, "[odd", ["x,y"]]
    put(
        tmp_path,
        *[GOOD | {"ts": n + 1, "answers": one} for n, one in enumerate(lists)],
        name="dns.log",
    )
    rows = read(tmp_path, "answers")
    assert [row["answers"] for row in rows] == ["a.org,b.org", "", None, "[odd", "x,y"]


def test_bytes_that_are_no_utf8_keep_their_row(tmp_path):
    put(tmp_path, '{"ts":1.5,"id.orig_h":"a","id.resp_h":"b","service":"\udcff"}')
    assert [row["service"] for row in sound(read(tmp_path, "service"))] == ["\xff"]


@pytest.mark.parametrize(
    "name",
    [
        "conn.log", "conn.00:00:00-01:00:00.log.gz", "json_streaming_conn.1.log",
        "conn_20240420_00:00:00-01:00:00+0000.log", "conn.log.1", "conn-24-04-20_00.00.00.log",
        "conn__2024-04-20-00-00-00__2024-04-20-01-00-00__.log",
    ],
)  # fmt: skip
def test_the_log_is_known_by_the_name_of_the_file(tmp_path, name):
    put(tmp_path, GOOD, name=name)
    assert find(tmp_path).logs[0].header.path == "conn"
    assert len(sound(read(tmp_path))) == 1


@pytest.mark.parametrize("name", ["open_conn.log", "conn-summary.log", "connection.log", "x.json"])
def test_other_names_are_other_logs(tmp_path, name):
    put(tmp_path, GOOD, name=name)
    put(tmp_path, GOOD, name="ssh.log")
    assert [log.header.path for log in find(tmp_path).logs] == ["ssh"]


def test_the_stream_says_itself_which_log_it_is(tmp_path):
    put(tmp_path, {"_path": "conn", **GOOD}, name="stream.json")
    assert find(tmp_path).logs[0].header.path == "conn"


def test_columns_of_a_site_are_typed_by_their_first_values(tmp_path):
    put(tmp_path, GOOD | {"level": 1, "site": "a"}, GOOD | {"level": 2.5})
    assert [row["level"] for row in read(tmp_path, "level")] == [1.0, 2.5]
    with pytest.raises(LogError, match="has no column colour, nor has any other file"):
        read(tmp_path, "colour")


def test_tsv_and_json_of_one_log_are_read_together(tmp_path):
    fields = {"ts": "time", "id.orig_h": "addr", "id.resp_h": "addr", "level": "double"}
    lines = [
        "#path\tconn",
        "\t".join(["#fields", *fields]),
        "\t".join(["#types", *fields.values()]),
    ]
    (tmp_path / "conn.0.log").write_text("\n".join([*lines, "1.5\ta\tb\t2", "#close"]) + "\n")
    put(tmp_path, GOOD | {"level": 3}, name="conn.1.log")
    assert [row["level"] for row in read(tmp_path, "level", "duration")] == [2.0, 3.0]


def test_a_first_line_that_is_no_object_is_refused(tmp_path):
    put(tmp_path, '{"ts":1.5,', name="conn.log")
    with pytest.raises(
        LogError, match=r"conn\.log: begins with '{', but its first line is no JSON"
    ):
        find(tmp_path)
