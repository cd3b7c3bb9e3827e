"""`mods serve` as clients, browsers, proxies and operators meet it."""

import json
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from mods.tests.server.serving import ADMIN, READ

pytestmark = pytest.mark.server
PAGE = "https://board.example"
BASIC = "Basic eDpycnJycnJycnJycnJycnJycnJycnJycnJycnJycnJycnJycnJycnJy"  # x:READ


@pytest.fixture(scope="module")
def guarded(serve):
    """With tokens, a base path, CORS, JSON logs, a small body limit."""
    options = ("--base_path", "/mods", "--cors", PAGE, "--log_format", "json", "--max_body", "0.5")
    service = serve(*options, "--workers", "1", MODS_TOKEN=READ, MODS_ADMIN_TOKEN=ADMIN)
    service.prefix = "/mods"
    return service


@pytest.fixture
def reader(guarded):
    guarded.token = READ
    yield guarded
    guarded.token = ""


@pytest.fixture
def admin(guarded):
    guarded.token = ADMIN
    yield guarded
    guarded.token = ""


def figures(service):
    families = text_string_to_metric_families(service.get("/metrics").body.decode())
    return {
        (one.name, *sorted(one.labels.items())): one.value
        for family in families
        for one in family.samples
    }


@pytest.mark.parametrize(
    "path", ["/api", "/swagger.json", "/v2/", "/v2/models/mods/", "/metrics", "/nowhere"]
)
def test_nothing_but_health_is_open(guarded, path):
    answer = guarded.get(path)
    assert (answer.status, answer.kind) == (401, "application/json")
    assert "Authorization: Bearer" in answer.json["fix"]
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_health_is_open_and_tells_strangers_no_names(guarded):
    answer = guarded.get("/healthz")
    assert (answer.status, answer.json) == (200, {"status": "ok", "reason": ""})
    assert guarded.get("/healthz/live").json == {"status": "alive"}


@pytest.mark.parametrize("wrong", ["Bearer " + "x" * 40, "Bearer", "Basic !", f"Token {READ}"])
def test_wrong_token_is_as_good_as_none(guarded, wrong):
    assert guarded.ask("GET", "/v2/", {"Authorization": wrong}).status == 401


def test_reader_reads_and_predicts_and_does_not_train(reader):
    assert reader.get("/v2/models/mods/").status == 200
    assert reader.predict().status == 200
    for refused in (reader.train(model_name="a"), reader.ask("DELETE", "/v2/models/mods/train/a")):
        assert (refused.status, refused.kind) == (403, "application/json")
        assert "admin" in refused.json["fix"]


def test_admin_may_train(admin):
    assert admin.train(model_name="a", model_type="Nothing").status == 422


def test_browser_gets_the_page_below_the_base_path_with_the_token_as_password(guarded):
    page = guarded.ask("GET", "/api", {"Authorization": BASIC})
    assert (page.status, page.kind) == (200, "text/html")
    for path in re.findall(r'(?:href|src|url)[=:] ?"([^"]+)"', page.body.decode()):
        assert path.startswith("/mods/")
        kept, guarded.prefix = guarded.prefix, ""
        assert guarded.ask("GET", path, {"Authorization": BASIC}).status == 200
        guarded.prefix = kept
    assert "'sha256-" in page.headers["Content-Security-Policy"]
    described = guarded.ask("GET", "/swagger.json", {"Authorization": BASIC}).json
    assert described["securityDefinitions"]["token"]["name"] == "Authorization"
    assert "/mods/v2/models/mods/predict/" in described["paths"]


def test_page_of_another_site_cannot_make_a_browser_train(guarded):
    basic = "Basic eDphYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh"  # x:ADMIN
    headers = {"Authorization": basic, "Origin": "https://evil.example"}
    answer = guarded.ask("POST", "/v2/models/mods/train/?model_name=a", headers)
    assert answer.status == 403
    assert "evil.example" in answer.json["message"]


def test_cors_is_for_the_pages_that_were_named(guarded, reader):
    asks = {"Origin": PAGE, "Access-Control-Request-Method": "POST"}
    reader.token = ""
    before = reader.ask("OPTIONS", "/v2/models/mods/predict/", asks)
    assert before.status == 204
    assert before.headers["Access-Control-Allow-Origin"] == PAGE
    assert "Authorization" in before.headers["Access-Control-Allow-Headers"]
    reader.token = READ
    answer = reader.ask("POST", "/v2/models/mods/predict/?model_name=small", {"Origin": PAGE})
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (200, PAGE)
    other = reader.ask("GET", "/v2/", {"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in other.headers


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status"),
    [
        ("GET", "/nowhere", {}, None, 404),
        ("GET", "/v2/models/nobody/", {}, None, 404),
        ("PUT", "/v2/models/mods/predict/", {}, None, 405),
        ("POST", "/v2/models/mods/predict/", {"Content-Type": "text/csv"}, b"a,b", 415),
        ("POST", "/v2/models/mods/predict/", {"Content-Type": "application/json"}, b"{", 400),
        (
            "POST",
            "/v2/models/mods/predict/",
            {"Content-Type": "application/json"},
            b" " * 600_000,
            413,
        ),
        ("POST", "/v2/models/mods/predict/?model_name=nobody", {}, None, 404),
        ("POST", "/v2/models/mods/predict/?model_name=small&blok=3", {}, None, 422),
        ("DELETE", "/v2/models/mods/train/nothing", {}, None, 404),
    ],
)
def test_every_error_is_json(admin, method, path, headers, body, status):
    answer = admin.ask(method, path, headers, body)
    assert (answer.status, answer.kind) == (status, "application/json")
    assert answer.json
    assert answer.headers["X-Request-ID"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_unknown_field_tells_the_known(admin):
    answer = admin.predict(blok=3)
    assert answer.status == 422
    assert "batch_size" in json.dumps(answer.json)


def test_number_of_the_request_goes_all_the_way(reader):
    assert reader.ask("GET", "/v2/", {"X-Request-ID": "proxy-17"}).headers["X-Request-ID"] == (
        "proxy-17"
    )
    forged = reader.ask("GET", "/v2/", {"X-Request-ID": "a b"}).headers["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f]{16}", forged)


def test_log_is_json_and_holds_neither_token_nor_control_characters(reader):
    reader.ask("GET", "/%0a%1b[31mforged")
    lines = [json.loads(line) for line in reader.log.read_text().splitlines()]
    told = [line for line in lines if line["message"] == "answered"]
    assert {"method", "path", "status", "seconds", "request", "role"} <= set(told[-1])
    assert any(line["path"].endswith("\n\x1b[31mforged") for line in told)
    assert READ not in reader.log.read_text()
    assert ADMIN not in reader.log.read_text()


def test_tokens_are_not_in_the_command_line_nor_with_the_workers(guarded):
    for process in (guarded.process.pid, *guarded.workers()):
        assert READ not in Path(f"/proc/{process}/cmdline").read_text()
    for worker in guarded.workers():
        assert READ not in Path(f"/proc/{worker}/environ").read_text()


def test_figures_count_what_was_asked(reader):
    route = ("route", "/mods/v2/models/mods/predict/")
    key = ("mods_requests_total", ("method", "POST"), route, ("status", "200"))
    before = figures(reader)
    reader.predict()
    after = figures(reader)
    assert after[key] == before.get(key, 0) + 1
    assert after["mods_request_seconds_count", route] >= 1
    assert after["mods_workers",] == 1
    assert after["mods_queue",] == 0
    assert after["mods_model_age_seconds", ("model", "small")] > 0
    assert after["mods_worker_restarts_total", ("reason", "died")] == 0
    assert after["mods_healthy",] == 1


def test_worker_is_warm_without_tensorflow_or_what_draws(reader):
    assert reader.predict().status == 200
    (worker,) = reader.workers()
    loaded = Path(f"/proc/{worker}/maps").read_text()
    assert "onnxruntime" in loaded
    for heavy in ("tensorflow", "matplotlib", "duckdb"):
        assert heavy not in loaded


def test_fields_of_many_clients_at_once_never_mix(reader):
    def ask(number):
        days = {"time_range": f"<2024-03-0{4 + number % 5},2024-03-0{5 + number % 5})"}
        wrong = {"batch_size": 0} if number % 3 == 0 else {}
        answer = reader.predict(**days, **wrong)
        if wrong:
            return answer.status == 422 and set(answer.json) == {"batch_size"}
        origins = answer.json["origins"]
        first = f"2024-03-0{4 + number % 5}"
        return answer.status == 200 and all(
            first <= one[:10] <= f"2024-03-0{5 + number % 5}" for one in origins
        )

    with ThreadPoolExecutor(8) as clients:
        assert all(clients.map(ask, range(40)))


def test_no_upload_is_left_behind(reader):
    body = b'--x\r\nContent-Disposition: form-data; name="data"; filename="a.csv"\r\n\r\n'
    body += b"time,conn_in\n1,2\n\r\n--x--\r\n"
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    before = set(reader.temporary.rglob("*"))
    answer = reader.ask("POST", "/v2/models/mods/predict/?model_name=small", kind, body)
    assert answer.status == 422
    assert set(reader.temporary.rglob("*")) == before


def test_second_server_on_the_same_folder_works(guarded, serve):
    other = serve("--workers", "1", base=guarded.base)
    assert other.predict().status == 200
    assert other.stop() < 10


def test_taken_port_is_one_line(guarded):
    command = [sys.executable, "-m", "mods", "serve", "--port", str(guarded.port)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 5
    assert done.stderr.splitlines() == [
        f"mods: error: 127.0.0.1:{guarded.port}: the port is taken. End what listens there, or"
        " give another --port (0 takes a free one)."
    ]


def test_name_that_a_hostile_name_server_gave_is_refused_without_tokens(serve):
    service = serve("--workers", "1", "--hosts", "mods.example")
    assert service.ask("GET", "/v2/", {"Host": "evil.example"}).status == 403
    assert service.ask("GET", "/v2/", {"Host": "mods.example:443"}).status == 200
    assert service.ask("GET", "/v2/").status == 200
    broken = service.base / "models" / "small.zip"
    assert service.get("/healthz").status == 200
    broken.write_bytes(b"PK no model")
    service.until(lambda: service.get("/healthz").status == 503, 20)
    told = service.get("/healthz").json
    assert told["status"] == "failing"
    assert set(told["broken"]) == {"small"}
    broken.unlink()
    service.until(lambda: service.get("/healthz").status == 200, 20)
    assert service.get("/healthz").json["reason"] == "no model is saved yet"
    began = time.monotonic()
    assert service.stop() < 10
    assert time.monotonic() - began < 10
