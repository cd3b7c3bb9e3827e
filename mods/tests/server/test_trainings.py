"""Trainings over HTTP: seen, cancelled, one to a name; they outlive their server and any kill."""

import os
import signal
import subprocess
import sys
import time
import zipfile

import numpy as np
import pytest

from mods.tests.server.conftest import SOON

pytestmark = [pytest.mark.server, pytest.mark.timeout(900)]
NET = {"model_type": "Conv1D", "sequence_len": 6, "blocks": 4, "steps_ahead": 2}
SLOW = {"num_epochs": 40, "epochs_patience": 40, "batch_size": 256, "dropout_rate": 0.3}
PATIENCE = 280
MINE = {**NET, **SLOW, "model_name_timestamp": "false"}


def weights(path):
    with zipfile.ZipFile(path) as archive, archive.open("weights.npz") as file:
        return {name: array.tobytes() for name, array in np.load(file).items()}


def unbroken(pool, place):
    """The weights of the same training that nobody disturbed, in a process of its own, too."""
    options = {**NET, **SLOW, "model_name": "week", "data": pool, "models": place}
    words = [str(word) for name, value in options.items() for word in (f"--{name}", value)]
    subprocess.run([sys.executable, "-m", "mods", "train", *words], check=True, capture_output=True)
    return weights(place / "week.zip")


def test_training_outlives_its_kill_and_that_of_its_server(start, pool, tmp_path):
    first = start()
    asked = first.train(model_name="week", **MINE)
    uuid = asked.json["uuid"]
    first.until(lambda: first.training(uuid).json["progress"]["epoch"] >= 2, PATIENCE)
    seen = first.training(uuid).json
    assert (seen["state"], seen["progress"]["epochs"]) == ("running", 40)
    assert seen["progress"]["val_loss"] > 0 and seen["progress"]["seconds_left"] > 0
    os.kill(first.job(uuid).pid, signal.SIGKILL)
    first.until(lambda: first.training(uuid).json["state"] == "interrupted")
    assert "out of memory" in first.training(uuid).json["message"]
    assert first.train(model_name="week", **MINE).status == 409
    first.stop()

    second = start(base=first.base)
    second.until(lambda: second.training(uuid).json["state"] == "running")
    second.stop(signal.SIGKILL)

    third = start(base=first.base)
    state = third.ended(uuid)
    assert (state["status"], state["resumes"]) == ("done", 1), state
    assert state["result"]["output"]["epochs"] == 40
    assert [one["uuid"] for one in third.get("/v2/models/mods/train/").json] == [uuid]
    assert third.predict(model_name="week").status == 200
    assert weights(first.base / "models" / "week.zip") == unbroken(pool, tmp_path)


def test_query_for_what_the_datapool_lacks_is_refused_and_names_what_it_has(start):
    service = start()
    lacking = {**MINE, "data_select_query": "conn|in_count_uid~conn_in;ssh|inn~ssh_in"}
    refused = service.train(model_name="week", **lacking)
    assert (refused.status, refused.json["kind"]) == (422, "input")
    assert refused.json["message"] == "ssh has no column 'inn'"
    assert (refused.json["where"], refused.json["fix"]) == ("data_select_query", "It has in")
    assert str(service.base) not in refused.body.decode()


def test_one_training_at_a_time_one_to_a_name_and_no_prediction_waits(start):
    service = start()
    assert service.predict(model_name="small").status == 200
    uuid = service.train(model_name="week", **{**MINE, "num_epochs": 100_000}).json["uuid"]
    again = service.train(model_name="week", **MINE)
    assert (again.status, again.json["kind"]) == (409, "usage")
    assert uuid[:8] in again.json["message"] and "another name" in again.json["fix"]
    waiting = service.train(model_name="other", **MINE).json
    assert (waiting["state"], waiting["status"]) == ("queued", "running")
    service.until(lambda: service.training(uuid).json["progress"]["epoch"] >= 1, PATIENCE)
    times = []
    for _ in range(9):
        asked = time.monotonic()
        assert service.predict(model_name="small").status == 200
        times.append(time.monotonic() - asked)
    assert sorted(times)[4] < SOON
    for key in (waiting["uuid"], uuid):
        gone = service.ask("DELETE", f"/v2/models/mods/train/{key}")
        assert (gone.status, gone.json["state"]) == (200, "cancelled")
    assert not (service.base / "models" / "week.zip").exists()
    assert list((service.base / "checkpoints").glob("*.zip"))
