"""Answers of workers arrive in pieces: nobody else whom the server serves waits for the rest."""

import asyncio
import operator
import os
import signal
import time

from mods.deepaas import pieces, worker
from mods.deepaas.pool import WorkerPool

PATIENCE = 60
LARGE = 30_000_000


def half(connection, *_):
    """A worker that sends the half of an answer, and is stopped."""
    pieces.send(connection, True)
    connection.recv()
    os.write(connection.fileno(), pieces.LENGTH.pack(LARGE) + bytes(100_000))
    os.kill(os.getpid(), signal.SIGSTOP)


async def pauses(task):
    """The longest time (seconds) for which nobody else was served, until the task has ended."""
    longest = 0.0
    while not task.done():
        began = time.monotonic()
        await asyncio.sleep(0.005)
        longest = max(longest, time.monotonic() - began)
    return longest


def test_half_an_answer_of_a_stopped_worker_holds_up_nobody_and_its_death_is_told(monkeypatch):
    monkeypatch.setattr(worker, "work", half)

    async def story():
        mine = worker.Worker()
        task = asyncio.ensure_future(mine.do(int))
        await asyncio.to_thread(os.waitid, os.P_PID, mine.process.pid, os.WSTOPPED | os.WNOWAIT)
        waited, others = time.monotonic(), 0
        while time.monotonic() - waited < 0.5:
            await asyncio.sleep(0.01)
            others += 1
        free, began = not task.done(), time.monotonic()
        mine.process.kill()
        await asyncio.wait([task], timeout=PATIENCE)
        mine.kill()
        return free and others, time.monotonic() - began, task.exception()

    others, seconds, error = asyncio.run(story())
    assert others >= 5
    assert isinstance(error, worker.WorkerDiedError)
    assert "SIGKILL" in error.message
    assert seconds < 2


def test_others_are_served_while_a_large_answer_arrives():
    async def story():
        pool = WorkerPool(1)
        try:
            await pool.apply(abs, -1)
            task = asyncio.ensure_future(pool.apply(bytes, LARGE))
            longest = await pauses(task)
            return longest, (await task)["output"], await pool.apply(operator.add, 1, 2)
        finally:
            pool.shutdown()

    longest, answer, after = asyncio.run(asyncio.wait_for(story(), PATIENCE))
    assert answer == bytes(LARGE)
    assert after["output"] == 3
    assert longest < 1
