"""How the process of a training ends, and what it enters: real processes, but nothing is learnt."""

import json
import os
import signal

import pytest

from mods.jobs import control, logs
from mods.jobs.job import CANCELLED, DONE, FAILED, INTERRUPTED, QUEUED, RUNNING
from mods.jobs.tables import move
from mods.tests.jobs.conftest import entry, until

ASKED = json.dumps({"model_name": "week", "num_epochs": 2, "fresh": True})
RUN = """
import os, sys, time, types
def train(config, request, source, given, told):
    {body}
sys.modules["mods.flows.train"] = types.SimpleNamespace(train=train)
sys.argv = ["run", {folder!r}, {key!r}]
from mods.jobs import run
run.PACE = {pace}
run.GRACE = 0.3
for epoch in range({epochs}):
    run.Book({folder!r}).told({key!r}, epoch + 1, {{"loss": 0.5, "val_loss": 0.25}})
sys.exit(run.main())
"""
WAITING = "print('waiting', flush=True); time.sleep(60)"
DEAF = """
    print('waiting', flush=True)
    while True:
        try:
            time.sleep(60)
        except KeyboardInterrupt:
            pass
"""


@pytest.fixture
def ran(book, running):
    """Run a training of these lines of Python; its process."""

    def run(key, body, epochs=0, pace=0.1, **more):
        asked = {"body": body, "epochs": epochs, "pace": pace}
        code = RUN.format(folder=str(book.folder), key=key, **asked)
        return running(key, code, **{"arguments": ASKED, **more})

    return run


def waiting(book, key):
    until(lambda: "waiting" in logs.tail(book.folder, key, 1))


def test_done_training_has_its_result_and_its_epochs(book, ran):
    told = "told[0](1, {'loss': 0.5, 'val_loss': 0.25})"
    process = ran("a", f"{told}; return {{'nice': os.nice(0), 'left': float('nan')}}")
    assert process.wait(60) == 0
    job = book.find("a")
    assert (job.state, job.result) == (DONE, {"nice": min(os.nice(0) + 10, 19), "left": None})
    assert book.curve("a") == [(1, 0.5, 0.25)]
    assert job.ended >= job.started


def test_training_that_is_taken_up_again_does_not_start_anew(book, ran):
    for key, epochs in (("a", 0), ("b", 1)):
        ran(key, "return {'fresh': request.fresh}", epochs).wait(60)
    assert book.find("a").result == {"fresh": True}
    assert book.find("b").result == {"fresh": False}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("raise RuntimeError('boom')", "something went wrong: RuntimeError: boom"),
        ("raise MemoryError", "memory ran out"),
    ],
)
def test_whatever_goes_wrong_is_entered_in_one_line(book, ran, body, reason):
    assert ran("a", body).wait(60) == 1
    job = book.find("a")
    assert (job.state, job.error["message"]) == (FAILED, reason)
    assert reason.partition(": ")[0] in logs.tail(book.folder, "a", 100)


def test_wish_in_the_book_ends_a_training_that_no_signal_reaches(book, ran):
    """As from another container, where its process has another number."""
    process = ran("a", WAITING)
    waiting(book, "a")
    with book.writing() as db:
        move(db, "a", (RUNNING,), RUNNING, ticks=None, pid=None)
    assert control.cancel(book, "a").state == CANCELLED
    assert process.wait(60) == 1
    assert logs.tail(book.folder, "a", 1).endswith("cancelled")


def test_training_that_swallows_the_signal_ends_all_the_same(book, ran):
    process = ran("a", DEAF.strip())
    waiting(book, "a")
    with book.writing() as db:
        move(db, "a", (RUNNING,), RUNNING, cancel=1)
    assert process.wait(60) == 1
    with pytest.raises(control.TakenError, match="it is cancelled"):
        control.cancel(book, "a")


def test_end_of_the_machine_interrupts_and_begins_nothing_new(book, ran):
    process = ran("a", WAITING)
    book.add(entry("b"))
    waiting(book, "a")
    os.killpg(process.pid, signal.SIGTERM)
    assert process.wait(60) == 1
    assert [job.state for job in book.jobs()] == [INTERRUPTED, QUEUED]
    assert "asked to end" in book.find("a").error["message"]


def test_log_stays_small(book, ran):
    """Also where the training ends before anybody has looked."""
    ran("a", "print('x' * 3_000_000, flush=True); return {}", pace=60).wait(60)
    assert logs.path(book.folder, "a").stat().st_size < logs.LARGEST
