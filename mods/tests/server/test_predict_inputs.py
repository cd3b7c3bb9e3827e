"""Files and values sent to a real server: nothing is left, the answer is as described."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import jsonschema
import pandas as pd
import pytest

import mods
from mods.deepaas import described as description
from mods.deepaas import uploads
from mods.request.given import STEM
from mods.tests.conftest import rhythm

pytestmark = pytest.mark.server
ROOT = Path(mods.__file__).parents[1]
PATIENCE = 90
PREDICT = "/v2/models/mods/predict/"
COLUMNS = {"dns": "dns_in_distinct", "ssh": "ssh_in"}
EDGE = "----edge"


@pytest.fixture(scope="module")
def temporary(tmp_path_factory):
    return tmp_path_factory.mktemp("temporary")


@pytest.fixture(scope="module")
def service(start, temporary):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(temporary))
        stale = temporary / f".{STEM}-abcdefgh.draft"
        stale.mkdir()
        (stale / "upload").write_text("of a server that was killed")
        return start()


@pytest.fixture
def table():
    """The last day of the pool as a file would hold it."""
    found = rhythm().rename(columns=COLUMNS).iloc[-144:].reset_index(names="time")
    return found.assign(time=(found["time"] + pd.Timedelta("1h")).map(pd.Timestamp.isoformat))


def form(*parts):
    """A body of multipart/form-data and its header; parts are (name, content, file name or '')."""
    body = b""
    for name, content, file in parts:
        told = f'; filename="{file}"' if file else ""
        head = f'--{EDGE}\r\nContent-Disposition: form-data; name="{name}"{told}\r\n\r\n'
        body += head.encode() + content + b"\r\n"
    head = {"Content-Type": f"multipart/form-data; boundary={EDGE}"}
    return head, body + f"--{EDGE}--\r\n".encode()


def ask(service, *parts, **headers):
    head, body = form(("model_name", b"small", ""), *parts)
    return service.ask("POST", PREDICT, {**head, **headers}, body)


def described(service):
    """The schema of the answer as JSON Schema: what Swagger 2.0 calls x-nullable may be null."""
    text = json.dumps(service.get("/swagger.json").json)
    spec = json.loads(text, object_hook=_nullable)
    return {**spec["definitions"]["ModelPredictionResponse"], "definitions": spec["definitions"]}


def _nullable(node):
    return {**node, "type": [node["type"], "null"]} if node.get("x-nullable") else node


def left(temporary):
    return [path for path in temporary.iterdir() if path.name.startswith((".mods", "tmp"))]


def undescribed(answer, schema, root):
    """The names in an answer that the schema does not have."""
    schema = root["definitions"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema
    if isinstance(answer, list):
        return {n for one in answer[:3] for n in undescribed(one, schema.get("items", {}), root)}
    if not isinstance(answer, dict) or "properties" not in schema:
        return set()
    known = schema["properties"]
    deeper = (undescribed(one, known.get(name, {}), root) for name, one in answer.items())
    return {*answer} - {*known} | {name for one in deeper for name in one}


def test_file_gives_its_forecast_and_nothing_of_it_is_left(service, temporary, table):
    content = table.to_csv(index=False).encode()
    answer = ask(service, ("data", content, "../../../etc/passwd"))
    assert answer.status == 200, answer.body
    assert answer.json["data"]["kind"] == "file"
    assert answer.json["data"]["last"] == "2024-03-13T00:50:00Z"
    assert not left(temporary)
    csv = ask(service, ("data", content, "a"), accept="text/csv").body.decode().splitlines()
    first = float(csv[1].split(",")[3])
    assert answer.json["forecasts"][0][0][0] == pytest.approx(first, rel=1e-5)


def test_parts_of_a_form_that_cannot_be_read_are_the_clients_error(service, temporary):
    for parts in ([("data", b"x", "a\0b")], [("a\r\nb: c\0", b"x", "")]):
        answer = ask(service, *parts)
        assert (answer.status, answer.kind) == (422, "application/json")
    head, body = form(("data", b"x", "a"))
    for headers, content in (
        ({**head, "Content-Encoding": "gzip"}, body),
        ({**head, "Content-Encoding": "deflate"}, body),
        (head, body[:-20]),
        ({"Content-Type": "multipart/form-data; boundary="}, body),
    ):
        answer = service.ask("POST", PREDICT, headers, content)
        assert 400 <= answer.status < 500, answer.body
    assert not left(temporary)


def test_form_without_a_body_is_none_as_the_swagger_page_sends_it(service):
    headers = {"content-type": "multipart/form-data"}
    assert service.ask("POST", f"{PREDICT}?model_name=small", headers).status == 200


def test_file_that_is_refused_leaves_nothing(service, temporary):
    answer = ask(service, ("data", b"PK\3\4 no zip", "a.zip"))
    assert (answer.status, answer.kind) == (422, "application/json")
    assert str(temporary) not in answer.body.decode()
    answer = ask(service, ("data", b"time,a\n", "a.csv"), ("batch_size", b"0", ""))
    assert (answer.status, list(answer.json)) == (422, ["batch_size"])
    assert not left(temporary)


def test_worker_that_dies_over_a_file_leaves_nothing(service, temporary, table):
    (worker,) = service.workers()
    os.kill(worker, signal.SIGSTOP)
    replies = []
    part = ("data", table.to_csv(index=False).encode(), "a.csv")
    asking = threading.Thread(target=lambda: replies.append(ask(service, part)))
    asking.start()
    service.until(lambda: list(temporary.glob(f".{STEM}-*/upload")))
    (temporary / f".{STEM}-deadbeef.draft").mkdir()  # as the worker would have made it
    os.kill(worker, signal.SIGKILL)
    asking.join(PATIENCE)
    assert replies[0].status == 503
    service.until(lambda: not left(temporary))
    assert ask(service, part).status == 200


def test_more_bytes_than_allowed_are_not_even_read(service):
    head, _ = form()
    started = time.monotonic()
    told = {**head, "Content-Length": str(uploads.LARGEST + 1)}
    answer = service.ask("POST", f"{PREDICT}?model_name=small", told, b"x")
    assert (answer.status, answer.json["where"]) == (413, "request body")
    assert time.monotonic() - started < 50


def test_more_bytes_than_allowed_in_pieces_are_refused_on_the_way(service, temporary):
    head, body = form(("model_name", b"small", ""), ("data", b"1" * (uploads.LARGEST + 10), "a"))
    pieces = (body[at : at + 2**20] for at in range(0, len(body), 2**20))
    answer = service.ask("POST", PREDICT, head, pieces)
    assert (answer.status, answer.kind) == (413, "application/json")
    assert not left(temporary)


def test_values_as_json_and_as_a_form_give_the_same(service):
    values = [[3021, 1207, 182, 301], [3102, None, 190, 299]]
    told = {"model_name": "small", "values": values, "last_time": "2024-03-12T23:00:00Z"}
    head = {"Content-Type": "application/json"}
    first = service.ask("POST", PREDICT, head, json.dumps(told).encode())
    assert first.status == 200, first.body
    second = ask(
        service,
        ("values", json.dumps(values).encode(), ""),
        ("last_time", told["last_time"].encode(), ""),
    )
    assert first.json == second.json
    assert first.json["origins"] == ["2024-03-12T23:00:00Z"]


@pytest.mark.parametrize(
    ("parts", "field", "reason"),
    [
        ([("data", b"a text", "")], "data", "Not a file"),
        ([("data", b"a", "a"), ("data", b"b", "b")], "data", "is sent more than once"),
        ([("values", b"[1", "")], "values", "are no JSON"),
        ([("values", b"[[1]]", "")], "values", "the model 4 features"),
        ([("last_time", b"soon", "")], "last_time", "Write it as 2019-06-01T00:10:00Z"),
        ([("last_time", b"2019-06-01", "")], "last_time", "there are no values"),
        ([("time_rage", b"<2019,2020>", "")], "time_rage", "Known are batch_size"),
        ([("values", b"[]", ""), ("data", b"a", "a")], "values", "Give either data or values"),
    ],
)
def test_mistake_is_a_422_that_names_the_field(service, parts, field, reason):
    answer = ask(service, *parts)
    assert (answer.status, answer.kind) == (422, "application/json")
    said = answer.json.get(field) or [f"{answer.json['message']}. {answer.json['fix']}"]
    assert reason in said[0]
    assert field in answer.json or answer.json["where"] == field


def test_answer_is_as_the_description_says(service, table):
    schema = described(service)
    content = table.assign(conn_out=None).to_csv(index=False).encode()
    asked = [
        service.predict(model_name="small"),
        service.predict(model_name="small", quantiles="0.1,0.5", limits="conn_in<10"),
        service.predict(model_name="small", time_range="<2024-03-11,2024-03-12)"),
        ask(service, ("data", table.to_csv(index=False).encode(), "a")),
        ask(service, ("data", content.replace(b",,", b",0,", 20), "a")),
    ]
    for answer in asked:
        assert answer.status == 200, answer.body
        jsonschema.Draft4Validator(schema).validate(answer.json)
        assert undescribed(answer.json, schema, schema) == set()
        assert {*schema["required"]} == {*answer.json}


def test_description_of_every_field_says_what_to_write(service):
    operation = service.get("/swagger.json").json["paths"][PREDICT]["post"]
    fields = {one["name"]: one for one in operation["parameters"]}
    assert fields["data"]["type"] == "file"
    assert fields["data"]["in"] == fields["values"]["in"] == "formData"
    assert all(len(one["description"]) > 20 for one in fields.values())
    assert {"200", *description.PREDICT} == {*operation["responses"]}


def test_description_has_the_refusals_of_trainings_and_both_shapes_of_a_422(service):
    spec = service.get("/swagger.json").json
    paths = {path: one for path, one in spec["paths"].items() if "/train/" in path}
    for path, operations in paths.items():
        for method, operation in operations.items():
            if method in ("post", "get", "delete"):
                one = "{" in path
                assert {"200", "401", "403"} <= {*operation["responses"]}
                assert ("404" in operation["responses"]) == one
                asked = [one for one in operation.get("parameters", ()) if one["in"] != "path"]
                assert ("422" in operation["responses"]) == bool(asked)
    refusal = {**spec["definitions"]["Refusal"], "definitions": spec["definitions"]}
    for wrong in ({"batch_size": 0}, {"no_field": 1}, {"quantiles": "2"}):
        answer = service.predict(model_name="small", **wrong)
        assert answer.status == 422
        jsonschema.Draft4Validator(refusal).validate(answer.json)


def examples():
    text = (ROOT / "docs/predicting-over-rest.md").read_text()
    return re.findall(r"```sh\n(.*?)```", text, re.DOTALL)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not there")
@pytest.mark.skipif(not (ROOT / "docs").is_dir(), reason="installed without its docs")
def test_examples_of_the_docs_run(service, table, tmp_path):
    table.to_csv(tmp_path / "recent.csv", index=False)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    base = {"PATH": path, "APP_INPUT_OUTPUT_BASE_DIR": str(service.base)}
    said = []
    for example in examples():
        line = example.replace("localhost:5000", f"127.0.0.1:{service.port}")
        done = subprocess.run(  # noqa: S603
            ["bash", "-ec", re.sub(r"\bweek\b", "small", line)],  # noqa: S607
            cwd=tmp_path,
            env={**os.environ, **base},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=True,
        )
        said.append(done.stdout)
    models, *answers, files, wrong, cli = said
    assert "small" in json.loads(models)["models"]
    assert len(answers) == 5
    assert [json.loads(one)["model"]["name"] for one in answers] == ["small"] * 5
    assert files == ""
    assert "Output is saved in next.json" in cli
    assert (tmp_path / "next.csv").read_text().startswith("origin,lead,feature,forecast")
    assert (tmp_path / "next.png").read_bytes().startswith(b"\x89PNG")
    assert re.findall(r"\}(\d{3})", wrong) == ["404", "422"]
    assert json.loads((tmp_path / "next.json").read_text())["data"]["kind"] == "file"
