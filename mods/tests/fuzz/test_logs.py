"""Whole files, right, torn and packed, through all that reads logs: every line has its fate.

Where the file has one header, each line's fate is told here by plain Python too.
"""

from __future__ import annotations

import functools
import gzip
import json
import math
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mods.dataset import damage, mending, schema
from mods.dataset.files import find
from mods.dataset.reader import records
from mods.errors import ModsError
from mods.tests.fuzz.conftest import CASES

pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(0)]
TYPES = {
    "ts": b"time", "id.orig_h": b"addr", "id.resp_h": b"addr", "duration": b"interval",
    "orig_bytes": b"count", "local_orig": b"bool", "service": b"string",
}  # fmt: skip
FIELDS = list(TYPES)
WANTED = ("duration", "orig_bytes", "local_orig", "service")
CALM = {"deadline": None, "suppress_health_check": list(HealthCheck)}
ODD = [
    b"", b"-", b"(empty)", b"nan", b"inf", b"1e400", b"-5", b"1e3", b"\xff\xfe", b'"', b"'",
    b"\x00", b"#", b"\\x09", b"18446744073709551615", b"T", b"1.5", b"2023-01-01T00:00:00Z", b" 7 ",
]  # fmt: skip
moments = st.sampled_from([b"1700000000.5", b"1.5", b"1700000000", b"9e9"])
cells = st.one_of(
    st.sampled_from(ODD), st.binary(max_size=6).filter(lambda b: not set(b) & {9, 10, 13})
)


@st.composite
def tsv_lines(draw: Any) -> bytes:
    count = draw(st.sampled_from([7, 7, 7, 7, 7, 6, 8, 1, 9]))
    first = draw(st.one_of(moments, moments, moments, cells))
    return b"\t".join([first, *(draw(cells) for _ in range(count - 1))])


def head(fields: list[str]) -> list[bytes]:
    names = b"\t".join([b"#fields", *(name.encode() for name in fields)])
    types = b"\t".join([b"#types", *(TYPES[name] for name in fields)])
    marks = [b"#separator \\x09", b"#empty_field\t(empty)", b"#unset_field\t-", b"#path\tconn"]
    return [*marks, names, types]


@st.composite
def tsv(draw: Any) -> bytes:
    parts = draw(st.integers(1, 3))
    lines: list[bytes] = []
    for _ in range(parts):
        fields = draw(st.sampled_from([FIELDS, FIELDS, FIELDS[::-1], FIELDS[:-1]]))
        rows = draw(
            st.lists(
                st.one_of(tsv_lines(), st.sampled_from([b"", b"#close\t2024", b"#"])), max_size=8
            )
        )
        lines += [*head(fields), *rows]
    end = draw(st.sampled_from([b"\n", b"\n", b"\n", b"\r\n"]))
    text = end.join(lines) + draw(st.sampled_from([end, end, b""]))
    return text[: len(text) - draw(st.sampled_from([0, 0, 0, 1, 2, 9]))]


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=5),
    st.sampled_from(["2023-11-14T22:13:20Z", "T", "(empty)", "-", "12", "1e3", "[", "[1]"]),
)  # fmt: skip


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    objects = st.dictionaries(st.text(max_size=3), inner, max_size=2)
    return st.lists(inner, max_size=3) | objects


values = st.recursive(scalars, nested, max_leaves=4)


@st.composite
def json_log(draw: Any) -> bytes:
    times = st.one_of(st.sampled_from([1.5, 1700000000, 1700000000123]), values)
    keys = st.sampled_from([*FIELDS[1:], "id", "x", "a.b", "~/", "", "_path"])
    lines = [b'{"ts":1.5,"id.orig_h":"a","id.resp_h":"b"}']
    for _ in range(draw(st.integers(0, 8))):
        found = {"ts": draw(times), **draw(st.dictionaries(keys, values, max_size=5))}
        line = json.dumps(found, ensure_ascii=draw(st.booleans())).encode("utf-8", "replace")
        torn = draw(st.sampled_from([0, 0, 0, 1, 5]))
        lines.append(
            draw(
                st.sampled_from(
                    [line, line, line, line[: len(line) - torn], b"", draw(st.binary(max_size=9))]
                )
            )
        )
    return b"\n".join(lines) + draw(st.sampled_from([b"\n", b""]))


def put(folder: Path, content: bytes, packing: str, harm: int) -> Path:
    path = folder / f"conn.log{packing}"
    if packing == ".zst":
        with pa.output_stream(str(path), compression="zstd") as stream:
            stream.write(content)
    else:
        path.write_bytes(gzip.compress(content, 1) if packing else content)
    if harm and packing:
        data = bytearray(path.read_bytes())
        data[harm % len(data)] ^= 1 + harm % 255
        path.write_bytes(bytes(data))
    return path


@functools.cache
def engine() -> Any:
    con = ibis.duckdb.connect(threads=1)
    con.raw_sql("SET TimeZone = 'UTC'")
    return con


def read(path: Path) -> list[dict[str, Any]] | None:
    """The rows, None where the file was refused with an error of ours; nothing else may happen."""
    folder = path.parent / "copies"
    folder.mkdir()
    try:
        logs, errors = mending.sound(find(path, ["conn"]).logs, folder)
        errors |= schema.faults(logs, WANTED)
    except ModsError as error:
        assert str(error).isprintable()
        return None
    if errors:
        return None
    try:
        return list(records(engine(), logs, WANTED).to_pyarrow().to_pylist())
    except duckdb.Error:
        assert damage.broken(engine(), logs), "the engine failed, but for no file alone"
        return None


def expected(content: bytes) -> Counter[str | None]:
    """The fate of every line of a TSV log with one header, by plain Python."""
    names: list[bytes] = []
    found: Counter[str | None] = Counter()
    lines = content.splitlines(keepends=True)
    for line in lines:
        text = line.rstrip(b"\r\n")
        cells = text.split(b"\t")
        if text.startswith(b"#fields"):
            names = cells[1:]
        if not text or text.startswith(b"#"):
            continue
        if line is lines[-1] and text == line:
            found["cut at the end of the file"] += 1
        elif len(cells) != len(names):
            found["too few fields" if len(cells) < len(names) else "too many fields"] += 1
        else:
            found[None if moment(cells[names.index(b"ts")]) else "no time stamp in ts"] += 1
    return found


def moment(text: bytes) -> bool:
    try:
        seconds = float(text)
    except ValueError:
        return False
    return math.isfinite(seconds) and 0 <= seconds <= 9_223_372_036


def sound(row: dict[str, Any]) -> bool:
    return row["line_fault"] is not None or 0 <= row["ts"] <= 9_223_372_036_000_000


harms = st.sampled_from([0, 0, 0, 7, 300, 12345])


@settings(max_examples=max(50, CASES // 20), **CALM)
@given(tsv(), st.sampled_from(["", ".gz", ".zst"]), harms)
def test_every_line_of_a_tsv_log_has_its_fate(content, packing, harm):
    with tempfile.TemporaryDirectory() as folder:
        rows = read(put(Path(folder), content, packing, harm))
    if rows is None or (harm and packing):
        return
    assert all(map(sound, rows))
    lines = [line for line in content.splitlines() if line and not line.startswith(b"#")]
    assert len(rows) == len(lines)
    if content.count(b"#fields") == 1:
        assert Counter(row["line_fault"] for row in rows) == expected(content)


@settings(max_examples=max(50, CASES // 20), **CALM)
@given(json_log(), st.sampled_from(["", ".gz", ".zst"]), harms)
def test_every_line_of_a_json_log_has_its_fate(content, packing, harm):
    with tempfile.TemporaryDirectory() as folder:
        rows = read(put(Path(folder), content, packing, harm))
    if rows is None or (harm and packing):
        return
    assert all(map(sound, rows))
    assert len(rows) == len([line for line in content.splitlines() if line])


@settings(max_examples=max(50, CASES // 20), **CALM)
@given(st.binary(max_size=400), st.sampled_from(["conn.log", "conn.log.gz", "conn.log.zst"]))
def test_any_bytes_are_read_or_refused(content, name):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(content)
        read(path)
