"""What a person does to a training: cancel, resume, clear away."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import time
from pathlib import Path

from mods.jobs import logs
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
from mods.jobs.queue import bury, look_after
from mods.jobs.tables import listed, move

GRACE = 5.0
PACE = 0.05


def cancel(book: Book, key: str, grace: float = GRACE) -> Job:
    """End a training; its checkpoint stays, so that it can be resumed.

    SIGTERM, and SIGKILL after the grace (seconds). A training in another container sees the wish
    in the book and ends by itself. Raises NoJobError, and TakenError where it has ended.
    """
    job = book.find(key)
    with book.writing() as db:
        bury(db, book)
        waiting = move(db, job.id, (QUEUED, INTERRUPTED), CANCELLED)
        wished = move(db, job.id, (RUNNING,), RUNNING, cancel=1)
    if not (waiting or wished):
        ended = book.find(job.id)
        raise TakenError(f"has ended: it is {ended.state}", where=job.id[:8])
    if wished:
        _end(book, job.id, grace)
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
            columns = {"resumes": 0, "error": None, "ended": None}
            moved = move(db, job.id, again, QUEUED, **columns)
    except sqlite3.IntegrityError:
        raise book.taken(job.models, job.model_name) from None
    if not moved:
        raise TakenError(f"is {book.find(job.id).state}", where=job.id[:8])
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


def began(pid: int) -> int | None:
    """When a process began, in clock ticks since the boot: with it a pid is nobody else's.

    None where there is no such process, or no /proc.
    """
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    return None


def _end(book: Book, key: str, grace: float) -> None:
    """Ask the process to end, wait, end it; enter its end where it could not."""
    _signal(book, key, signal.SIGTERM)
    if not _gone(book, key, grace):
        _signal(book, key, signal.SIGKILL)
        _gone(book, key, grace)
    with book.writing() as db:
        bury(db, book)


def _signal(book: Book, key: str, number: int) -> None:
    """Signal the process group of a training, if it is certain whose it is, and we may."""
    job = book.find(key)
    if job.pid is None or job.ticks is None or began(job.pid) != job.ticks:
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):  # it sees the wish by itself
        os.killpg(job.pid, number)


def _gone(book: Book, key: str, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while logs.alive(book.folder, key):
        if time.monotonic() > deadline:
            return False
        time.sleep(PACE)
    return True
