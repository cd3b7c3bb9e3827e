"""An error says on one line what is wrong, where and what to do, to people and to programs."""

from __future__ import annotations

import pickle

import pytest

from mods import errors
from mods.errors import MOST_NAMES, ModsError, SeriesError, UsageError, offered

KINDS = [
    kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ModsError)
]


def test_says_where_what_and_what_to_do_in_that_order():
    error = SeriesError("12 steps are too few.", where="a.csv", fix="Give at least 14.")
    assert str(error) == "a.csv: 12 steps are too few. Give at least 14."


def test_place_and_advice_may_be_left_out():
    assert str(ModsError("broken")) == "broken."


def test_hostile_text_cannot_break_the_line_or_colour_the_terminal():
    error = UsageError("two\nlines \x1b[31mred", where="a\r\nb.log", fix="do\tthis \u202e")
    assert str(error) == "a b.log: two lines  [31mred. do this  ."
    assert str(error).isprintable()


def test_a_program_reads_kind_message_where_and_fix():
    error = SeriesError("too short", where="a.csv", fix="Give more")
    assert error.record() == {
        "kind": "input",
        "message": "too short",
        "where": "a.csv",
        "fix": "Give more",
    }


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_survives_the_way_between_processes(kind):
    error = kind("what", where="where", fix="fix")
    back = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert type(back) is kind
    assert (str(back), back.record()) == (str(error), error.record())


@pytest.mark.parametrize(
    ("kind", "code", "status"),
    [
        (errors.UsageError, 2, 422),
        (errors.SettingError, 2, 422),
        (errors.QueryError, 2, 422),
        (errors.TimeRangeError, 2, 422),
        (errors.LogError, 3, 422),
        (errors.DatapoolError, 3, 422),
        (errors.SeriesError, 3, 422),
        (errors.ModelError, 4, 422),
        (errors.CorruptModelError, 4, 503),
        (errors.ModelNotFoundError, 4, 404),
        (errors.ResourceError, 5, 503),
    ],
)
def test_each_kind_has_its_exit_code_and_its_status(kind, code, status):
    assert (kind.exit_code, kind.status) == (code, status)


def test_all_are_caught_by_one_name():
    assert all(issubclass(kind, ModsError) for kind in KINDS)
    assert len(KINDS) >= 12


def test_of_many_names_the_closest_are_offered():
    subnets = [f"10.20.{third}.0/24" for third in range(258)]
    said = offered("10.20.7.1/24", subnets)
    assert said.startswith("Of the 258 it has these are closest: 10.20.")
    assert "10.20.7.0/24" in said and said.count("/24") == MOST_NAMES
