"""`mods serve` under deaths, floods and signals. MODS_KILLS=100 kills as often as was promised."""

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from mods.tests.server.conftest import ANSWERED, ENDED, SOON
from mods.tests.server.deadly import DEATHS

pytestmark = pytest.mark.server
KILLS = int(os.environ.get("MODS_KILLS", "5"))
LONG, SHORT = 666_060, 666_005


@pytest.fixture(scope="module")
def service(serve):
    return serve("--workers", "1", "--max_queue", "4", deadly=True)


@pytest.mark.timeout(60 + 20 * KILLS)
@pytest.mark.parametrize("death", sorted(set(DEATHS) - {LONG, SHORT}))
def test_death_in_a_prediction_answers_soon_and_the_next_works(service, death):
    for _ in range(KILLS):
        assert service.predict().status == 200
        began = time.monotonic()
        answer = service.predict(batch_size=death)
        assert time.monotonic() - began < ANSWERED
        assert (answer.status, answer.kind) == (503, "application/json")
        assert "ended before it had answered" in answer.json["message"]
    assert service.predict().status == 200


def test_thirty_at_once_on_one_worker_are_answered_or_told_to_come_again(service):
    assert service.predict().status == 200
    with ThreadPoolExecutor(30) as clients:
        answers = list(clients.map(lambda _: service.predict(batch_size=SHORT), range(30)))
    told = [one for one in answers if one.status == 503]
    assert {one.status for one in answers} == {200, 503}
    assert len(answers) - len(told) >= 5  # the worker, and who may wait
    assert all(int(one.headers["Retry-After"]) >= 1 for one in told)
    assert all("too many" in one.json["message"] for one in told)
    assert service.predict().status == 200


def test_late_answer_is_a_504_and_the_worker_is_free_again(serve):
    service = serve("--workers", "1", "--timeout", "12", deadly=True)
    service.until(lambda: service.predict().status == 200)
    (before,) = service.workers()
    late = service.predict(batch_size=LONG)
    assert (late.status, late.kind) == (504, "application/json")
    assert "--timeout" in late.json["fix"]
    service.until(lambda: service.predict().status == 200)
    assert service.workers() != [before]


@pytest.mark.parametrize(("work", "status"), [(SHORT, 200), (LONG, 503)])
def test_sigterm_lets_the_last_answers_out(serve, work, status):
    service = serve("--workers", "1", deadly=True)
    assert service.predict().status == 200
    replies = []
    asking = threading.Thread(target=lambda: replies.append(service.predict(batch_size=work)))
    asking.start()
    service.until(lambda: replies or b"mods_workers_busy 1" in service.get("/metrics").body)
    workers = service.workers()
    assert service.stop() < ENDED
    asking.join(SOON)
    assert service.process.returncode == 0
    assert (replies[0].status, replies[0].kind) == (status, "application/json")
    assert not [worker for worker in workers if os.path.exists(f"/proc/{worker}")]
    assert "Traceback" not in service.log.read_text()
    assert "ended by SIGTERM" in service.log.read_text()


def test_sigterm_ends_in_time_with_a_training_a_cancellation_and_predictions_at_work(serve):
    """The training is stopped, so that its cancellation would take ten seconds alone."""
    service = serve("--workers", "2", deadly=True)
    assert service.predict().status == 200
    slow = {"model_type": "Conv1D", "sequence_len": 6, "blocks": 4, "num_epochs": 100_000}
    uuid = service.train(model_name="week", **slow).json["uuid"]
    service.until(lambda: service.job(uuid).pid is not None)
    os.kill(service.job(uuid).pid, signal.SIGSTOP)
    asked = [lambda: service.ask("DELETE", f"/v2/models/mods/train/{uuid}")]
    asked += [lambda: service.predict(batch_size=LONG)] * 2
    waiting = [service.predict] * 4
    with ThreadPoolExecutor(len(asked) + len(waiting)) as clients:
        replies = [clients.submit(one) for one in asked]
        service.until(lambda: b"mods_workers_busy 2" in service.get("/metrics").body)
        replies += [clients.submit(one) for one in waiting]
        service.until(lambda: b"mods_queue 4" in service.get("/metrics").body)
        seconds = service.stop()
        answers = [one.result(SOON) for one in replies]
    service.cancel_all()
    assert seconds < ENDED
    assert service.process.returncode == 0
    assert {(one.status, one.kind) for one in answers[1:]} == {(503, "application/json")}
