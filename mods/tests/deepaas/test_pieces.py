"""Answers of workers arrive in pieces: nobody else whom the server serves waits for the rest."""

import asyncio
import os
import pickle
import signal
import time

from mods.deepaas import pieces, worker

PATIENCE = 60
LARGE = 30_000_000


def half(connection, *_):
    """A worker that sends the half of an answer, and is stopped."""
    pieces.send(connection, True)
    connection.recv()
    os.write(connection.fileno(), pieces.LENGTH.pack(LARGE) + bytes(100_000))
    os.kill(os.getpid(), signal.SIGSTOP)


def slow(connection, *_):
    """A worker that rests for a second within its first answer."""
    pieces.send(connection, True)
    connection.recv()
    packed = pickle.dumps((True, bytes(LARGE)))
    os.write(connection.fileno(), pieces.LENGTH.pack(len(packed)) + packed[:100_000])
    time.sleep(1)
    left = memoryview(packed)[100_000:]
    while left:
        left = left[os.write(connection.fileno(), left) :]
    connection.recv()
    pieces.send(connection, (True, "next"))


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


def test_others_are_served_while_a_large_answer_arrives(monkeypatch):
    monkeypatch.setattr(worker, "work", slow)

    async def story():
        mine = worker.Worker()
        task, others = asyncio.ensure_future(mine.do(int)), 0
        while not task.done():
            await asyncio.sleep(0.01)
            others += mine.at_work
        after = await mine.do(int)
        mine.kill()
        return others, await task, after

    others, answer, after = asyncio.run(asyncio.wait_for(story(), PATIENCE))
    assert others >= 5
    assert answer == bytes(LARGE)
    assert after == "next"
