"""Logs that cannot be read as they stand: what is read of them, and what is refused."""

from __future__ import annotations

import gzip
import os
from collections import Counter
from pathlib import Path

import ibis
import pytest

from mods.dataset import mending
from mods.dataset.files import find
from mods.dataset.reader import records
from mods.errors import LogError

TYPES = {"ts": "time", "id.orig_h": "addr", "id.resp_h": "addr", "n": "count", "q": "string"}
MARKS = ["#separator \\x09", "#empty_field\t(empty)", "#unset_field\t-", "#path\tconn"]
BOM = b"\xef\xbb\xbf"
CLOSE = "#close\t2024-04-19-01-00-00"


def head(*fields, marks=MARKS, types=TYPES):
    return [
        *marks,
        "\t".join(["#fields", *fields]),
        "\t".join(["#types", *map(types.get, fields)]),
    ]


def row(number, *fields, **other):
    cells = {"ts": f"{number}.5", "id.orig_h": "10.0.0.1", "id.resp_h": "8.8.8.8", "q": "x.org"}
    cells |= {"n": str(number)} | other
    return "\t".join(cells[name] for name in fields)


def put(place, *lines, end="\n"):
    place.write_bytes(("\n".join(lines) + end).encode())
    return place


def read(place, tmp_path, *columns):
    folder = tmp_path / "copies"
    folder.mkdir(exist_ok=True)
    logs, errors = mending.sound(find(place).logs, folder)
    for error in errors.values():
        raise error
    table = records(ibis.duckdb.connect(), logs, columns)
    return table.order_by("ts").to_pyarrow().to_pylist()


ONE = ("ts", "id.orig_h", "id.resp_h", "n", "q")
OTHER = ("q", "n", "id.resp_h", "id.orig_h", "ts")
FEWER = ("ts", "id.orig_h", "id.resp_h", "q")


def test_parts_with_other_fields_are_read_by_their_own_header(tmp_path):
    path = put(
        tmp_path / "conn.log",
        *head(*ONE), row(1, *ONE), row(2, *ONE), CLOSE,
        *head(*OTHER), row(3, *OTHER), CLOSE,
        *head(*FEWER), row(4, *FEWER), CLOSE,
        *head(*ONE), row(5, *ONE), CLOSE,
    )  # fmt: skip
    found = read(path, tmp_path, "n", "q")
    assert [one["ts"] for one in found] == [n * 1_000_000 + 500_000 for n in (1, 2, 3, 4, 5)]
    assert [one["n"] for one in found] == [1, 2, 3, None, 5]
    assert {(one["source"], one["line_fault"], one["q"]) for one in found} == {
        (str(path), None, "x.org")
    }


def test_a_part_that_repeats_only_fields_and_types_keeps_the_other_marks(tmp_path):
    marks = [*MARKS[:2], "#unset_field\tNONE", MARKS[3]]
    part = [line for line in head(*OTHER) if line.startswith(("#fields", "#types"))]
    path = put(
        tmp_path / "conn.log",
        *head(*ONE, marks=marks), row(1, *ONE, q="NONE"), *part, row(2, *OTHER, q="NONE"), CLOSE,
    )  # fmt: skip
    assert [(one["n"], one["q"]) for one in read(path, tmp_path, "n", "q")] == [
        (1, None),
        (2, None),
    ]


def test_files_put_one_behind_the_other_need_no_copy(tmp_path):
    one = "\n".join([*head(*ONE), row(1, *ONE), CLOSE]) + "\n"
    (tmp_path / "conn.log").write_text(one * 3)
    assert len(read(tmp_path / "conn.log", tmp_path, "n")) == 3


def test_a_log_that_may_still_grow_is_read_as_it_stood(tmp_path):
    path = put(tmp_path / "conn.log", *head(*ONE), row(1, *ONE), row(2, *ONE))
    logs, _ = mending.sound(find(path).logs, tmp_path)
    with path.open("a") as stream:
        stream.write(row(3, *ONE) + "\n" + row(4, *ONE)[:9])
    found = records(ibis.duckdb.connect(), logs, ["n"]).to_pyarrow().to_pylist()
    assert [one["n"] for one in found] == [1, 2] and {one["line_fault"] for one in found} == {None}


def test_a_closed_log_is_read_where_it_lies(tmp_path):
    put(tmp_path / "conn.log", *head(*ONE), row(1, *ONE), CLOSE)
    found = find(tmp_path).logs
    assert mending.sound(found, tmp_path) == (list(found), {})


def test_a_part_of_another_log_is_refused(tmp_path):
    other = [*MARKS[:3], "#path\tdns"]
    path = put(
        tmp_path / "conn.log", *head(*ONE), row(1, *ONE), *head(*ONE, marks=other), row(2, *ONE)
    )
    with pytest.raises(LogError, match=r"conn\.log: its #path changes.*Split the file"):
        read(path, tmp_path)


def test_a_broken_header_half_way_is_refused(tmp_path):
    path = put(tmp_path / "conn.log", *head(*ONE), row(1, *ONE), "#fields\tts", row(2, *ONE))
    with pytest.raises(LogError, match="1 #fields, but 5 #types.*in one of its headers"):
        read(path, tmp_path)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_line_too_long_for_the_engine_is_rejected_alone(tmp_path, place):
    rows = [row(n, *ONE) for n in (1, 2)]
    rows.insert(place, row(9, *ONE, q="x" * (14 << 20)))
    path = put(tmp_path / "conn.log", *head(*ONE), *rows, CLOSE)
    found = read(path, tmp_path, "n")
    assert Counter(one["line_fault"] for one in found) == {None: 2, "longer than 12 MB": 1}
    assert sorted(one["n"] for one in found if not one["line_fault"]) == [1, 2]


def test_a_json_line_too_long_is_rejected_alone(tmp_path):
    lines = [
        f'{{"ts":{n}.5,"id.orig_h":"10.0.0.1","id.resp_h":"8.8.8.8","uid":"{text}"}}'
        for n, text in ((1, "a"), (2, "x" * (13 << 20)), (3, "b"))
    ]
    found = read(put(tmp_path / "conn.log", *lines), tmp_path, "uid")
    assert Counter(one["line_fault"] for one in found) == {None: 2, "no JSON object": 1}


@pytest.mark.parametrize("size", [1, 7, 19])
def test_a_line_at_any_place_in_the_blocks_is_measured(tmp_path, monkeypatch, size):
    monkeypatch.setattr("mods.dataset.packing.BLOCK", size)
    monkeypatch.setattr(mending, "LONGEST_LINE", 20)
    path = put(tmp_path / "x", "a" * 20, "b" * 21, "c" * 3, "", "d" * 50, "#e", "f" * 21, end="")
    expected = [b"a" * 20, mending.TOO_MUCH[:-1], b"ccc", b"", mending.TOO_MUCH[:-1], b"#e"]
    found = b"".join(mending._lines(path)).split(b"\n")
    assert found[: len(expected)] == expected


@pytest.mark.parametrize("name", ["conn.log", "conn.log.gz"])
def test_a_byte_order_mark_changes_nothing(tmp_path, name):
    path = tmp_path / "plain.log"
    plain = put(path, *head(*ONE), row(1, *ONE), CLOSE).read_bytes()
    expected = read(path, tmp_path, "n", "q")
    path.unlink()
    marked = tmp_path / name
    for data, count in ((BOM + plain, 1), ((BOM + plain) * 2, 2)):
        marked.write_bytes(gzip.compress(data) if name.endswith("gz") else data)
        found = read(marked, tmp_path, "n", "q")
        assert [one | {"source": ""} for one in found] == [
            one | {"source": ""} for one in expected
        ] * count


def test_a_byte_order_mark_before_json_changes_nothing(tmp_path):
    line = '{"ts":1.5,"id.orig_h":"10.0.0.1","id.resp_h":"8.8.8.8","uid":"a"}\n'
    path = tmp_path / "conn.log"
    path.write_bytes(BOM + line.encode() * 2)
    found = read(path, tmp_path, "uid")
    assert [(one["line_fault"], one["uid"]) for one in found] == [(None, "a")] * 2


def test_every_cut_of_a_log_gives_only_whole_records(tmp_path):
    """Wherever a log is cut, its records are the whole lines before, and nothing else."""
    text = "\n".join([*head(*OTHER), *(row(n, *OTHER) for n in range(1, 4)), CLOSE]) + "\n"
    begin = text.index("#types")
    begin = text.index("\n", begin) + 1
    path = tmp_path / "conn.log"
    for end in range(begin, len(text) + 1):
        path.write_text(text[:end])
        found = read(path, tmp_path, "n", "q")
        tail = text[:end].splitlines()[-1]
        cut = not text[:end].endswith("\n") and not tail.startswith("#")
        whole = sum(not line.startswith("#") for line in text[:end].splitlines()) - cut
        assert (
            Counter(one["line_fault"] for one in found)
            == Counter({None: whole, "cut at the end of the file": int(cut)}) - Counter()
        )
        assert sorted(one["ts"] for one in found if not one["line_fault"]) == [
            n * 1_000_000 + 500_000 for n in range(1, whole + 1)
        ]


def test_copies_are_made_only_where_told(tmp_path):
    place = tmp_path / "logs"
    place.mkdir()
    put(place / "conn.log", *head(*ONE), row(1, *ONE), end="")
    before = sorted(os.listdir(place))
    (tmp_path / "copies").mkdir()
    (one,), _ = mending.sound(find(place).logs, tmp_path / "copies")
    assert sorted(os.listdir(place)) == before
    assert all(Path(copy).is_relative_to(tmp_path / "copies") for _, copy in one.copies)
