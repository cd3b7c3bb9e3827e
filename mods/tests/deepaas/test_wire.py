"""Bytes that are no request, over real sockets: JSON that repeats none of them, and an end."""

import asyncio
import contextlib
import json
import time

import pytest
from aiohttp import web, web_server, web_urldispatcher

from mods.deepaas import trace, wire

SOON = 10
HOST = b"Host: a\r\n"


@pytest.fixture
def installed(monkeypatch):
    monkeypatch.setattr(web_server, "RequestHandler", web_server.RequestHandler)
    kept = web_urldispatcher._default_expect_handler
    monkeypatch.setattr(web_urldispatcher, "_default_expect_handler", kept)
    wire.install()


def played(story, size=0):
    """Play a story with the port of a server that answers whatever is a request.

    size:  bytes of the answer, where it is to have many
    """

    async def answers(request):
        await request.read()
        if size:
            return web.Response(body=bytes(size))
        return web.json_response({"request": trace.current.get()})

    async def scene():
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", answers)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            return await asyncio.wait_for(story(site._server.sockets[0].getsockname()[1]), SOON)
        finally:
            await runner.cleanup()

    return asyncio.run(scene())


async def sent(port, *pieces):
    """All that comes back until the server closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
    got = await reader.read()
    writer.close()
    return got


def read(got):
    """Status, headers and JSON of the last answer."""
    head, _, body = got.rpartition(b"\r\n\r\n")
    lines = head[head.rindex(b"HTTP/1.") :].decode().split("\r\n")
    return int(lines[0].split()[1]), "\n".join(lines).lower(), json.loads(body)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"\x16\x03\x01evil\r\n\r\n", 400),
        (b"evil\r\n\r\n", 400),
        (b"GET /evil HTTP/9.9\r\n" + HOST + b"\r\n", 400),
        (b"GET /" + b"evil" * 5_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"evil" * 5_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + HOST + b"evil\0: x\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n" + HOST + b"".join(b"evil%d: x\r\n" % n for n in range(1_000)), 400),
        (b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: -5\r\n\r\nevil", 400),
        (b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nevil\r\n", 400),
        (b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\n\r\n{evil evil\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\n" + HOST + b"Connection: close\r\nExpect: evil\r\n\r\n", 417),
    ],
    ids=range(11),
)
def test_what_is_no_http_is_refused_in_json_without_a_byte_of_it(installed, caplog, data, status):
    caplog.set_level("INFO")
    answered, head, body = read(played(lambda port: sent(port, data)))
    assert (answered, "content-type: application/json" in head) == (status, True)
    assert set(body) == {"kind", "message", "where", "fix"}
    assert body["fix"]
    assert "evil" not in head + json.dumps(body) + caplog.text


def test_bug_outside_of_every_handler_is_a_number_and_its_trace_is_in_the_log(installed, caplog):
    async def story(port):
        return await sent(port, b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")

    async def broken(self, request, start, handler):
        async def failing(request):
            raise ValueError("secret")

        return await whole(self, request, start, failing)

    whole = wire.Connection._handle_request
    wire.Connection._handle_request = broken
    try:
        status, _, body = read(played(story))
    finally:
        del wire.Connection._handle_request
    assert (status, body["kind"]) == (500, "internal")
    assert "secret" not in json.dumps(body)
    assert any(one.exc_info for one in caplog.records)


def test_half_a_head_is_closed_and_holds_up_nobody(installed, monkeypatch):
    monkeypatch.setattr(wire, "HEAD", 0.5)

    async def story(port):
        began = time.monotonic()
        halves = [
            asyncio.create_task(sent(port, b"GET / HTTP/1.1\r\n" + HOST, b"X: ")) for _ in range(50)
        ]
        await asyncio.sleep(0)
        other = await sent(port, b"GET / HTTP/1.1\r\nConnection: close\r\n" + HOST + b"\r\n")
        free = time.monotonic() - began
        late = [read(one) for one in await asyncio.gather(*halves)]
        return free, read(other)[0], {(status, body["message"]) for status, _, body in late}

    free, other, late = played(story)
    assert (other, late) == (200, {(408, "only a part of a request came in time")})
    assert free < SOON


def test_a_slow_head_that_comes_in_time_and_a_pause_after_it_are_fine(installed, monkeypatch):
    monkeypatch.setattr(wire, "HEAD", 1.5)

    async def story(port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        statuses = []
        for pause in (0, 1.7):
            await asyncio.sleep(pause)
            for piece in (b"GET / HT", b"TP/1.1\r\n", HOST, b"\r\n"):
                writer.write(piece)
                await asyncio.sleep(0.05)
            statuses.append((await reader.readuntil(b"}"))[9:12])
        writer.close()
        return statuses

    assert played(story) == [b"200", b"200"]


def test_connection_without_any_request_is_closed(installed, monkeypatch):
    monkeypatch.setattr(wire, "IDLE", 0.2)
    assert played(sent) == b""


def test_who_asks_first_is_told_to_send_the_body(installed):
    ask = b"POST / HTTP/1.1\r\nConnection: close\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n"

    async def story(port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(ask + HOST + b"\r\n")
        told = await reader.readuntil(b"\r\n\r\n")
        writer.write(b"{}")
        got = await reader.read()
        writer.close()
        return told, got

    told, got = played(story)
    assert told == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert read(got)[0] == 200


def test_client_that_does_not_take_its_answer_is_cut_off(installed, monkeypatch):
    monkeypatch.setattr(wire, "TAKE", 0.5)
    size = 50_000_000

    async def story(port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1_000)
        writer.write(b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")
        await asyncio.sleep(1.5)
        got = 0
        with contextlib.suppress(ConnectionError):
            while piece := await reader.read(65_536):
                got += len(piece)
        writer.close()
        return got

    assert played(story, size) < size
