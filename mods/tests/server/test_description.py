"""Requests made from the service's own description, right ones and wrong ones, by schemathesis.

MODS_SCHEMATHESIS_CASES=2000 for more.
"""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mods.jobs.book import Book

pytestmark = [
    pytest.mark.schemathesis,
    pytest.mark.skipif(
        importlib.util.find_spec("schemathesis") is None, reason="the extra schemathesis"
    ),
]
CASES = int(os.environ.get("MODS_SCHEMATHESIS_CASES", "200"))
SETTINGS = Path(__file__).with_name("schemathesis.toml")
TRAININGS = Path(__file__).with_name("schemathesis-trainings.toml")
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
TRAIN = "/v2/models/mods/train/"


@pytest.fixture(scope="module")
def service(start):
    return start()


@pytest.fixture(params=["deepaas-run", "mods serve"])
def queueing(request, start, serve, furnish):
    """A server that takes trainings and starts none: they wait, are refused as too many, go."""
    base = furnish()
    book = Book(base / "checkpoints" / "jobs")
    book.folder.mkdir(parents=True)
    book.limits(at_once=0, waiting=20)
    return start(base=base) if request.param == "deepaas-run" else serve(base=base)


def tried(service, *options, checks=CHECKS, cases=CASES, settings=SETTINGS):
    """How many requests were made; none failed a check or took 20 seconds."""
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        *("--config-file", str(settings), "run", f"http://127.0.0.1:{service.port}/swagger.json"),
        *("--phases", "coverage,fuzzing", "--max-examples", str(cases), "--seed", "1"),
        *("--checks", ",".join(checks), "--request-timeout", "20", "--continue-on-failure"),
        *("--warnings", "off", *options),
    ]
    done = subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, timeout=280 + cases, cwd=service.base, check=False
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr
    return int(re.search(r"(\d+) generated", done.stdout)[1])


@pytest.mark.timeout(300 + CASES)
def test_every_answer_but_of_trainings_is_as_described(service):
    """The debug page is DEEPaaS' own: off, it answers 204 without any content."""
    assert tried(service, "--exclude-path-regex", "train|debug") >= CASES


@pytest.mark.timeout(300 + CASES)
def test_wrong_requests_for_trainings_are_refused(service):
    """Right ones would train; that is tried elsewhere."""
    checks = ("not_a_server_error", "negative_data_rejection")
    wrong = ("--include-path", TRAIN, "--exclude-method", "GET", "--mode", "negative")
    assert tried(service, *wrong, checks=checks) >= CASES


@pytest.mark.timeout(300 + CASES)
def test_every_answer_about_trainings_is_as_described(queueing):
    """Right requests are entered in the book, and cancelled, without a training that runs."""
    right = ("--include-path-regex", TRAIN)
    assert tried(queueing, *right, settings=TRAININGS) >= CASES
    states = {one.state for one in queueing.book.jobs()}
    assert states and states <= {"queued", "cancelled"}
    queueing.cancel_all()
    assert queueing.train(model_name="last").json["state"] == "queued"


def test_service_answers_afterwards(service):
    assert service.predict(model_name="small").status == 200
