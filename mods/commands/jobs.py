"""`mods jobs`: the trainings that run, wait or have ended."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from mods import progress, settings
from mods.commands.command import Answer, Command
from mods.jobs import control, logs, queue, telling
from mods.jobs.book import Book
from mods.jobs.job import QUEUED, RUNNING, Job
from mods.request import JobsRequest

PACE = 0.5
NONE = "no training has been asked for; mods train --background asks for one"


def jobs(values: dict[str, Any]) -> Answer:
    """List trainings, or do something with one."""
    request, book = settings.build(JobsRequest, values), Book()
    look_after(book)
    return ACTIONS[request.action](request, book)


def look_after(book: Book) -> None:
    """As whoever comes by does; who may only read is shown what stands there."""
    if book.writable:
        queue.look_after(book)


def listing(request: JobsRequest, book: Book) -> Answer:
    """A line for each training, the newest last."""
    from mods.visualization import terminal

    found = book.jobs()
    rows = [telling.line(job) for job in found]
    text = terminal.table(rows) if rows else NONE
    return Answer([job.record() for job in found], text)


def show(request: JobsRequest, book: Book) -> Answer:
    """All about one training: arguments, how its error fell, the end of its log."""
    job = book.find(str(request.job))
    if request.follow:
        job = followed(book, job)
    points = book.curve(job.id)
    told = [{"epoch": e, "loss": loss, "val_loss": val} for e, loss, val in points]
    tail = logs.tail(book.folder, job.id, request.lines)
    record = {**job.record(), "curve": told, "log": tail}
    return Answer(record, "\n".join(telling.page(job, points, tail)))


def log(request: JobsRequest, book: Book) -> Answer:
    """The log of one training; followed, line by line as they come."""
    job = book.find(str(request.job))
    if not request.follow:
        tail = logs.tail(book.folder, job.id, request.lines)
        text = tail or f"{job.id[: telling.SHORT]} is {job.standing}, and its log is empty"
        return Answer({"id": job.id, "log": tail}, text)

    def over() -> bool:
        look_after(book)
        return book.find(job.id).state not in (QUEUED, RUNNING)

    def end() -> Iterator[str]:
        yield from logs.follow(book.folder, job.id, over)
        yield telling.ended(book.find(job.id))

    told = logs.tail(book.folder, job.id, request.lines)
    return Answer({"id": job.id, "log": told}, "", lines=end())


def cancel(request: JobsRequest, book: Book) -> Answer:
    """End a training; it can be resumed."""
    job = control.cancel(book, str(request.job))
    return Answer(job.record(), telling.cancelled(job))


def resume(request: JobsRequest, book: Book) -> Answer:
    """Take a training up again."""
    job = control.resume(book, str(request.job))
    return Answer(job.record(), telling.begun(job))


def clean(request: JobsRequest, book: Book) -> Answer:
    """Forget what has ended."""
    gone = control.clean(book)
    names = [job.id for job in gone]
    return Answer({"removed": names}, telling.removed(len(gone)))


def limits(request: JobsRequest, book: Book) -> Answer:
    """How many run at once, how many may wait, and how often one is resumed by itself."""
    told = book.limits(**request.limits)
    queue.look_after(book)
    return Answer(told, telling.limits(told))


def asked(given: dict[str, Any]) -> Answer:
    """The answer to `mods train --background`."""
    job = queue.submit(given)
    return Answer(job.record(), telling.begun(job))


def followed(book: Book, job: Job) -> Job:
    """The training once it has ended; meanwhile its progress is shown."""
    with progress.shown(f"training {job.model_name}", job.progress.epochs, "epoch") as bar:
        told = 0
        while True:
            epoch, error = job.progress.epoch, job.progress.val_loss
            bar.advance(epoch - told, "" if error is None else f"val_loss {error:.4f}")
            told = epoch
            if job.state not in (QUEUED, RUNNING):
                return job
            time.sleep(PACE)
            look_after(book)
            job = book.find(job.id)


ACTIONS = {
    "list": listing,
    "show": show,
    "log": log,
    "cancel": cancel,
    "resume": resume,
    "clean": clean,
    "limits": limits,
}
COMMANDS = (
    Command(
        "jobs",
        jobs,
        (JobsRequest,),
        (
            "mods jobs show 3f2a --follow",
            "mods jobs cancel 3f2a",
            "mods jobs limits --at_once 2",
        ),
        ("action", "job"),
    ),
)
