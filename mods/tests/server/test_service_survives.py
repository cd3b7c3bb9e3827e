"""Kills and floods of a real server: each lasts longer than a default test run should."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mods.tests.server.conftest import ANSWERED, ENDED

pytestmark = pytest.mark.server
TIMES = int(os.environ.get("MODS_KILLS", "5"))


@pytest.fixture(scope="module")
def service(start):
    return start()


def resident_mb(process: int) -> float:
    (line,) = (
        line
        for line in Path(f"/proc/{process}/status").read_text().splitlines()
        if line.startswith("VmRSS")
    )
    return int(line.split()[1]) / 1024


@pytest.mark.timeout(60 + 20 * TIMES)
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
def test_worker_that_dies_in_a_prediction_is_an_answer_soon(service, number):
    for _ in range(TIMES):
        reply, seconds = service.struck(number)
        assert seconds < ANSWERED
        assert (reply.status, reply.kind) == (503, "application/json")
        assert service.predict(model_name="small").status == 200


def test_thirty_at_once_are_all_answered_while_a_training_runs(service):
    uuid = service.train(model_name="long", num_epochs=100_000, epochs_patience=100_000).json
    with ThreadPoolExecutor(30) as clients:
        asked = [clients.submit(service.predict, model_name="small") for _ in range(30)]
        assert [one.result(120).status for one in asked] == [200] * 30
    assert service.get(f"/v2/models/mods/train/{uuid['uuid']}").json["status"] == "running"
    service.ask("DELETE", f"/v2/models/mods/train/{uuid['uuid']}")


def test_workers_stay_small(service):
    for _ in range(50):
        assert service.predict(model_name="small").status == 200
    assert max(resident_mb(worker) for worker in service.workers()) < 400


def test_predictions_never_mix_their_clients(service):
    """Half of the clients send a wrong field in JSON, half none: each gets its own answer."""
    address, kind = "/v2/models/mods/predict/", {"Content-Type": "application/json"}

    def ask(place):
        body = (
            b'{"model_name": "small", "batch_size": 0}' if place % 2 else b'{"model_name": "small"}'
        )
        return service.ask("POST", address, kind, body).status

    with ThreadPoolExecutor(16) as clients:
        assert list(clients.map(ask, range(200))) == [200, 422] * 100


def test_killed_server_leaves_no_worker(start):
    service = start("--workers", "2")
    workers = service.workers()
    assert len(workers) == 2
    service.stop(signal.SIGKILL)
    service.until(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers), 20)


def test_sigint_and_sigterm_end_the_server_at_any_moment(start):
    for number in (signal.SIGINT, signal.SIGTERM):
        service = start()
        assert service.stop(number) < ENDED
        assert "Traceback" not in service.log.read_text()
