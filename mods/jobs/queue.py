"""The queue: trainings come in, as many run at once as may, the dead are found, the rest wait.

Nobody has to be there for it: whoever asks for a training, a training that ends, `mods jobs` and
each server look after it.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess  # nosec B404 # of our own Python, without a shell
import sys
import time
import uuid
from collections.abc import Mapping
from typing import Any

from mods import atomic, paths, settings
from mods.config import Config
from mods.errors import ModsError, ResourceError
from mods.jobs import logs, processes
from mods.jobs.book import Book
from mods.jobs.job import CANCELLED, FAILED, INTERRUPTED, OPEN, QUEUED, RUNNING, Job, TakenError
from mods.jobs.tables import listed, move
from mods.models import locks
from mods.plain import plain
from mods.request import Source, TrainRequest

PLACES = ("data", "known", "tensorboard", "picture")
BEGIN = "import sys; sys.path[:] = {path!r}; from mods.jobs import run; sys.exit(run.main())"
GRACE = 5.0  # seconds from the wish that a training end until it is made to
_children: list[subprocess.Popen[bytes]] = []


def submit(given: Mapping[str, Any], book: Book | None = None) -> Job:
    """Enter a training and start it if there is room; `given` are settings by their names.

    Raises TakenError where a training to that name is open, and what is wrong with the settings;
    DatapoolError for a query that names what the datapool, if it can be read, does not have.
    """
    book = book or Book()
    config, request = settings.build(Config, given), settings.build(TrainRequest, given)
    source = settings.build(Source, given)
    path = paths.model(request.model_name, source.models)
    atomic.check(path)
    check_free(request, source, book)  # first: a training that starts must not find its name probed
    try:
        with locks.training(path):
            pass  # nobody trains to this name in the foreground
    except locks.HeldError as error:
        fix = "Choose another name, or wait for it"
        raise TakenError(error.message, where=request.model_name, fix=fix) from None
    if request.init_from is None:
        from mods.flows import source as sources  # which loads pandas

        sources.check(source, config)
    models = str(path.parent.resolve())
    placed = {name: os.path.abspath(given[name]) for name in PLACES if given.get(name)}
    arguments = {**plain(given), **placed, "models": models}
    key = uuid.uuid4().hex
    book.add(
        {
            "id": key,
            "model_name": request.model_name,
            "models": models,
            "arguments": json.dumps(arguments),
            "epochs": _epochs(config, request, source, given),
            "state": QUEUED,
            "created": time.time(),
        }
    )
    look_after(book)
    return book.find(key)


def check_free(request: TrainRequest, source: Source, book: Book | None = None) -> None:
    """Raise TakenError where an open training of the book is to have this name."""
    book, path = book or Book(), paths.model(request.model_name, source.models)
    name, models = request.model_name, str(path.parent.resolve())
    if any((one.models, one.model_name) == (models, name) for one in book.jobs(*OPEN)):
        raise book.taken(models, name)


def look_after(book: Book) -> None:
    """Enter which trainings have died, and start those that wait and have room."""
    _children[:] = [child for child in _children if child.poll() is None]
    if not book.jobs(RUNNING, QUEUED):
        return
    most = book.limits()["at_once"]
    _finish(book)
    with contextlib.ExitStack() as ours:  # no log stays locked by us, wherever this fails
        with book.writing() as db:
            bury(db, book)
            room = most - len(listed(db, RUNNING))
            ready = [_ready(db, book, job, ours) for job in listed(db, QUEUED)[: max(room, 0)]]
        for job, handle in filter(None, ready):
            _start(book, job, handle)


def resume_all(book: Book) -> None:
    """What a server does when it starts: interrupted trainings go on, but not for ever."""
    if not book.path.exists():
        return
    most = book.limits()["resumes"]
    with book.writing() as db:
        bury(db, book)
        for job in listed(db, INTERRUPTED):
            if job.resumes < most:
                columns = {"resumes": job.resumes + 1, "error": None, "ended": None}
                move(db, job.id, (INTERRUPTED,), QUEUED, **columns)
            else:
                error = _too_often(job).record()
                move(db, job.id, (INTERRUPTED,), FAILED, error=json.dumps(error))
    look_after(book)


def bury(db: sqlite3.Connection, book: Book) -> None:
    """Enter the end of each training whose process is gone without having told one."""
    for job in listed(db, RUNNING):
        if not logs.alive(book.folder, job.id):
            state = CANCELLED if job.cancel else INTERRUPTED
            told = None if job.cancel else json.dumps(_died(job).record())
            move(db, job.id, (RUNNING,), state, error=told)


def _finish(book: Book) -> None:
    """End those that were asked to and have not."""
    for job in book.jobs(RUNNING):
        if job.cancel and time.time() - job.cancel > GRACE:
            processes.send(job, signal.SIGKILL)


def _ready(
    db: sqlite3.Connection, book: Book, job: Job, ours: contextlib.ExitStack
) -> tuple[Job, int] | None:
    """The job entered as running, and its log, locked from here on without a gap.

    None where its last process is still there: it waits for the next look.
    """
    try:
        handle = logs.opened(book.folder, job.id)
    except BlockingIOError:
        return None
    ours.callback(os.close, handle)
    columns = {"started": time.time(), "ended": None, "cancel": 0, "pid": None, "error": None}
    move(db, job.id, (QUEUED,), RUNNING, **columns)
    return job, handle


def _start(book: Book, job: Job, handle: int) -> None:
    """Its process, in a session of its own: it outlives whoever started it."""
    begin = BEGIN.format(path=sys.path)  # the same mods as here, wherever it came from
    words = [sys.executable, "-P", "-c", begin, str(book.folder), job.id]
    try:
        child = subprocess.Popen(  # noqa: S603 # nosec B603 # our own interpreter and code
            words,
            stdin=subprocess.DEVNULL,
            stdout=handle,
            stderr=handle,
            start_new_session=True,
        )
        _children.append(child)
    except OSError as error:
        refused = ResourceError(f"no process could be started: {error.strerror}")
        with book.writing() as db:
            move(db, job.id, (RUNNING,), FAILED, error=json.dumps(refused.record()))


def _epochs(config: Config, request: TrainRequest, source: Source, given: Mapping[str, Any]) -> int:
    """How many epochs it has at most; a model that goes on learning keeps its own number."""
    if request.init_from is None or "num_epochs" in given:
        return config.num_epochs
    from mods.models import catalogue  # which loads pandas

    shown = catalogue.show(request.init_from, source.models)
    return int(shown["config"]["num_epochs"])


def _died(job: Job) -> ModsError:
    return ResourceError(
        "its process ended without a word: killed, out of memory, or the machine went down",
        where=job.id[:8],
        fix="mods jobs resume goes on from its last epoch; so does a server when it starts",
    )


def _too_often(job: Job) -> ModsError:
    return ResourceError(
        f"its process was ended {job.resumes + 1} times, so it is not taken up again by itself",
        where=job.id[:8],
        fix="See mods jobs log, give it memory, then mods jobs resume",
    )
