"""The doors around an app of one trivial handler: no worker is begun here."""

import asyncio
import json
import logging
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client.parser import text_string_to_metric_families

import mods
from mods.deepaas import encoded, trace
from mods.errors import UsageError
from mods.request import ServeRequest
from mods.serve import account, gate, health, limits, logs, metrics, pages, state, tokens, told
from mods.serve.tokens import Tokens

READ, ADMIN = "r" * 32, "a" * 32
PREDICT = "/v2/models/mods/predict/"
READING = web.AppKey("READING", object)


class Pool:
    """What the doors see of a pool."""

    size, computing, waiting, idle, pace = 1, 0, 0, True, None
    restarts = {"died": 0}

    def __init__(self, answer=None):
        self.answer = answer

    async def apply(self, job):
        if isinstance(self.answer, Exception):
            raise self.answer
        return {"output": self.answer}


def asked(story, known=Tokens(), handler=None, **options):  # noqa: B008 - frozen
    """Play a story with a client of the doors."""

    async def answers(request):
        await request.read()
        return web.json_response({})

    async def scene():
        request = ServeRequest(**options)
        pool = Pool()
        shared = state.State(request, known, pool, metrics.Metrics(pool))
        headers = pages.Headers(request)
        limited = limits.Limiter(shared, frozenset({"/healthz"}))
        doors = (
            account.Account(shared).door,
            told.errors,
            headers.preflight,
            gate.Gate(shared, frozenset({"/healthz"})).door,
            limited.door,
        )
        size = int(request.max_body * limits.MEBIBYTE)
        app = web.Application(middlewares=doors, client_max_size=size)
        app[told.BASE], app[READING] = "/mods", lambda: len(limited.reading)
        app.on_response_prepare.append(headers.prepare)
        for path in (PREDICT, "/v2/models/mods/train/"):
            app.router.add_post(path, handler or answers)
        app.router.add_get("/healthz", answers)
        async with TestClient(TestServer(app)) as client:
            return await story(client, shared)

    return asyncio.run(scene())


def posted(path=PREDICT, known=Tokens(), handler=None, options=None, **sent):  # noqa: B008
    """Status, JSON and headers of one POST."""

    async def story(client, _):
        async with client.post(path, **sent) as answer:
            return answer.status, await answer.json(), answer.headers

    return asked(story, known, handler, **(options or {}))


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def known(monkeypatch):
    monkeypatch.setenv("MODS_TOKEN", READ)
    monkeypatch.setenv("MODS_ADMIN_TOKEN", ADMIN)
    return tokens.load(None)


@pytest.mark.parametrize(
    ("path", "token", "status"),
    [
        (PREDICT, READ, 200),
        (PREDICT, ADMIN, 200),
        (PREDICT, "x" * 32, 401),
        ("/v2/models/mods/train/", READ, 403),
        ("/v2/models/mods/train/", ADMIN, 200),
        ("/v2/models/mods/train/predict", READ, 404),
    ],
)
def test_token_opens_what_its_role_may(known, path, token, status):
    assert posted(path, known, headers=bearer(token))[0] == status


def test_bug_is_a_500_without_its_trace_but_with_a_number_that_the_log_has(caplog):
    async def broken(request):
        raise ValueError("secret")

    status, body, headers = posted(handler=broken)
    assert status == 500
    assert "secret" not in json.dumps(body)
    assert body["request"] == headers["X-Request-ID"]
    assert any(body["request"] in one.getMessage() and one.exc_info for one in caplog.records)


def test_body_is_measured_also_where_its_size_is_not_told():
    async def pieces():
        for _ in range(4):
            yield b"x" * 500

    small = {"max_body": 0.001}
    kind = {"Content-Type": "application/json"}
    assert posted(options=small, data=b"x" * 2_000, headers=kind)[0] == 413
    assert posted(options=small, data=pieces(), headers=kind)[0] == 413
    assert posted(options=small, data=b"x" * 500, headers=kind)[0] == 200


def test_body_that_does_not_come_in_time_is_the_clients_fault():
    async def pieces():
        yield b"{"
        await asyncio.sleep(5)

    kind = {"Content-Type": "application/json"}
    status, body, _ = posted(options={"timeout": 0.2}, data=pieces(), headers=kind)
    assert status == 408
    assert "the body did not come within 0.2 s" in body["message"]


@pytest.mark.parametrize(
    ("packed", "status"), [("identity", 200), ("compress", 415), ("evil", 415)]
)
def test_body_packed_in_a_way_that_is_not_read_is_refused(packed, status):
    headers = {"Content-Type": "application/json", "Content-Encoding": packed}
    answered, body, _ = posted(data=b"{}", headers=headers, compress=False)
    assert answered == status
    assert status == 200 or "gzip" in body["fix"]


def test_deadline_ends_the_work():
    ended = []

    async def slow(request):
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            ended.append(True)
            raise

    status, body, _ = posted(handler=slow, options={"timeout": 0.1})
    assert (status, ended) == (504, [True])
    assert "--timeout" in body["fix"]


def test_time_out_of_the_work_itself_is_no_deadline():
    async def failing(request):
        raise TimeoutError

    assert posted(handler=failing)[0] == 500


@pytest.mark.parametrize(("pace", "later"), [(None, 1), (0.1, 1), (2.2, 5), (1_000.0, 60)])
def test_queue_has_an_end_and_says_when_to_come_again(pace, later):
    """The two that got in are held until the others have been refused, with the time of two."""
    free = asyncio.Event()

    async def held(request):
        request[encoded.READ]()
        await free.wait()
        return web.json_response({})

    async def story(client, shared):
        shared.pool.pace = pace
        coming = asyncio.as_completed([client.post(PREDICT) for _ in range(5)])
        answers = [await next(coming) for _ in range(3)]
        free.set()
        answers += [await one for one in coming]
        count = shared.metrics.refused.labels("queue")._value.get()
        return [one.status for one in answers], answers[0].headers.get("Retry-After"), count

    statuses, told_of, count = asked(story, handler=held, max_queue=1)
    assert statuses == [503, 503, 503, 200, 200]
    assert int(told_of) == later
    assert count == 3


async def reads(request):
    """As the handler of predictions does."""
    await request.read()
    request[encoded.READ]()
    return web.json_response({})


def test_slow_uploads_hold_no_place_in_the_queue_but_are_bounded():
    async def story(client, shared):
        end = asyncio.Event()

        async def slowly():
            yield b"{"
            await end.wait()
            yield b"}"

        kind = {"Content-Type": "application/json"}
        uploads = [
            asyncio.create_task(client.post(PREDICT, data=slowly(), headers=kind))
            for _ in range(limits.READERS)
        ]
        while client.server.app[READING]() < limits.READERS:
            await asyncio.sleep(0.01)
        quick = await client.post(PREDICT)
        more = await client.post(PREDICT, data=slowly(), headers=kind)
        end.set()
        answers = [(await one).status for one in uploads]
        return quick.status, more.status, answers[0]

    assert asked(story, handler=reads, max_queue=0) == (200, 503, 200)


def test_fix_of_a_path_that_is_none_names_the_page_with_its_base():
    async def story(client, _):
        return (await (await client.get("/nowhere")).json())["fix"]

    assert asked(story) == "The page /mods/api tells the paths that there are"


def test_service_that_ends_takes_no_more():
    async def story(client, shared):
        shared.ending = True
        refused, open_still = await client.post(PREDICT), await client.get("/healthz")
        return refused.status, refused.headers["Retry-After"], open_still.status

    assert asked(story) == (503, "5", 200)


@pytest.mark.parametrize(
    ("origin", "options", "status"),
    [
        (None, {}, 200),
        ("https://evil.example", {}, 403),
        ("null", {}, 403),
        ("http://[", {}, 403),
        ("https://board.example", {"cors": ("https://board.example",)}, 200),
        ("https://board.example", {"cors": ("https://Board.Example",)}, 200),
        ("https://evil.example", {"cors": ("*",)}, 200),
    ],
)
def test_pages_of_other_sites_are_told_apart(origin, options, status):
    headers = {"Origin": origin} if origin else {}
    assert posted(options=options, headers=headers)[0] == status


def test_name_of_the_service_may_be_given_in_capitals():
    name, asked_as = {"hosts": ("Mods.Example",)}, {"Host": "MODS.example:5000"}
    assert posted(options=name, headers=asked_as)[0] == 200


@pytest.mark.parametrize("host", ["example.org:443", "https://example.org", "[::1]", "a b", "*"])
def test_what_is_no_bare_name_of_a_host_is_refused_at_the_start(host):
    with pytest.raises(UsageError, match="is no name of a host"):
        ServeRequest(hosts=(host,))


def test_host_that_cannot_be_read_is_a_stranger(known):
    assert posted(headers={"Host": "[::1"})[0] == 403
    assert posted(known=known, headers={"Host": "[::1", **bearer(READ)})[0] == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "[::2]"])
def test_strange_name_of_the_service_is_refused_without_tokens(known, host):
    assert posted(headers={"Host": host})[0] == 403
    assert posted(known=known, headers={"Host": host, **bearer(READ)})[0] == 200
    assert posted(options={"hosts": ("evil.example", "127.0.0.1.evil.example", "::2")},
                  headers={"Host": host})[0] == 200  # fmt: skip


def test_page_may_show_a_picture_that_it_was_answered():
    """The page makes a blob: address of it."""
    (images,) = (part for part in pages.policy("").split(";") if "img-src" in part)
    assert {"'self'", "data:", "blob:"} <= set(images.split())


def test_lines_of_the_log_cannot_be_forged():
    record = logging.makeLogRecord({"msg": "a\nERROR \x1b[2J", "name": "x", "levelname": "INFO"})
    trace.current.set("")
    assert json.loads(logs.JsonLines().format(record))["message"] == "a\nERROR \x1b[2J"
    for lines in (logs.JsonLines(), logs.TextLines()):
        assert lines.format(record).isprintable()


def test_health_stands_while_all_are_busy_and_says_what_fails():
    async def story():
        pool = Pool({"a": ""})
        found = health.Health(pool)
        first = await found.verdict()
        pool.answer, found._until = {"a": "cut short", "b": ""}, 0.0
        pool.idle = False
        kept = await found.verdict()
        pool.idle = True
        return first.status, kept.status, await found.verdict()

    first, kept, last = asyncio.run(story())
    assert (first, kept, last.status) == ("ok", "ok", "degraded")
    assert (last.broken, last.ready) == ({"a": "cut short"}, True)


def test_every_figure_is_on_the_page_about_serving():
    page = (Path(mods.__file__).parent.parent / "docs" / "serving.md").read_text()
    exposed = metrics.Metrics(Pool()).text().decode()
    families = {one.name: one.type for one in text_string_to_metric_families(exposed)}
    assert len(families) > 8
    for name, kind in families.items():
        told = f"{name}_total" if kind == "counter" else name
        assert f"`{told}" in page or name.startswith("process_"), told
