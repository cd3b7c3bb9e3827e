"""Trainings are cancelled, also those that will not hear, and taken up again."""

import os
import time

import pytest

from mods.jobs import control, logs, processes, queue
from mods.jobs.job import (
    CANCELLED,
    CANCELLING,
    DONE,
    INTERRUPTED,
    QUEUED,
    RUNNING,
    NoJobError,
    TakenError,
)
from mods.jobs.tables import move
from mods.tests.jobs.conftest import entry, until

DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print('deaf', flush=True)
time.sleep(60)
"""


def test_waiting_training_is_cancelled_without_a_process(book, running):
    running("first")
    book.add(entry("second"))
    assert control.cancel(book, "second").state == CANCELLED
    assert book.find("first").state == RUNNING


def test_running_training_is_ended_and_entered(book, running):
    process = running("a")
    assert control.cancel(book, "a").state == CANCELLED
    assert process.wait(60) == -15
    assert not logs.alive(book.folder, "a")


def test_training_that_does_not_hear_is_killed_after_the_grace(book, running):
    process = running("a", DEAF)
    until(lambda: logs.tail(book.folder, "a", 1) == "deaf")
    began = time.monotonic()
    assert control.cancel(book, "a", grace=0.5).state == CANCELLED
    assert process.wait(60) == -9
    assert time.monotonic() - began >= 0.5


def test_who_asks_and_does_not_wait_leaves_the_end_to_whoever_looks_after(
    book, running, monkeypatch
):
    process = running("a", DEAF)
    until(lambda: logs.tail(book.folder, "a", 1) == "deaf")
    began = time.monotonic()
    told = control.ask_to_end(book, "a", 0.1)
    assert time.monotonic() - began < 1
    assert (told.state, told.standing) == (RUNNING, CANCELLING)
    assert control.ask_to_end(book, "a", 0.1).cancel == told.cancel  # since it was first asked
    queue.look_after(book)
    assert process.poll() is None
    monkeypatch.setattr(queue, "GRACE", 0.0)
    queue.look_after(book)
    assert process.wait(60) == -9
    until(lambda: not logs.alive(book.folder, "a"))
    queue.look_after(book)
    assert book.find("a").state == CANCELLED


def test_process_of_another_user_is_not_signalled_but_finds_the_wish(book, running, monkeypatch):
    def refused(pid, number):
        raise PermissionError(1, "Operation not permitted")

    process = running("a")
    monkeypatch.setattr(os, "killpg", refused)
    assert control.cancel(book, "a", grace=0.1).cancel
    assert process.poll() is None


def test_process_that_got_the_number_of_a_dead_training_is_left_alone(book, running):
    """As after a reboot: the pid is there, but it began at another time."""
    process = running("a")
    with book.writing() as db:
        move(db, "a", (RUNNING,), RUNNING, ticks=processes.began(process.pid) - 1)
    assert control.cancel(book, "a", grace=0.2).cancel
    assert process.poll() is None
    process.kill()
    process.wait()
    with pytest.raises(TakenError, match="it is cancelled"):
        control.cancel(book, "a")


def test_ended_training_cannot_be_cancelled_nor_a_done_one_resumed(book):
    book.add(entry("a", state=DONE))
    with pytest.raises(TakenError, match="it is done"):
        control.cancel(book, "a")
    with pytest.raises(TakenError, match="is done"):
        control.resume(book, "a")
    with pytest.raises(NoJobError):
        control.resume(book, "b")


def test_resumed_training_waits_for_its_turn_with_its_count_begun_anew(book, running):
    running("first")
    book.add(entry("a", state=INTERRUPTED, resumes=3))
    job = control.resume(book, "a")
    assert (job.state, job.resumes) == (QUEUED, 0)
    with pytest.raises(TakenError, match="is queued"):
        control.resume(book, "a")


def test_cancelled_training_whose_name_is_taken_is_not_resumed(book, running):
    running("new", name="week")
    book.add(entry("old", state=CANCELLED))
    with pytest.raises(TakenError, match=r"is running \(new\)"):
        control.resume(book, "old")


def test_clean_forgets_what_has_ended_and_nothing_else(book, running):
    running("open")
    book.add(entry("closed", state=DONE))
    os.close(logs.opened(book.folder, "closed"))
    book.told("closed", 1, {"loss": 1.0, "val_loss": 1.0})
    assert [job.id for job in control.clean(book)] == ["closed"]
    assert [job.id for job in book.jobs()] == ["open"]
    assert logs.alive(book.folder, "open") and not logs.path(book.folder, "closed").exists()
    assert book.curve("closed") == []
