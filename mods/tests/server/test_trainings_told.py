"""What a client is told of its trainings, and does to them, by the role of its token."""

import time

import pytest

from mods.jobs import control
from mods.tests.server.serving import ADMIN, READ

pytestmark = [pytest.mark.server, pytest.mark.timeout(600)]
TRAIN = "/v2/models/mods/train"
NET = {"model_type": "Conv1D", "sequence_len": 6, "blocks": 4, "num_epochs": 100_000}
MINE = {**NET, "epochs_patience": 100_000, "model_name_timestamp": "false"}
EMPTY = "<2001-01-01,2001-02-01)"
AT_ONCE = 1.0  # seconds that are promised for DELETE
TOKENS = {"MODS_TOKEN": READ, "MODS_ADMIN_TOKEN": ADMIN}


@pytest.fixture(scope="module")
def service(serve):
    service = serve("--base_path", "/mods", "--workers", "1", **TOKENS)
    service.prefix = "/mods"
    return service


@pytest.fixture(autouse=True)
def alone(service):
    """Each test begins as admin, and leaves no training that others would wait for."""
    service.token = ADMIN
    yield
    service.cancel_all()


def record(service, uuid):
    return service.training(uuid).json


def began(service, name):
    """A training that runs, and has only just been started."""
    uuid = service.train(model_name=name, **MINE).json["uuid"]
    service.until(lambda: service.job(uuid).pid is not None)
    return uuid


def test_training_that_is_still_importing_is_cancelled_at_once_and_goes_on_when_resumed(service):
    uuid = began(service, "early")
    asked = time.monotonic()
    answer = service.ask("DELETE", f"{TRAIN}/{uuid}")
    assert time.monotonic() - asked < AT_ONCE
    assert (answer.status, answer.json["state"]) in ((200, "cancelled"), (200, "cancelling"))
    service.until(lambda: record(service, uuid)["state"] == "cancelled", control.GRACE + 5)
    told = record(service, uuid)
    assert told["status"] == "cancelled"
    assert told["message"] == "cancelled after 0 of at most 100000 epochs"
    assert told["result"]["output"] == {"message": told["message"]}
    assert told["finish_date"] == told["result"]["finish_date"] >= told["started"]

    path = told["resume"]
    assert path == f"/mods{TRAIN}/{uuid}/resume"
    again = service.ask("POST", path.removeprefix("/mods"))
    assert again.status == 200 and again.json["state"] in ("queued", "running")
    assert again.json["resume"] is again.json["finish_date"] is None
    assert "result" not in again.json
    twice = service.ask("POST", path.removeprefix("/mods"))
    assert (twice.status, twice.kind) == (409, "application/json")
    assert "only what was interrupted" in twice.json["message"]


def test_record_of_a_failure_has_its_reason_and_end_also_after_a_restart(serve, service):
    asked = {"model_name": "empty", "model_name_timestamp": "false", "train_time_range": EMPTY}
    uuid = service.train(**asked).json["uuid"]
    service.ended(uuid)
    told = record(service, uuid)
    assert told["status"] == "error" and told["state"] == "failed"
    assert told["result"]["output"]["message"] == told["message"] != ""
    assert told["finish_date"] == told["result"]["finish_date"] and told["result"]["duration"]
    assert told["log"][-1].endswith(told["message"]) and str(service.base) not in str(told)
    later = serve(base=service.base, **TOKENS)
    later.token = READ
    again = record(later, uuid)
    assert again.pop("resume") == f"{TRAIN}/{uuid}/resume"
    assert told.pop("resume") == f"/mods{TRAIN}/{uuid}/resume"
    assert again == told
    later.stop()


def test_log_is_read_as_lines_or_text_and_mistakes_are_told(service):
    asked = {"model_name": "gone", "model_name_timestamp": "false", "train_time_range": EMPTY}
    uuid = service.train(**asked).json["uuid"]
    service.ended(uuid)
    service.token = READ
    told = service.get(f"{TRAIN}/{uuid}/log").json
    assert (told["uuid"], told["state"]) == (uuid, "failed")
    assert told["lines"][0].endswith("training gone") and len(told["lines"]) > 1
    text = service.ask("GET", f"{TRAIN}/{uuid}/log?lines=1", {"Accept": "text/plain"})
    assert (text.kind, text.body.decode()) == ("text/plain", told["lines"][-1] + "\n")
    for query, status in (("?lines=0", 422), ("?lines=many", 422), ("?line=1", 422)):
        wrong = service.get(f"{TRAIN}/{uuid}/log{query}")
        assert (wrong.status, wrong.kind) == (status, "application/json"), wrong.body
    assert service.get(f"{TRAIN}/{'0' * 32}/log").status == 404
    refused = service.ask("POST", f"{TRAIN}/{uuid}/resume")
    assert (refused.status, refused.kind) == (403, "application/json")
    service.token = ""
    assert service.get(f"{TRAIN}/{uuid}/log").status == 401
    service.token = ADMIN
    lost = service.ask("POST", f"{TRAIN}/{'0' * 32}/resume")
    assert (lost.status, lost.json["message"]) == (404, "no such training")


def test_page_describes_log_and_resume(service):
    paths = service.get("/swagger.json").json["paths"]
    log = paths[f"/mods{TRAIN}/{{uuid}}/log"]["get"]
    assert {one["name"]: one["in"] for one in log["parameters"]} == {
        "lines": "query",
        "uuid": "path",
    }
    assert log["produces"] == ["application/json", "text/plain"]
    resume = paths[f"/mods{TRAIN}/{{uuid}}/resume"]["post"]
    assert {"200", "401", "403", "404", "409"} <= resume["responses"].keys()


def test_plain_deepaas_has_them_too(start):
    service = start()
    asked = {"model_name": "gone", "model_name_timestamp": "false", "train_time_range": EMPTY}
    told = service.trained(**asked)
    assert service.get(f"{TRAIN}/{told['uuid']}/log?lines=1").json["lines"] == told["log"][-1:]
    again = service.ask("POST", told["resume"])
    assert again.status == 200 and again.json["state"] in ("queued", "running")
    assert service.ended(told["uuid"])["message"] == told["message"]
