"""The header of a Zeek log, as Zeek writes it and as it goes wrong."""

import pytest

from mods.dataset.zeek import Header, header
from mods.errors import LogError

CONN = [
    "#separator \\x09\n",
    "#set_separator\t,\n",
    "#empty_field\t(empty)\n",
    "#unset_field\t-\n",
    "#path\tconn\n",
    "#open\t2024-04-21-00-00-03\n",
    "#fields\tts\tuid\tid.orig_h\n",
    "#types\ttime\tstring\taddr\n",
    "1713657596.834168\tCEWN1g\t10.0.0.1\n",
]


def test_header_says_columns_types_and_how_values_are_written():
    assert header(CONN) == Header(
        path="conn",
        fields=("ts", "uid", "id.orig_h"),
        types=("time", "string", "addr"),
        separator="\t",
        set_separator=",",
        empty="(empty)",
        unset="-",
    )


def test_another_separator_and_other_marks_are_believed():
    lines = [
        "#separator \\x7c", "#empty_field|EMPTY", "#unset_field|NONE", "#path|ssh",
        "#fields|ts|uid", "#types|time|string",
    ]  # fmt: skip
    found = header(lines)
    assert found.separator == "|" and found.empty == "EMPTY" and found.unset == "NONE"
    assert found.type_of("ts") == "time" and found.type_of("nowhere") is None


def test_windows_line_ends_do_not_stick_to_the_last_column():
    assert header([line.replace("\n", "\r\n") for line in CONN]).fields[-1] == "id.orig_h"


@pytest.mark.parametrize("lines", [[], ["hello\n"], ["1.5\tCx\n"], ["# a comment\n", "x\n"]])
def test_what_does_not_begin_with_a_header_has_none(lines):
    assert header(lines) is None


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (CONN[:5], "no #fields"),
        (CONN[:7], "no #types"),
        (CONN[:4] + CONN[5:], "no #path"),
        ([*CONN[:7], "#types\ttime\tstring\n"], "3 #fields, but 2 #types"),
        ([*CONN[:6], "#fields\tts\tts\n", "#types\ttime\ttime\n"], "a column twice"),
        (
            ["#separator \\x09\\x09\n", "#path\t\tx\n", "#fields\t\tts\n", "#types\t\ttime\n"],
            "one char",
        ),
    ],
)
def test_a_cut_or_contradictory_header_says_what_is_wrong(lines, message):
    with pytest.raises(LogError, match=message):
        header(lines)
