"""The query: protocols, columns, new names, unit suffixes and merge columns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from mods.config import DEFAULT_QUERY
from mods.errors import QueryError
from mods.query import Query, Selection


def test_the_default_query_of_the_reference():
    query = Query.parse(DEFAULT_QUERY)
    assert query.selections == (
        Selection("conn", "in_count_uid", "conn_in"),
        Selection("conn", "out_count_uid", "conn_out"),
        Selection("dns", "in_distinct_query", "dns_in_distinct"),
        Selection("ssh", "in", "ssh_in"),
    )
    assert query.merge_on == ("window_start", "window_end")


def test_merge_columns_are_the_default_without_a_hash():
    assert Query.parse("ssh|in").merge_on == ("window_start", "window_end")
    assert Query.parse("ssh|in#window_end").merge_on == ("window_end",)


def test_a_column_keeps_its_name_if_no_other_is_given():
    assert Query.parse("ssh|in").selections == (Selection("ssh", "in", "in"),)


def test_a_protocol_alone_means_all_its_columns():
    assert Query.parse("ssh;conn").selections == (Selection("ssh"), Selection("conn"))


def test_columns_with_dots_and_backquotes_are_taken_as_they_are():
    one = Query.parse("sip|in_distinct_`id.orig_h`~callers").selections[0]
    assert (one.column, one.name) == ("in_distinct_`id.orig_h`", "callers")


def test_blanks_around_the_words_do_not_matter():
    assert Query.parse(" conn | in ~ a ; ssh # window_end ").selections == (
        Selection("conn", "in", "a"),
        Selection("ssh"),
    )


@pytest.mark.parametrize(
    ("name", "divisor"), [("out_kb", 1024), ("out_mb", 1048576), ("out_gb", 1073741824), ("out", 1)]
)
def test_a_unit_suffix_of_a_new_name_divides(name, divisor):
    assert Query.parse(f"conn|out_sum_orig_bytes~{name}").selections[0].divisor == divisor


def test_a_column_that_is_not_renamed_is_never_divided():
    assert Query.parse("conn|disk_kb").selections[0].divisor == 1
    assert Query.parse("conn|disk_kb~disk_kb").selections[0].divisor == 1


@pytest.mark.parametrize(
    "text", ["conn|in~a|out~a", "conn|in;ssh|in", "ssh;ssh", "conn|in~a;ssh|in~a"]
)
def test_the_same_name_twice_is_an_error_that_tells_the_way_out(text):
    with pytest.raises(QueryError, match=r"comes out twice.*Give each column a name of its own"):
        Query.parse(text)


def test_a_new_name_may_be_that_of_a_protocol_taken_whole():
    query = Query.parse("conn|in~ssh;ssh")
    assert [one.name for one in query.selections] == ["ssh", None]


@pytest.mark.parametrize("text", ["", " ", "#window_end", "conn#", "conn#a,,b", "conn#a#b"])
def test_an_empty_query_is_refused_with_an_example(text):
    with pytest.raises(QueryError, match=r"is no query\. Write it as conn\|in_count_uid~conn_in"):
        Query.parse(text)


@pytest.mark.parametrize("text", ["conn;", ";conn", "|in", "co nn|in", "../conn|in", "conn/x"])
def test_what_is_no_protocol_is_refused(text):
    with pytest.raises(QueryError, match="is no protocol"):
        Query.parse(text)


@pytest.mark.parametrize("text", ["conn|", "conn|~a", "conn|a~", "conn|a~b~c", "conn|a||b"])
def test_what_names_no_column_is_refused(text):
    with pytest.raises(QueryError, match="names no column"):
        Query.parse(text)


@given(some.text(alphabet="conssh_in|~;#, .`\t\n", max_size=40) | some.text(max_size=20))
def test_any_text_is_a_query_or_our_error(text):
    try:
        query = Query.parse(text)
    except QueryError as error:
        assert "\n" not in str(error)
    else:
        assert query.selections
        assert Query.parse(query.text) == query
