"""What is fuzzed: each target takes any text, and raises only where mods broke a promise.

The promise: a parser answers, or raises a ModsError that reads well; what it answered it answers
again when asked with its own text.
"""

from __future__ import annotations

from collections.abc import Callable

from mods.dataset import json_lines, zeek
from mods.errors import ModsError
from mods.query import Query
from mods.timerange import TimeRange


def query(text: str) -> None:
    found = Query.parse(text)
    assert found.selections and all(found.merge_on)
    assert all(one.divisor >= 1 for one in found.selections)
    assert Query.parse(found.text) == found


def time_range(text: str) -> None:
    found = TimeRange.parse(text)
    assert found.begin <= found.end
    assert found.begin.utcoffset() == found.end.utcoffset()
    assert found.holds(found.begin) is found.begin_in or found.begin == found.end
    assert found.overlaps(found)
    assert TimeRange.parse(str(found)) == found


def tsv_header(text: str) -> None:
    found = zeek.header(text.splitlines(keepends=True))
    if found is not None:
        assert len(found.fields) == len(found.types) == len(set(found.fields))
        assert len(found.separator) == 1
        assert all(found.type_of(name) is not None for name in found.fields)


def json_header(text: str) -> None:
    found = json_lines.header("conn", text.splitlines())
    assert found.type_of("ts") == "time" and len(found.fields) == len(found.types)
    assert all(json_lines.pointers(name) for name in found.fields)


TARGETS: dict[str, Callable[[str], None]] = {
    one.__name__: one for one in (query, time_range, tsv_header, json_header)
}
SEEDS = {
    "query": (
        "conn|in_count_uid~conn_in|out_count_uid~conn_out;dns|in_distinct_query~dns_in_distinct;"
        "ssh|in~ssh_in#window_start,window_end",
        "conn|in_sum_orig_bytes~in_mb;ssh",
    ),
    "time_range": (
        "<2019-05-01,2019-06-01)",
        "[2019-05-01T13:30:00+02:00,2019-06>",
        "(2019,2019-05-01T00:00:00.5Z]",
    ),
    "tsv_header": (
        "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n"
        "#open\t2024\n#fields\tts\tuid\n#types\ttime\tset[string]\n1.5\tC\n",
    ),
    "json_header": (
        '{"_path":"conn","ts":1.5,"id":{"orig_h":"a"},"a~/b":[1],"n":null,"x":true,"y":2,"z":{}}\n',
    ),
}


def check(name: str, text: str) -> None:
    """Run a target; of all exceptions only a ModsError that reads well is let pass."""
    try:
        TARGETS[name](text)
    except ModsError as error:
        said = str(error)
        assert said and said.isprintable() and error.record()["message"]
