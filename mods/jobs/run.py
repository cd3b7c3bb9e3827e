"""The process of one training; `queue` starts it, with its log as stdout and stderr."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import logging
import os
import signal
import sys
import threading
import time
from typing import Any

from mods import settings
from mods.config import Config
from mods.errors import ModsError, ResourceError
from mods.jobs import logs
from mods.jobs.book import Book
from mods.jobs.job import CANCELLED, DONE, FAILED, INTERRUPTED, RUNNING, Job
from mods.jobs.processes import began
from mods.jobs.queue import GRACE, look_after
from mods.jobs.tables import move
from mods.plain import plain
from mods.request import Source, TrainRequest

log = logging.getLogger(__name__)
NICENESS = 10
PACE = 1.0
STDOUT = 1
STAMP = "%Y-%m-%dT%H:%M:%SZ"
ENDING = (signal.SIGTERM, signal.SIGINT)


def main() -> int:
    """Train what the book says under this id, and enter how it ended."""
    book, key = Book(sys.argv[1]), sys.argv[2]
    logging.Formatter.converter = time.gmtime
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt=STAMP)
    _give_way()
    with book.reading():  # held open, so that no entry is the last one, which tidies the book up
        state, columns = _outcome(book, key)
        with contextlib.suppress(OSError):
            logs.trim(STDOUT)  # what was said since the watch last looked, too
        for number in ENDING:
            signal.signal(number, signal.SIG_IGN)
        _enter(book, key, state, **columns)
    if state != INTERRUPTED:  # where everything is being ended, nothing new begins
        look_after(book)
    return 0 if state == DONE else 1


def _outcome(book: Book, key: str) -> tuple[str, dict[str, Any]]:
    """How the training ends: its state, and result or error."""
    try:
        threading.Thread(target=_watch, args=(book, key), daemon=True).start()
        pid = os.getpid()
        _enter(book, key, RUNNING, pid=pid, ticks=began(pid))
        result = _train(book, book.find(key))
    except KeyboardInterrupt:
        return _stopped(book, key)
    except MemoryError:
        return _failed(ResourceError("memory ran out", fix="Train on less, or smaller"))
    except ModsError as error:
        return _failed(error)
    except Exception as error:  # noqa: BLE001 - the last door: what is not told would be tried again
        log.error("the training failed", exc_info=error)
        said = f"something went wrong: {type(error).__name__}: {error}"
        return _failed(ResourceError(said, fix="See mods jobs log, and report it"))
    return DONE, {"result": json.dumps(plain(result))}


def _train(book: Book, job: Job) -> dict[str, Any]:
    """The training itself, told to the book epoch by epoch; taken up again it is not `fresh`.

    Until it begins, SIGTERM ends the process at once: Python's own handling would wait for the
    imports, and there is nothing to keep yet.
    """
    log.info("training %s", job.model_name)
    from mods.flows.train import train

    for number in ENDING:
        signal.signal(number, _interrupt)
    given = job.arguments
    config, request = settings.build(Config, given), settings.build(TrainRequest, given)
    if job.progress.epoch:
        request = dataclasses.replace(request, fresh=False)

    def told(epoch: int, errors: dict[str, float]) -> None:
        try:
            book.told(job.id, epoch, errors)
        except ResourceError as error:
            log.warning("%s: training goes on", error)

    return train(config, request, settings.build(Source, given), set(given), (told,))


def _stopped(book: Book, key: str) -> tuple[str, dict[str, Any]]:
    if book.find(key).cancel:
        log.info("cancelled")
        return CANCELLED, {}
    log.info("interrupted")
    error = ResourceError("it was asked to end", where=key[:8], fix="mods jobs resume goes on")
    return INTERRUPTED, {"error": json.dumps(error.record())}


def _failed(error: ModsError) -> tuple[str, dict[str, Any]]:
    log.error("%s", error)
    return FAILED, {"error": json.dumps(error.record())}


def _enter(book: Book, key: str, state: str, **columns: Any) -> None:
    with book.writing() as db:
        move(db, key, (RUNNING,), state, **columns)


def _watch(book: Book, key: str) -> None:
    """End the training where the book says so; keep its log small."""
    asked: float | None = None
    while True:
        time.sleep(PACE)
        with contextlib.suppress(ModsError, OSError):
            logs.trim(STDOUT)
            if asked is None and book.find(key).cancel:
                asked = time.monotonic()
                os.kill(os.getpid(), signal.SIGTERM)
        if asked is not None and time.monotonic() - asked > GRACE:
            os._exit(1)  # the book enters it as cancelled when it finds the process gone


def _interrupt(number: int, frame: Any) -> None:
    """End as Ctrl-C does; who asks again does not disturb that."""
    signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _give_way() -> None:
    """Predictions come first: lower priority, also as a session among sessions (autogroup)."""
    os.nice(NICENESS)
    with contextlib.suppress(OSError), open("/proc/self/autogroup", "w") as group:
        group.write(str(NICENESS))
