import json
import pickle

import pytest

from mods import errors
from mods.deepaas import guard, trace

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type)]


@pytest.mark.parametrize("kind", [k for k in KINDS if issubclass(k, errors.ModsError)])
def test_every_error_of_ours_survives_the_way_to_the_server(kind):
    answer = guard.answer(kind("12 steps are too few", where="a.csv", fix="Give at least 14"))
    again = pickle.loads(pickle.dumps(answer))
    assert (again.status, again.content_type) == (kind.status, "application/json")
    assert json.loads(again.text) == {
        "kind": kind.kind,
        "message": "12 steps are too few",
        "where": "a.csv",
        "fix": "Give at least 14",
    }
    assert str(again) == "a.csv: 12 steps are too few. Give at least 14."


class StubbornError(Exception):
    """Pickles, but does not unpickle: what hangs DEEPaaS."""

    def __init__(self, first, second):
        super().__init__(first)


def test_unplanned_error_shows_a_reference_and_logs_the_traceback(caplog):
    trace.current.set("")  # that of no request
    answer = guard.answer(StubbornError("password=secret", 2))
    record = json.loads(pickle.loads(pickle.dumps(answer)).text)
    reference = record["message"].split()[-1].strip(")")
    assert (answer.status, record["kind"], len(reference)) == (500, "internal", 8)
    assert "secret" not in answer.text
    assert reference in caplog.text and "password=secret" in caplog.text


def test_memory_that_runs_out_is_a_503():
    assert guard.answer(MemoryError()).status == 503


def test_guarded_function_answers_as_before_or_fails_with_a_failure():
    @guard.guarded
    def half(number):
        return 10 / number

    assert half(number=4) == 2.5
    with pytest.raises(guard.Failure) as caught:
        half(number=0)
    assert caught.value.status == 500


def test_failure_passes_the_guard_unchanged():
    failure = guard.answer(errors.UsageError("no"))
    assert guard.answer(failure) is failure
