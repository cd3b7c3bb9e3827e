"""What a person does to a training: cancel, resume, clear away."""

from __future__ import annotations

import signal
import sqlite3
import time

from mods.jobs import logs, processes
from mods.jobs.book import Book
from mods.jobs.job import (
    CANCELLED,
    ENDED,
    FAILED,
    INTERRUPTED,
    QUEUED,
    RUNNING,
    Job,
    TakenError,
)
from mods.jobs.queue import GRACE, bury, look_after
from mods.jobs.tables import listed, move

PACE = 0.05


def cancel(book: Book, key: str, grace: float = GRACE) -> Job:
    """End a training; its checkpoint stays, so that it can be resumed.

    SIGTERM, and SIGKILL after the grace (seconds). A training in another container sees the wish
    in the book and ends by itself. Raises NoJobError, and TakenError where it has ended.
    """
    job = ask_to_end(book, key, grace)
    if job.state == RUNNING:
        processes.send(job, signal.SIGKILL)
        _gone(book, job.id, grace)
        look_after(book)
    return book.find(job.id)


def ask_to_end(book: Book, key: str, patience: float) -> Job:
    """Ask a training to end, and see for so long (seconds) whether it does.

    One that does not is told as `cancelling`: whoever looks after the queue ends it, five seconds
    after it was asked. Raises as `cancel` does.
    """
    job = book.find(key)
    with book.writing() as db:
        bury(db, book)
        waiting = move(db, job.id, (QUEUED, INTERRUPTED), CANCELLED, error=None)
        (since,) = db.execute("SELECT cancel FROM jobs WHERE id = ?", (job.id,)).fetchone()
        wished = move(db, job.id, (RUNNING,), RUNNING, cancel=since or time.time())
    if not (waiting or wished):
        ended = book.find(job.id)
        raise TakenError(f"has ended: it is {ended.state}", where=job.id[:8])
    if wished:
        processes.send(book.find(job.id), signal.SIGTERM)
        _gone(book, job.id, patience)
    look_after(book)
    return book.find(job.id)


def resume(book: Book, key: str) -> Job:
    """Take up a training that was interrupted, cancelled or has failed, from its last epoch.

    Raises NoJobError, and TakenError where it is open or done, or its name is taken.
    """
    job = book.find(key)
    try:
        with book.writing() as db:
            bury(db, book)
            again = (INTERRUPTED, CANCELLED, FAILED)
            columns = {"resumes": 0, "error": None, "ended": None, "cancel": 0}
            moved = move(db, job.id, again, QUEUED, **columns)
    except sqlite3.IntegrityError:
        raise book.taken(job.models, job.model_name) from None
    if not moved:
        said = "only what was interrupted, cancelled or has failed is resumed"
        raise TakenError(f"is {book.find(job.id).standing}: {said}", where=job.id[:8])
    look_after(book)
    return book.find(job.id)


def clean(book: Book) -> list[Job]:
    """Forget the trainings that have ended, with their logs; models and checkpoints stay."""
    with book.writing() as db:
        gone = listed(db, *ENDED)
        for job in gone:
            logs.path(book.folder, job.id).unlink(missing_ok=True)
            db.execute("DELETE FROM jobs WHERE id = ?", (job.id,))
    return gone


def _gone(book: Book, key: str, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while logs.alive(book.folder, key):
        if time.monotonic() > deadline:
            return False
        time.sleep(PACE)
    return True
