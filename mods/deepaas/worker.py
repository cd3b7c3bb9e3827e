"""One worker: a process of its own that does one job after another and may die of any of them."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from mods.deepaas import guard, memory, pieces, trace
from mods.errors import ResourceError

Job = Callable[[], Any]
log = logging.getLogger(__name__)
REST = 0.5  # seconds without a job, after which freed memory goes back to the system
BUSY = 3.0  # seconds of one job after the other, after which it does, too


def log_plainly() -> None:
    """Lines of text on stderr, where nobody set up another log."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")


class WorkerDiedError(ResourceError):
    """The process of a worker ended before it had answered."""


class Worker:
    """The server's end of a worker process.

    logs: what sets up the log of the processes; first: a job of the process before all others;
    niceness: by how much the process steps back behind the others of the machine; at_work: whether
    it has a job, which it has not while it begins
    """

    logs: Job = staticmethod(log_plainly)

    def __init__(self, first: Job | None = None, *, niceness: int = 0) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, far_end = context.Pipe()
        begins = (far_end, type(self).logs, first, niceness)
        self.process = context.Process(target=work, args=begins, name="mods worker")
        self.process.start()
        far_end.close()
        self._answers = pieces.Receiver(self.connection, self.process.sentinel)
        self._begun = self.at_work = False

    async def do(self, job: Job) -> Any:
        """What the job returns; raises the job's Failure, or WorkerDiedError."""
        try:
            if not self._begun:
                await self._answers.value()  # what it says when it is up
                self._begun = True
            self.at_work = True
            sent = (trace.current.get(), job)  # in a thread: a long one fills the pipe and waits
            await asyncio.to_thread(self.connection.send, sent)
            done, answer = await self._answers.value()
        except (EOFError, OSError):
            raise self._death() from None
        self.at_work = False
        if not done:
            raise answer
        return answer

    @property
    def alive(self) -> bool:
        """Whether the process is still there."""
        return not self.connection.closed and self.process.is_alive()

    def kill(self) -> None:
        """End the process at once, and leave no zombie."""
        self.process.kill()
        self.process.join(timeout=1)
        self.connection.close()

    def _death(self) -> WorkerDiedError:
        self.process.join(timeout=1)
        code = self.process.exitcode
        how = f"exit code {code}"
        if code is not None and code < 0:
            how = f"signal {-code}, {signal.Signals(-code).name}"
        return WorkerDiedError(
            f"the process that worked on the request ended before it had answered ({how})",
            fix="Try again; if it ends again, there is too little memory for what was asked",
        )


def work(connection: Connection, logs: Job, first: Job | None, niceness: int) -> None:
    """What the process does until the server ends: jobs come in, `(done, answer)` goes out.

    The very first that goes out says that it is up.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(niceness)
    logs()
    threading.Thread(target=_end_with_server, daemon=True).start()
    if first is not None:
        _begin(first)
    pieces.send(connection, True)
    given_back = time.monotonic()
    while connection.poll(REST) or _rested(connection):
        try:
            number, job = connection.recv()
            trace.current.set(number)
        except EOFError:
            return
        except Exception as error:  # noqa: BLE001 - a job that does not even load is answered too
            pieces.send(connection, (False, guard.answer(error)))
        else:
            _deliver(connection, _done(job))
        if time.monotonic() - given_back > BUSY:
            memory.give_back()
            given_back = time.monotonic()


def _rested(connection: Connection) -> bool:
    """Wait for the next job as long as it takes, with no more memory than is in use."""
    memory.give_back()
    return connection.poll(None)


def _begin(first: Job) -> None:
    try:
        first()
    except guard.Failure as error:
        log.warning("the worker begins cold: %s", error)


def _done(job: Job) -> tuple[bool, Any]:
    try:
        return True, job()
    except Exception as error:  # noqa: BLE001 - whatever it was, the client gets an answer
        return False, guard.answer(error)
    except SystemExit as end:  # at once: taking Python down takes seconds, in which a client waits
        os._exit(end.code if isinstance(end.code, int) else 1)


def _deliver(connection: Connection, answer: tuple[bool, Any]) -> None:
    try:
        pieces.send(connection, answer)
    except OSError:
        raise  # the server is gone
    except Exception as error:  # noqa: BLE001 - an answer that cannot be sent is an error to answer
        pieces.send(connection, (False, guard.answer(error)))


def _end_with_server() -> None:
    """A server that was killed leaves no worker behind, not even one that is training."""
    server = multiprocessing.parent_process()
    if server is not None:
        server.join()
        os._exit(1)
