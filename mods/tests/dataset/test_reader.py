"""Reading records: typed by the file, every line a record or counted with its reason."""

import gzip
import tempfile
from pathlib import Path

import ibis
import pyarrow as pa
import pytest

from mods.dataset import damage, mending, schema
from mods.dataset.files import find
from mods.dataset.reader import records
from mods.errors import LogError

FIELDS = {
    "ts": "time", "uid": "string", "id.orig_h": "addr", "id.resp_h": "addr", "duration": "interval",
    "orig_bytes": "count", "AA": "bool", "query": "string",
}  # fmt: skip
GOOD = "1700000000.123456\tC1\t10.0.0.1\t8.8.8.8\t0.000062\t7\tT\tx.org"


def log(*rows, fields=FIELDS, path="conn", end="\n"):
    head = ["#separator \\x09", "#unset_field\t-", "#empty_field\t(empty)", f"#path\t{path}"]
    columns = ["\t".join(["#fields", *fields]), "\t".join(["#types", *fields.values()])]
    return "\n".join([*head, *columns, *rows]) + end


def read(place: Path, *columns, optional=()):
    con = ibis.duckdb.connect()
    con.raw_sql("SET TimeZone = 'UTC'")
    with tempfile.TemporaryDirectory() as folder:
        logs, errors = mending.sound(find(place).logs, Path(folder))
        for error in errors.values():
            raise error
        table = records(con, logs, columns, optional=optional)
        return table.order_by("ts").to_pyarrow().to_pylist()


def write(place: Path, content, name="conn.log"):
    data = content if isinstance(content, bytes) else content.encode()
    if name.endswith(".zst"):
        with pa.output_stream(str(place / name), compression="zstd") as stream:
            stream.write(data)
    else:
        (place / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return place / name


def sound(rows):
    return [row for row in rows if row["line_fault"] is None]


def faults(rows):
    return [row["line_fault"] for row in rows if row["line_fault"] is not None]


def test_values_are_typed_by_the_files_own_types(tmp_path):
    path = write(tmp_path, log(GOOD))
    (row,) = sound(read(tmp_path, *FIELDS))
    assert row == {
        "source": str(path), "line_fault": None, "value_fault": None,
        "ts": 1_700_000_000_123_456, "uid": "C1",
        "id.orig_h": "10.0.0.1", "id.resp_h": "8.8.8.8", "duration": 62, "orig_bytes": 7,
        "AA": True, "query": "x.org",
    }  # fmt: skip


def test_unset_is_null_and_empty_is_empty(tmp_path):
    write(tmp_path, log("1.5\t-\t10.0.0.1\t8.8.8.8\t-\t-\t-\t(empty)"))
    (row,) = sound(read(tmp_path, *FIELDS))
    assert row["uid"] is None and row["duration"] is None and row["orig_bytes"] is None
    assert row["AA"] is None and row["query"] == "" and row["value_fault"] is None


def test_nothing_in_a_text_is_taken_for_syntax(tmp_path):
    texts = ["/a#frag", '"unbalanced', "back\\slash\\x09", "'", "caf\u00e9", "a,b;c", "  spaced "]
    rows = [f"{i}.5\tC\t10.0.0.1\t8.8.8.8\t-\t1\tF\t{text}" for i, text in enumerate(texts)]
    write(tmp_path, log(*rows))
    found = sound(read(tmp_path, "query"))
    assert [row["query"].encode("latin-1").decode() for row in found] == texts


def test_bytes_that_are_no_utf8_keep_their_row(tmp_path):
    write(tmp_path, log(GOOD.replace("x.org", "?")).encode().replace(b"?", b"\xff\xfe"))
    assert [row["query"] for row in sound(read(tmp_path, "query"))] == ["\xff\xfe"]


def test_lines_that_are_no_records_are_counted_by_reason(tmp_path):
    rows = [GOOD, "1.5\tC1\t10.0.0.1", GOOD + "\tmore", GOOD + "\tmore\tand more", "1700000009.1"]
    times = ["-", "", "yesterday", "nan", "inf", "-5.0", "1e300"]
    rows += [GOOD.replace("1700000000.123456", time) for time in times]
    write(tmp_path, log(*rows))
    found = read(tmp_path, "orig_bytes")
    assert len(sound(found)) == 1
    assert sorted(faults(found)) == sorted(
        ["too few fields"] * 2 + ["too many fields"] * 2 + ["no time stamp in ts"] * len(times)
    )


@pytest.mark.parametrize("name", ["conn.log", "conn.log.gz", "conn.log.zst"])
@pytest.mark.parametrize("cut", [1, 9, 18, len(GOOD) - 1, len(GOOD)])
def test_a_line_without_its_end_is_no_record(tmp_path, cut, name):
    write(tmp_path, log(GOOD, GOOD[:cut], end=""), name=name)
    found = read(tmp_path, "query", "ts")
    assert faults(found) == ["cut at the end of the file"]
    assert [row["query"] for row in sound(found)] == ["x.org"]


def test_a_footer_without_its_end_is_still_a_footer(tmp_path):
    write(tmp_path, log(GOOD, "#clo", end=""))
    found = read(tmp_path)
    assert len(found) == len(sound(found)) == 1


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("orig_bytes", "many"), ("orig_bytes", "18446744073709551615"),
        ("duration", "long"), ("duration", "nan"), ("AA", "yes"),
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_unset_and_noted(tmp_path, column, value):
    cells = dict(zip(FIELDS, GOOD.split("\t"), strict=True)) | {column: value}
    write(tmp_path, log("\t".join(cells.values()), GOOD))
    broken = next(row for row in sound(read(tmp_path, *FIELDS)) if row[column] is None)
    assert broken["value_fault"] == column and broken["uid"] == "C1"


def test_concatenated_logs_are_read_through_their_repeated_headers(tmp_path):
    write(tmp_path, (log(GOOD, "#close\t2024") + log(GOOD, GOOD)))
    write(tmp_path, (log(GOOD) + log(GOOD)), name="conn.1.log.gz")
    found = read(tmp_path, "orig_bytes")
    assert len(sound(found)) == 5 and faults(found) == []


def test_gzip_members_after_the_first_are_read_too(tmp_path):
    path = write(tmp_path, log(GOOD), name="conn.log.gz")
    path.write_bytes(path.read_bytes() * 3)
    assert len(sound(read(tmp_path))) == 3


def test_files_with_other_columns_are_read_by_their_own_header(tmp_path):
    write(tmp_path, log(GOOD), name="conn.0.log")
    other = {"_node_name": "string", **dict(reversed(FIELDS.items())), "local_orig": "bool"}
    row = "worker\tx.org\tT\t7\t0.000062\t8.8.8.8\t10.0.0.1\tC1\t1700000000.123456\tF"
    write(tmp_path, log(row, fields=other), name="conn.1.log")
    found = sound(read(tmp_path, *FIELDS, optional=["local_orig"]))
    assert {Path(row.pop("source")).name for row in found} == {"conn.0.log", "conn.1.log"}
    assert sorted(str(row.pop("local_orig")) for row in found) == ["False", "None"]
    assert found[0] == found[1]


def test_separator_and_marks_of_the_file_are_used(tmp_path):
    text = log(GOOD.replace("x.org", "NONE")).replace("#unset_field\t-", "#unset_field\tNONE")
    write(tmp_path, text.replace("#separator \\x09", "#separator \\x7c").replace("\t", "|"))
    (row,) = sound(read(tmp_path, "query", "orig_bytes"))
    assert row["query"] is None and row["orig_bytes"] == 7


def test_names_that_look_like_patterns_are_names(tmp_path):
    for name in ("a[1].log", "a1.log", "b*.log", "bc.log", "year=2024.log", "it's.log"):
        write(tmp_path, log(GOOD), name=name)
    rows = sound(read(tmp_path))
    assert {row["source"] for row in rows} == {str(path) for path in tmp_path.iterdir()}
    assert len(rows) == 6
    assert len(sound(read(tmp_path / "a[1].log"))) == 1
    assert len(sound(read(tmp_path / "b*.log"))) == 1


def test_a_line_of_ten_megabytes_is_a_record_like_any_other(tmp_path):
    write(tmp_path, log(GOOD.replace("x.org", "x" * 10_000_000), GOOD))
    assert len(sound(read(tmp_path, "orig_bytes"))) == 2


def test_a_missing_column_names_file_and_column(tmp_path):
    path = write(tmp_path, log("1.5\t10.0.0.1", fields={"ts": "time", "id.orig_h": "addr"}))
    with pytest.raises(LogError, match=r"has no column id\.resp_h, only ts, id\.orig_h") as caught:
        read(tmp_path)
    assert caught.value.where == str(path) and "--skip_broken" in caught.value.fix


def test_a_column_of_two_types_names_both_files(tmp_path):
    write(tmp_path, log(GOOD), name="conn.0.log")
    path = write(tmp_path, log(GOOD, fields=FIELDS | {"orig_bytes": "string"}), name="conn.1.log")
    with pytest.raises(LogError, match=r"of type string, but in .*conn\.0\.log of type count"):
        read(tmp_path, "orig_bytes")
    logs = find(tmp_path).logs
    assert [one.path for one in schema.faults(logs, ["orig_bytes"])] == [path]
    assert not schema.faults(logs, ["duration"])


def test_a_ts_that_is_no_time_is_refused(tmp_path):
    write(tmp_path, log(GOOD, fields=FIELDS | {"ts": "string"}))
    with pytest.raises(LogError, match="ts is of type string, not time"):
        read(tmp_path)


def test_the_file_that_the_engine_cannot_read_is_found(tmp_path):
    write(tmp_path, log(GOOD), name="conn.0.log.gz")
    path = write(tmp_path, log(*[GOOD + str(i) for i in range(20_000)]), name="conn.1.log.gz")
    path.write_bytes(path.read_bytes()[:-30])
    long = write(tmp_path, log(GOOD.replace("x.org", "x" * (13 << 20))), name="conn.2.log")
    found = damage.broken(ibis.duckdb.connect(), find(tmp_path).logs)
    messages = {one.path: error.message for one, error in found.items()}
    assert messages == {
        path: "is cut short: its compressed stream ends too early",
        long: "has a line of more than 12 MB",
    }


@pytest.mark.parametrize("odd", ["\x00", "\x01", "\x7f", '"', "'", "\\x09", "\x0b", "\x1a", "#"])
def test_ascii_is_read_alike_whether_it_is_decoded_or_not(tmp_path, odd):
    line = GOOD.replace("x.org", f"x{odd}y.org")
    for name, more in (("plain", ""), ("decoded", "\xe9")):
        (tmp_path / name).mkdir()
        write(tmp_path / name, log(line, GOOD.replace("x.org", "z" + more)).encode("latin-1"))
    plain, decoded = (sound(read(tmp_path / name, *FIELDS)) for name in ("plain", "decoded"))
    queries = [sorted(row["query"] for row in rows) for rows in (plain, decoded)]
    assert queries == [[f"x{odd}y.org", "z"], [f"x{odd}y.org", "z\xe9"]]
