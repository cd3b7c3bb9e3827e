"""The workers behind DEEPaaS, in place of its own pool, which hangs when a worker dies.

A prediction takes one of the standing workers. A training gets a process of its own, so that no
prediction waits for it and TensorFlow leaves the memory with it.
"""

from __future__ import annotations

import asyncio
import atexit
import functools
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from mods.deepaas import guard
from mods.deepaas.worker import Job, Worker, WorkerDiedError
from mods.errors import ResourceError

BEHIND = 10  # how nice a training is to predictions
NEWEST = 0.2  # weight of the newest job in their mean time
STAMP = "%Y-%m-%d %H:%M:%S.%f"


def alone(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a function whose jobs get a process of their own."""
    function.alone = True  # type: ignore[attr-defined]
    return function


class WorkerPool:
    """Stands where DEEPaaS has its `CancellablePool`, with the same three methods.

    first: what a worker does before all else that takes the place of one which is gone; size: how
    many workers there are; waiting, computing: how many jobs there are of each kind now;
    restarts: how many workers were replaced, by reason
    """

    def __init__(self, max_workers: int | None = None) -> None:
        self.first: Job | None = None
        self.size = max_workers or 1
        self.waiting = self.computing = 0
        self.pace: float | None = None
        self.restarts = Counter(dict.fromkeys(("died", "cancelled", "idle"), 0))
        self._seats = asyncio.Semaphore(self.size)
        self._trainings = asyncio.Semaphore(self.size)
        self._idle = [Worker() for _ in range(self.size)]
        self._busy: set[Worker] = set()
        self._closed = False
        atexit.register(self.shutdown)

    async def apply(self, function: Callable[..., Any], *args: Any) -> dict[str, Any]:
        """Run `function(*args)` in a worker; a cancelled call ends the worker's process.

        Raises a `guard.Failure`, also where the worker died; the next call finds another worker.
        """
        job = functools.partial(function, *args)
        run = self._own if getattr(job.func, "alone", False) else self._shared
        try:
            output = await run(job)
        except ResourceError as error:
            raise guard.answer(error) from None
        now = datetime.now(UTC).astimezone()
        return {"output": output, "finish_date": now.strftime(STAMP)}

    @property
    def idle(self) -> bool:
        """Whether a job would find a worker at once."""
        return not self._seats.locked()

    def shutdown(self) -> None:
        """End all workers; whoever waits for one gets an error."""
        self._closed = True
        for worker in (*self._busy, *self._idle):
            worker.process.kill()  # who waits for a busy one sees it, and cleans up
        for worker in self._idle:
            worker.kill()
        self._idle.clear()
        atexit.unregister(self.shutdown)

    async def _shared(self, job: Job) -> Any:
        self.waiting += 1
        try:
            await self._seats.acquire()
        finally:
            self.waiting -= 1
        self.computing += 1
        began = time.monotonic()
        try:
            return await self._seated(job)
        finally:
            self._paced(time.monotonic() - began)
            self.computing -= 1
            self._seats.release()

    def _paced(self, seconds: float) -> None:
        last = seconds if self.pace is None else self.pace
        self.pace = last + NEWEST * (seconds - last)

    async def _seated(self, job: Job) -> Any:
        self._open()
        worker = self._idle.pop()
        try:
            if not worker.alive:
                worker.kill()
                worker = self._another("idle")
            return await self._done(worker, job)
        except (WorkerDiedError, asyncio.CancelledError) as end:
            if not self._closed and not worker.alive:
                worker = self._another("died" if isinstance(end, WorkerDiedError) else "cancelled")
            raise
        finally:
            self._idle.append(worker)
            if self._closed:
                self.shutdown()

    def _another(self, reason: str) -> Worker:
        self.restarts[reason] += 1
        return Worker(self.first)

    async def _own(self, job: Job) -> Any:
        async with self._trainings:
            self._open()
            worker = Worker(niceness=BEHIND)
            try:
                return await self._done(worker, job)
            finally:
                worker.kill()

    async def _done(self, worker: Worker, job: Job) -> Any:
        self._busy.add(worker)
        try:
            return await worker.do(job)
        except asyncio.CancelledError:
            if worker.at_work:  # one that only begins can as well begin for the next
                worker.kill()
            raise
        except WorkerDiedError:
            worker.kill()
            self._open()
            raise
        finally:
            self._busy.discard(worker)

    def _open(self) -> None:
        if self._closed:
            raise ResourceError("the service is ending", fix="Try again when it is up again")
