"""A book of its own for each test, and trainings in it that are any process one likes."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from mods.jobs import logs, queue
from mods.jobs.book import Book
from mods.jobs.job import QUEUED, RUNNING
from mods.jobs.processes import began
from mods.jobs.tables import move

ASLEEP = "import time; time.sleep(60)"


def entry(key, name="week", models="/models", **more):
    """What `Book.add` takes."""
    told = {"id": key, "model_name": name, "models": models, "arguments": "{}", "epochs": 20}
    return {**told, "state": QUEUED, "created": time.time(), **more}


def until(done, patience=120):
    deadline = time.monotonic() + patience
    while not done():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


@pytest.fixture
def base(tmp_path, monkeypatch):
    """A base folder, in which what the queue has started is ended with the test."""
    monkeypatch.setenv("APP_INPUT_OUTPUT_BASE_DIR", str(tmp_path))
    monkeypatch.delenv("APP_EXPERIMENT_NAMESPACE", raising=False)
    yield tmp_path
    for child in queue._children:
        child.kill()
        child.wait()
    queue._children.clear()


@pytest.fixture
def book(base):
    return Book()


@pytest.fixture
def running(book):
    """Enter a training that runs: a process of these lines of Python; all end with the test."""
    started = []

    def begin(key, code=ASLEEP, **more):
        book.add(entry(key, **{"name": key, **more}))
        handle = logs.opened(book.folder, key)
        with book.writing() as db:
            move(db, key, (QUEUED,), RUNNING, started=time.time())
        words = [sys.executable, "-c", f"print('up', flush=True)\n{code}"]
        process = subprocess.Popen(words, stdout=handle, stderr=handle, start_new_session=True)  # noqa: S603
        os.close(handle)
        started.append(process)
        until(lambda: "up" in logs.tail(book.folder, key, 10))
        with book.writing() as db:
            move(db, key, (RUNNING,), RUNNING, pid=process.pid, ticks=began(process.pid))
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait()
