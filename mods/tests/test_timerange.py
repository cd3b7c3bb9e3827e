"""Time ranges: what each bracket takes in, what a year, a month or a day stands for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as some

from mods.errors import TimeRangeError
from mods.timerange import TimeRange


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def days(text: str) -> list[int]:
    """Which days of May and early June 2019 begin inside the range (June 1 is 32)."""
    stamps = pd.date_range("2019-05-01", "2019-06-03", tz="UTC")
    inside = TimeRange.parse(text).holds(stamps)
    return [number for number, yes in enumerate(inside, 1) if yes]


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("<2019-05-02,2019-05-04)", [2, 3]),
        ("[2019-05-02,2019-05-04)", [2, 3]),
        ("<2019-05-02,2019-05-04>", [2, 3, 4]),
        ("[2019-05-02,2019-05-04]", [2, 3, 4]),
        ("(2019-05-02,2019-05-04)", [3]),
        ("(2019-05-02,2019-05-04]", [3, 4]),
        ("<2019-05-30,2019-06)", [30, 31]),
        ("<2019-05-30,2019-06>", [30, 31, 32, 33, 34]),
        ("(2019-05,2019-06-02>", [32, 33]),
        ("<2018,2019-05-02>", [1, 2]),
        (" < 2019-05-02 , 2019-05-02 > ", None),
    ],
)
def test_brackets_say_what_is_taken_in(text, inside):
    if inside is None:
        text, inside = text.replace("< ", "<").replace(" >", ">"), [2]
    assert days(text) == inside


def test_moments_are_exact():
    text = "<2019-05-01T10:00,2019-05-01T12:00)"
    both = TimeRange.parse(text.replace(")", ">"))
    open_ended = TimeRange.parse(text)
    assert both.holds(at(2019, 5, 1, 12))
    assert not open_ended.holds(at(2019, 5, 1, 12))
    assert open_ended.holds(at(2019, 5, 1, 10))
    assert not TimeRange.parse(text.replace("<", "(")).holds(at(2019, 5, 1, 10))


def test_an_offset_is_honoured_and_utc_is_the_default():
    there = TimeRange.parse("<2019-05-01T13:30:00+02:00,2019-05-01 15:00)")
    assert there.begin == at(2019, 5, 1, 11, 30)
    assert there.end == at(2019, 5, 1, 15)
    assert there.end.utcoffset() == timedelta(0)


def test_a_single_moment_is_a_range_if_both_ends_are_in():
    moment = "2019-05-01T10:00"
    assert TimeRange.parse(f"<{moment},{moment}>").holds(at(2019, 5, 1, 10))
    with pytest.raises(TimeRangeError, match="holds no time"):
        TimeRange.parse(f"<{moment},{moment})")


def test_a_day_that_is_left_out_as_a_whole_leaves_nothing():
    with pytest.raises(TimeRangeError, match=r"holds no time\. Write it as"):
        TimeRange.parse("<2019-05-02,2019-05-02)")


def test_leap_day_and_end_of_year():
    february = TimeRange.parse("<2024-02,2024-02>")
    assert february.end == at(2024, 3, 1)
    assert TimeRange.parse("<2019,2019>").end == at(2020, 1, 1)
    assert TimeRange.parse("<2019-12,2019-12>").end == at(2020, 1, 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2019",
        "2019-05-01,2019-06-01",
        "<2019-05-01>",
        "<2019,2020,2021)",
        "<2019-05-01;2019-06)",
    ],
)
def test_what_is_no_range_is_refused_with_an_example(text):
    with pytest.raises(
        TimeRangeError, match=r"is no time range\. Write it as <2019-05-01,2019-06-01\)"
    ):
        TimeRange.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "<2019-13,2020)",
        "<2019-02-30,2020)",
        "<may,june)",
        "<,2020)",
        "<2019-5-1,2020)",
        "<2019-05-01T25:00,2020)",
        "<2019,9999>",
    ],
)
def test_what_is_no_time_is_refused_by_name(text):
    with pytest.raises(TimeRangeError, match=r"is no time\. Use ISO 8601"):
        TimeRange.parse(text)


def test_reversed_is_told_from_empty():
    with pytest.raises(TimeRangeError, match="is reversed"):
        TimeRange.parse("<2019-06-01,2019-05-01>")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("<2019-05-01,2019-05-03)", "<2019-05-03,2019-05-05)", False),
        ("<2019-05-01,2019-05-03>", "<2019-05-03,2019-05-05)", True),
        ("<2019-05-01,2019-05-05)", "<2019-05-02,2019-05-03)", True),
        ("<2019-05-01T00:00,2019-05-03T00:00>", "<2019-05-03T00:00,2019-05-05)", True),
        ("<2019-05-01T00:00,2019-05-03T00:00)", "<2019-05-03T00:00,2019-05-05)", False),
        ("<2019-05-01T00:00,2019-05-03T00:00>", "(2019-05-03T00:00,2019-05-05)", False),
        ("<2019-01,2019-02)", "<2020-01,2020-02)", False),
    ],
)
def test_overlap_is_a_moment_in_both(one, other, expected):
    first, second = TimeRange.parse(one), TimeRange.parse(other)
    assert first.overlaps(second) is expected
    assert second.overlaps(first) is expected


def test_a_range_far_outside_the_data_holds_nothing_of_them():
    stamps = pd.date_range("2019-05-01", periods=3, tz="UTC")
    for unit in ("s", "us", "ns"):
        assert not TimeRange.parse("<0001,0002)").holds(stamps.as_unit(unit)).any()
        assert TimeRange.parse("<0001,9998)").holds(stamps.as_unit(unit)).all()


def test_prints_as_it_was_written():
    assert str(TimeRange.parse(" <2019-05-01,2019-06-01) ")) == "<2019-05-01,2019-06-01)"


@given(some.text(alphabet="<>[](),-T:+Z 0123456789", max_size=40) | some.text(max_size=20))
def test_any_text_is_a_range_or_our_error(text):
    try:
        parsed = TimeRange.parse(text)
    except TimeRangeError as error:
        assert "\n" not in str(error)
    else:
        assert parsed.begin <= parsed.end


@given(some.datetimes(timezones=some.just(UTC)), some.timedeltas(timedelta(0), timedelta(days=99)))
def test_any_two_moments_in_order_are_a_range(begin, length):
    try:
        end = begin + length
    except OverflowError:
        return
    parsed = TimeRange.parse(f"<{begin.isoformat()},{end.isoformat()}>")
    assert parsed.holds(begin)
    assert parsed.holds(end)
