"""SIGKILL of the server, its worker and trainings while others wait: none is lost, none runs twice.

MODS_KILLS=20 for more.
"""

import os
import random
import signal
import time
from collections import Counter

import pytest

from mods.jobs import logs
from mods.jobs.job import DONE, INTERRUPTED, OPEN, RUNNING

KILLS = int(os.environ.get("MODS_KILLS", "3"))
pytestmark = [pytest.mark.server, pytest.mark.timeout(600 + 120 * KILLS)]
TINY = {"model_type": "Conv1D", "sequence_len": 6, "blocks": 2, "num_epochs": 2}
MINE = {**TINY, "epochs_patience": 2, "model_name_timestamp": "false"}
WAITING = 3
VICTIMS = ("training", "server", "worker")
LONGEST = 6.0
PATIENCE = 600 + 60 * KILLS


def asked(service, uuids):
    """Keep as many trainings open as shall be; each to a name of its own."""
    while len(service.book.jobs(*OPEN)) < WAITING:
        reply = service.train(model_name=f"m{len(uuids)}", **MINE)
        assert reply.status == 200, reply.body
        uuids.append(reply.json["uuid"])


def killed(service, victim):
    """Kill it; the id of the training that it was, if it was one."""
    if victim == "server":
        service.stop(signal.SIGKILL)
    elif victim == "worker":
        for worker in service.workers():
            os.kill(worker, signal.SIGKILL)
        service.until(lambda: service.predict().status == 200)
    for job in service.book.jobs(RUNNING) if victim == "training" else ():
        if job.pid is not None and logs.alive(service.book.folder, job.id):
            os.kill(job.pid, signal.SIGKILL)
            return job.id
    return None


def until_begun(service):
    service.until(lambda: any(job.pid for job in service.book.jobs(RUNNING)), PATIENCE)


def until_found(service, key):
    service.until(lambda: service.book.find(key).state in (INTERRUPTED, DONE), PATIENCE)


def starts(service, job):
    """How often its process began to train, by its log."""
    said = logs.tail(service.book.folder, job.id, 100_000).splitlines()
    return sum(line.endswith(f" training {job.model_name}") for line in said)


def test_whoever_is_killed_every_training_is_done_once(serve):
    chance, uuids, struck, rounds = random.Random(11), [], Counter(), Counter()
    service = serve("--workers", "1")
    service.book.limits(resumes=1000)
    for number in range(KILLS):
        asked(service, uuids)
        victim = VICTIMS[number % len(VICTIMS)]
        if victim == "training":
            until_begun(service)
        time.sleep(chance.uniform(0, LONGEST))
        key = killed(service, victim)
        struck[key] += 1
        rounds[victim] += victim != "training" or key is not None
        assert [job.id for job in service.book.jobs()] == uuids
        if victim == "server":
            service = serve("--workers", "1", base=service.base)
        elif key is not None:
            until_found(service, key)
            assert service.training(key).json["message"]
    service.stop()
    service = serve("--workers", "1", base=service.base)  # what was interrupted goes on
    book = service.book
    service.until(lambda: not book.jobs(*OPEN), PATIENCE)
    jobs = service.book.jobs()
    assert [job.id for job in jobs] == uuids and {job.state for job in jobs} == {DONE}
    for job in jobs:
        assert (service.base / "models" / f"{job.model_name}.zip").exists()
        assert job.progress.epoch == job.result["epochs"] == 2
        assert 1 <= starts(service, job) <= 1 + struck[job.id]
    print(f"{len(jobs)} trainings done; killed: {dict(rounds)}")  # noqa: T201
