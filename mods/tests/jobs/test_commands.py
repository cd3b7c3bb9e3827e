"""`mods jobs` as a user types it."""

import json
import time

import pytest

from mods.cli import main
from mods.jobs import queue
from mods.jobs.job import CANCELLED, DONE, FAILED, INTERRUPTED, RUNNING
from mods.jobs.tables import move
from mods.tests.jobs.conftest import entry

USAGE = 2


@pytest.fixture
def said(base, capsys):
    """The text of a command that works, its JSON where asked for."""

    def run(*words):
        code = main([str(word) for word in words])
        out, err = capsys.readouterr()
        assert code == 0, err
        return json.loads(out) if "--json" in words else out

    return run


@pytest.fixture
def refused(base, capsys):
    def run(*words):
        assert main([str(word) for word in words]) == USAGE
        out, err = capsys.readouterr()
        assert out == "" and len(err.splitlines()) == 1
        return err

    return run


@pytest.fixture
def half_done(book, running):
    """A training that runs, ten of its 20 epochs done, one a second."""
    running("abcdef0123", name="week", arguments='{"model_type": "LSTM"}')
    with book.writing() as db:
        move(db, "abcdef0123", (RUNNING,), RUNNING, started=1_700_000_000.0)
        db.executemany(
            "INSERT INTO epochs VALUES ('abcdef0123', ?, ?, ?, ?)",
            [(n, 1 / n, 1 / n, 1_700_000_000.0 + n) for n in range(1, 11)],
        )


def test_nothing_asked_for_is_said_and_makes_no_folder(said, base):
    assert said("jobs") == "no training has been asked for; mods train --background asks for one\n"
    assert said("jobs", "--json") == []
    assert not list(base.iterdir())


def test_table_tells_name_status_progress_and_what_is_left(said, half_done):
    heads, row = said("jobs").splitlines()
    assert heads.split() == [
        "id",
        "name",
        "status",
        "epoch",
        "val_loss",
        "left",
        "started",
        "(UTC)",
    ]
    told = ["abcdef01", "week", "running", "10/20", "0.1", "0:00:10", "2023-11-14", "22:13:20"]
    assert [word.rstrip("0") or word for word in row.split()][4] == told[4]
    assert row.split()[:4] + row.split()[5:] == told[:4] + told[5:]
    (record,) = said("jobs", "--json")
    assert record["progress"]["percent"] == 50.0 and record["started"] == "2023-11-14T22:13:20.000Z"


def test_page_of_a_training_has_arguments_curve_and_log(said, half_done):
    page = said("jobs", "show", "abc")
    for line in (
        "model_type=LSTM",
        "10 of at most 20, at most 0:00:10 left",
        "end of the log:\nup",
    ):
        assert line in page
    (curve,) = [line for line in page.splitlines() if line.strip().startswith("val_loss")]
    assert "█▄▃▂▂▂▁▁▁▁  1.0000 -> 0.1000" in curve
    record = said("jobs", "show", "abc", "--json")
    assert len(record["curve"]) == 10 and record["log"] == "up"


def test_cancel_says_what_is_kept_and_resume_takes_it_up(said, half_done, book):
    assert "resume abcdef01 would go on from epoch 10" in said("jobs", "cancel", "abc")
    assert book.find("abc").state == CANCELLED
    assert "mods jobs show abcdef01 --follow" in said("jobs", "resume", "abc")
    assert book.find("abc").state == RUNNING


def test_what_was_cancelled_before_its_first_epoch_would_begin_anew(said, book):
    book.add(entry("abcdef0123"))
    with book.writing() as db:
        move(db, "abcdef0123", ("queued",), INTERRUPTED)
    assert said("jobs", "log", "abc") == "abcdef01 is interrupted, and its log is empty\n"
    told = "abcdef01 to week was cancelled\nmods jobs resume abcdef01 would begin it anew\n"
    assert said("jobs", "cancel", "abc") == told


def test_training_that_is_to_end_is_told_so_until_it_has(said, half_done, book):
    with book.writing() as db:
        move(db, "abcdef0123", (RUNNING,), RUNNING, cancel=time.time() + 1000)
    assert said("jobs").splitlines()[1].split()[2] == "cancelling"
    assert said("jobs", "show", "abc", "--json")["state"] == "cancelling"


def test_following_a_training_that_fails_ends_with_its_reason(said, book):
    job = queue.submit({"model_name": "week", "data": "nowhere.csv"}, book)
    lines = said("jobs", "log", job.id, "--follow").splitlines()
    assert lines[0].endswith("training week")
    assert lines[-1].startswith(f"{job.id[:8]} to week has failed:") and "nowhere.csv" in lines[-1]
    page = said("jobs", "show", job.id, "--follow")
    assert f"status     {FAILED}" in page and "nowhere.csv" in page
    assert said("jobs", "clean") == "removed 1 training that had ended\n"


def test_training_in_the_background_returns_at_once(said, refused, running, book):
    running("other")
    asked = ("train", "data.csv", "--model_name", "week", "--background")
    record = said(*asked, "--json")
    assert record["state"] == "queued" and "background" not in record["arguments"]
    assert "another training to this name is queued" in refused(*asked)
    assert book.find(record["id"]).model_name == "week"


def test_limits_are_shown_and_set(said):
    lines = said("jobs", "limits").splitlines()
    told = [line.split()[:2] for line in lines]
    assert told == [["at_once", "1"], ["waiting", "100"], ["resumes", "3"]]
    assert lines[0].endswith("1  trainings run at a time")
    assert said("jobs", "limits", "--at_once", 2, "--json") == {
        "at_once": 2,
        "waiting": 100,
        "resumes": 3,
    }


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("show",), "show needs the id of a training"),
        (("clean", "abc"), "clean takes no id"),
        (("show", "abc"), "no such training"),
        (("stop", "abc"), "'stop' is not known"),
        (("limits", "--at_once", "0"), "0 is out of range"),
        (("list", "--resumes", "0"), "resumes: is for limits only"),
        (("cancel", "abc", "--follow"), "follow: is for show and log only"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(refused, words, reason):
    assert reason in refused("jobs", *words)


def test_ended_training_is_no_more_cancelled(refused, book):
    book.add(entry("a", state=DONE))
    assert "has ended: it is done" in refused("jobs", "cancel", "a")
