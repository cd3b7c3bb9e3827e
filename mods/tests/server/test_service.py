"""One real server, plain `deepaas-run` with one worker, asked over HTTP."""

import json
import os
import signal
import socket
import time

import pytest

from mods.jobs import control
from mods.tests.server.conftest import ANSWERED, ENDED

PATIENCE = 90
SMALL = {"num_epochs": 1, "sequence_len": 6, "blocks": 2, "stacked_blocks": 1}
LONG = {**SMALL, "num_epochs": 100_000, "epochs_patience": 100_000}


@pytest.fixture(scope="module")
def service(start):
    return start()


def test_metadata_names_the_models_there_are(service):
    answer = service.get("/v2/models/mods/").json
    assert (answer["id"], answer["name"]) == ("mods", "mods")
    assert "small" in answer["models"]


def test_swagger_page_describes_every_field_with_its_limits(service):
    paths = service.get("/swagger.json").json["paths"]
    fields = {f["name"]: f for f in paths["/v2/models/mods/train/"]["post"]["parameters"]}
    assert fields["steps_ahead"]["description"].endswith("Allowed: 1 to 1000.")
    assert (fields["steps_ahead"]["minimum"], fields["steps_ahead"]["maximum"]) == (1, 1000)
    assert fields["steps_ahead"]["default"] == 1
    assert "LSTM" in fields["model_type"]["enum"]
    assert fields["model_name"]["required"]
    predict = paths["/v2/models/mods/predict/"]["post"]
    assert "image/png" in predict["produces"]
    answer = service.get("/swagger.json").json["definitions"]["ModelPredictionResponse"]
    assert "forecasts" in answer["properties"]


def test_training_then_prediction_with_the_new_model(service):
    state = service.trained(model_name="fresh", model_type="Conv1D", steps_ahead=2, **SMALL)
    assert state["status"] == "done", state
    name = state["result"]["output"]["model_name"]
    assert name.startswith("fresh-2")
    answer = service.predict(model_name=name)
    assert (answer.status, answer.kind) == (200, "application/json")
    assert answer.json["leads"] == [1, 2]
    assert len(answer.json["forecasts"][0]) == 2
    assert name in service.get("/v2/models/mods/").json["models"]


def test_range_is_forecast_from_every_origin_and_scored(service):
    answer = service.predict(model_name="small", time_range="<2024-03-10,2024-03-11)").json
    assert len(answer["origins"]) > 100
    assert answer["evaluation"]["mean"] > 0


@pytest.mark.parametrize(
    ("accept", "kind", "begins"),
    [
        ("text/csv", "text/csv", b"origin,lead,feature,forecast,lower_80"),
        ("Application/CSV", "application/csv", b"origin,lead,feature,forecast,lower_80"),
        ("image/png", "image/png", b"\x89PNG"),
        ("text/html,*/*;q=0.8", "application/json", b'{"model"'),
        ("APPLICATION/JSON", "application/json", b'{"model"'),
    ],
)
def test_accept_chooses_the_kind_of_answer(service, accept, kind, begins):
    answer = service.predict(model_name="small", accept=accept)
    assert (answer.status, answer.kind) == (200, kind)
    assert answer.body.startswith(begins)


@pytest.mark.parametrize(
    ("wrong", "field", "reason"),
    [
        ({"batch_size": 0}, "batch_size", "0 is out of range. Give 1 to 1000000."),
        ({"batch_size": "many"}, "batch_size", "Not a whole number."),
        ({"time_range": "<2024-03-11,2024-03-10)"}, "time_range", "is reversed"),
        ({"time_range": "today"}, "time_range", "is no time range"),
        ({"model_name": "../../etc/passwd"}, "model_name", "is no name"),
        ({"model_name": ""}, "model_name", "no value given"),
    ],
)
def test_wrong_input_is_a_422_with_field_and_reason(service, wrong, field, reason):
    answer = service.predict(**{"model_name": "small", **wrong})
    assert (answer.status, answer.kind) == (422, "application/json")
    assert reason in answer.json[field][0]


def test_unknown_network_is_refused_before_any_training(service):
    answer = service.train(model_name="a", model_type="Transformer9")
    assert answer.status == 422
    assert "LSTM" in answer.json["model_type"][0]


def test_ranges_that_overlap_are_refused_before_any_training(service):
    answer = service.train(
        model_name="a",
        train_time_range="<2024-03-04,2024-03-09)",
        test_time_range="<2024-03-08,2024-03-10)",
    )
    assert (answer.status, answer.json["where"]) == (422, "test_time_range")


def test_unknown_model_is_a_404_naming_the_known(service):
    answer = service.predict(model_name="nobody")
    assert (answer.status, answer.kind) == (404, "application/json")
    assert "small" in " ".join(answer.json.values())


def test_range_without_data_says_what_there_is(service):
    answer = service.predict(model_name="small", time_range="<2031-01-01,2031-01-02)")
    assert answer.status == 422
    assert set(answer.json) == {"kind", "message", "where", "fix"}


def test_training_that_cannot_be_done_says_why(service):
    state = service.trained(model_name="a", train_time_range="<2031-01-01,2031-01-02)", **SMALL)
    assert state["status"] == "error"
    assert state["message"]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b"{"),
        ("application/json", b"\xff"),
        ("application/json; charset=klingon", b"{}"),
        ("application/json", b"[" * 100_000),
        ("multipart/form-data", b"x"),
        ("application/x-www-form-urlencoded; charset=klingon", b"a=b"),
    ],
)
def test_body_that_cannot_be_read_is_the_clients_error(service, kind, body):
    answer = service.ask("POST", "/v2/models/mods/predict/", {"Content-Type": kind}, body)
    assert answer.status in (400, 422)
    assert answer.kind == "application/json"


def test_fields_of_one_client_never_reach_another(service):
    """The slow client has no batch_size; the other's wrong one must not become its own."""
    head = (
        "POST /v2/models/mods/predict/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 16\r\n\r\nmodel_"
    )
    wrong = json.dumps({"model_name": "small", "batch_size": 0}).encode()
    with socket.create_connection(("127.0.0.1", service.port), timeout=PATIENCE) as slow:
        slow.sendall(head.encode())
        time.sleep(0.3)
        other = service.ask(
            "POST", "/v2/models/mods/predict/", {"Content-Type": "application/json"}, wrong
        )
        slow.sendall(b"name=small")
        answer = b"".join(iter(lambda: slow.recv(65536), b""))
    assert other.status == 422
    assert answer.startswith(b"HTTP/1.1 200")


def test_worker_killed_during_a_request_is_a_json_error_and_the_next_works(service):
    reply, seconds = service.struck(signal.SIGKILL)
    assert seconds < ANSWERED
    assert (reply.status, reply.kind) == (503, "application/json")
    assert "SIGKILL" in reply.json["message"]
    assert service.predict(model_name="small").status == 200


def test_cancelled_training_says_so_and_hinders_nobody(service):
    asked = service.train(model_name="long", **LONG)
    assert (asked.status, asked.json["status"], asked.json["state"]) == (200, "running", "running")
    address = f"/v2/models/mods/train/{asked.json['uuid']}"
    assert service.predict(model_name="small").status == 200
    gone = service.ask("DELETE", address)
    assert (gone.status, gone.json["state"]) in ((200, "cancelled"), (200, "cancelling"))
    service.until(lambda: service.get(address).json["state"] == "cancelled", control.GRACE + 5)
    again = service.ask("DELETE", address)
    assert (again.status, again.json["status"]) == (200, "cancelled")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_unknown_training_is_a_404_in_json(service, method):
    for uuid in ("abc", "0" * 32, "%2e%2e%2f"):
        answer = service.ask(method, f"/v2/models/mods/train/{uuid}")
        assert (answer.status, answer.json["message"]) == (404, "no such training")


def test_swagger_page_describes_what_is_said_of_a_training(service):
    told = service.get("/swagger.json").json
    training = told["definitions"]["Training"]
    assert "interrupted" in training["properties"]["state"]["enum"]
    listing = told["paths"]["/v2/models/mods/train/"]["get"]["responses"]["200"]["schema"]
    assert listing["type"] == "array"
    for answer in service.get("/v2/models/mods/train/").json:
        assert set(training["required"]) <= set(answer) <= set(training["properties"])


def test_sigterm_ends_the_server_and_the_training_goes_on(service):
    uuid = service.train(model_name="long", **LONG).json["uuid"]
    workers = service.workers()
    assert service.stop() < ENDED
    assert not [worker for worker in workers if os.path.exists(f"/proc/{worker}")]
    assert "Traceback" not in service.log.read_text()
    assert service.job(uuid).state == "running"
    service.cancel_all()
    assert service.job(uuid).state == "cancelled"
