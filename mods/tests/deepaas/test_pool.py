"""Workers die in these tests; whoever waits for them gets an answer, and so does the next."""

import asyncio
import faulthandler
import functools
import operator
import os
import signal
import sys
import threading
import time

import pytest

from mods import api
from mods.deepaas import guard
from mods.deepaas.pool import WorkerPool

PATIENCE = 60


def played(story, workers=1):
    async def scene():
        pool = WorkerPool(workers)
        try:
            return await asyncio.wait_for(story(pool), PATIENCE)
        finally:
            pool.shutdown()

    return asyncio.run(scene())


async def failure(awaitable):
    try:
        await awaitable
    except guard.Failure as caught:
        return caught
    return None


def gone(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.parametrize(
    ("death", "told"),
    [
        ((os._exit, 3), "exit code 3"),
        ((sys.exit, 4), "exit code 4"),
        ((faulthandler._sigsegv,), "SIGSEGV"),
        ((os.abort,), "SIGABRT"),
    ],
)
def test_worker_that_dies_is_an_error_and_the_next_call_works(death, told):
    async def story(pool):
        died = await failure(pool.apply(*death))
        after = await pool.apply(operator.add, 1, 2)
        return died, after

    died, after = played(story)
    assert died.status == 503
    assert told in died.record["message"]
    assert after["output"] == 3


def test_service_is_free_for_others_while_a_long_job_goes_to_its_worker():
    async def story(pool):
        await pool.apply(abs, -1)
        worker = pool._idle[0].process.pid
        os.kill(worker, signal.SIGSTOP)
        last = threading.Timer(10, os.kill, (worker, signal.SIGCONT))
        last.start()
        task, began = asyncio.ensure_future(pool.apply(len, b"x" * 2**23)), time.monotonic()
        await asyncio.sleep(0.2)
        free = time.monotonic() - began
        os.kill(worker, signal.SIGCONT)
        last.cancel()
        return free, (await task)["output"]

    free, length = played(story)
    assert (free < 5, length) == (True, 2**23)


def test_worker_killed_at_work_answers_within_two_seconds():
    async def story(pool):
        await pool.apply(abs, -1)
        task = asyncio.ensure_future(failure(pool.apply(time.sleep, 60)))
        await asyncio.sleep(0.2)
        killed = time.monotonic()
        (worker,) = pool._busy
        os.kill(worker.process.pid, signal.SIGKILL)
        return await task, time.monotonic() - killed

    died, seconds = played(story)
    assert "SIGKILL" in died.record["message"]
    assert seconds < 2


def test_worker_killed_while_idle_is_replaced_unseen():
    async def story(pool):
        await pool.apply(abs, -1)
        os.kill(pool._idle[0].process.pid, signal.SIGKILL)
        pool._idle[0].process.join(5)
        return await pool.apply(abs, -2)

    assert played(story)["output"] == 2


def test_errors_cross_the_border_and_the_worker_stays():
    async def story(pool):
        first = await pool.apply(os.getpid)
        failed = await failure(pool.apply(operator.truediv, 1, 0))
        return first["output"], failed, (await pool.apply(os.getpid))["output"]

    before, failed, after = played(story)
    assert (failed.status, failed.record["kind"]) == (500, "internal")
    assert before == after


def test_answer_that_cannot_be_pickled_is_an_error_not_a_hang():
    async def story(pool):
        return await failure(pool.apply(memoryview, b"x")), await pool.apply(abs, -1)

    failed, after = played(story)
    assert failed.status == 500
    assert after["output"] == 1


def test_pace_is_the_time_at_a_worker_without_the_time_of_waiting_for_one():
    async def story(pool):
        await pool.apply(abs, -1)
        pool.pace = None
        await asyncio.gather(*(pool.apply(time.sleep, 0.3) for _ in range(8)))
        return pool.pace

    assert 0.3 <= played(story) < 0.9


def test_large_answer_arrives_whole():
    async def story(pool):
        return await pool.apply(bytes, 30_000_000)

    assert len(played(story)["output"]) == 30_000_000


def test_training_has_its_own_process_and_no_prediction_waits_for_it():
    async def story(pool):
        slow = asyncio.ensure_future(failure(pool.apply(time.sleep, 30)))
        await asyncio.sleep(0.2)
        training = await failure(pool.apply(functools.partial(api.train, model_name="../x")))
        waiting = not slow.done()
        pool.shutdown()
        await slow
        return training, waiting

    training, waiting = played(story)
    assert (training.status, training.record["where"]) == (422, "model_name")
    assert waiting


def test_cancelled_call_ends_its_process_and_frees_its_place():
    async def story(pool):
        first = (await pool.apply(os.getpid))["output"]
        task = asyncio.ensure_future(pool.apply(time.sleep, 60))
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        second = (await pool.apply(os.getpid))["output"]
        return first, second

    first, second = played(story)
    assert first != second
    assert gone(first)


def test_worker_that_begins_slowly_begins_once_however_often_a_deadline_passes():
    async def story(pool):
        pool.first = functools.partial(time.sleep, 2)
        await failure(pool.apply(os._exit, 1))
        late = 0
        while True:
            try:
                async with asyncio.timeout(0.5):
                    return late, (await pool.apply(abs, -1))["output"], pool.restarts
            except TimeoutError:
                late += 1

    late, answer, restarts = played(story)
    assert late >= 3
    assert answer == 1
    assert restarts == {"died": 1, "cancelled": 0, "idle": 0}


def test_shutdown_answers_the_waiting_and_leaves_no_process():
    async def story(pool):
        first = (await pool.apply(os.getpid))["output"]
        calls = [asyncio.ensure_future(failure(pool.apply(time.sleep, 60))) for _ in range(3)]
        await asyncio.sleep(0.2)
        pool.shutdown()
        return first, await asyncio.gather(*calls)

    process, failures = played(story)
    assert [one.status for one in failures] == [503, 503, 503]
    assert all("ending" in one.record["message"] for one in failures)
    assert gone(process)
