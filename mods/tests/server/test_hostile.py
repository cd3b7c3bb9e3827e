"""Clients that mean no good, over real sockets: each gets a clear answer."""

import contextlib
import gzip
import json
import re
import socket
import time

import pytest

pytestmark = pytest.mark.server
PATIENCE = 30
CLOSE = b"Host: localhost\r\nConnection: close\r\n"
POST = b"POST /v2/models/mods/predict/?model_name=small HTTP/1.1\r\n" + CLOSE
JSON = b"Content-Type: application/json\r\n"


FORM = b"Content-Type: application/x-www-form-urlencoded"
MULTIPART = b"Content-Type: multipart/form-data; boundary=x"
PART = (
    b'--x\r\nContent-Disposition: form-data; name="data"; filename="a"\r\n%s\r\n\r\na\r\n--x--\r\n'
)
BOMB = gzip.compress(b'{"values":"' + bytes(200_000_000), 9)


def body(content, *headers):
    """A prediction with this body and these headers."""
    length = b"Content-Length: %d\r\n" % len(content)
    return POST + b"".join(one + b"\r\n" for one in headers) + length + b"\r\n" + content


RAW = {
    "no HTTP": (b"\x16\x03\x01evil\r\n\r\n", 400),
    "half a line": (b"GET\r\n\r\n", 400),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "long path": (b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n" + CLOSE + b"\r\n", 431),
    "long header": (b"GET /v2/ HTTP/1.1\r\nX: " + b"a" * 20_000 + b"\r\n" + CLOSE + b"\r\n", 431),
    "two hosts": (b"GET /v2/ HTTP/1.1\r\nHost: a\r\n" + CLOSE + b"\r\n", 400),
    "bad chunk": (POST + JSON + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n", 400),
    "two lengths": (POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", 400),
    "huge length": (POST + JSON + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n{}", 400),
    "false gzip": (body(b"abc", JSON.strip(), b"Content-Encoding: gzip"), 422),
    "expectation": (body(b"{}", JSON.strip(), b"Expect: evil"), 417),
    "charset": (body(b"{}", b"Content-Type: application/json; charset=evil"), 422),
    "no boundary": (body(b"{}", b"Content-Type: multipart/form-data"), 422),
    "many fields": (body(b"&".join([b"a=1"] * 9_000), FORM), 413),
    "odd part": (body(PART % b"Content-Transfer-Encoding: evil", MULTIPART), 422),
    "no end": (body(PART[:-9] % b"A: b", MULTIPART), 422),
    "deep": (body(b"[" * 100_000, JSON.strip()), 422),
    "deep values": (body(b'{"values":' + b"[" * 9_000 + b"]" * 9_000 + b"}", JSON.strip()), 422),
    "huge number": (body(b'{"batch_size":' + b"9" * 9_000 + b"}", JSON.strip()), 422),
    "packed twice": (body(b"{}", JSON.strip(), b"Content-Encoding: gzip, gzip"), 415),
    "bomb": (body(BOMB, JSON.strip(), b"Content-Encoding: gzip"), 413),
    "bomb in a part": (body(BOMB, MULTIPART, b"Content-Encoding: gzip"), 422),
    "other method": (b"TRACE /v2/models/mods/predict/ HTTP/1.1\r\n" + CLOSE + b"\r\n", 405),
}


def answered(service, data):
    """Status, kind and body of the answer to raw bytes; the server closes the connection."""
    with socket.create_connection(("127.0.0.1", service.port), PATIENCE) as client:
        client.sendall(data)
        got = b"".join(iter(lambda: client.recv(65_536), b""))
    head, _, told = got.partition(b"\r\n\r\n")
    kind = re.search(rb"(?i)content-type: ([^;\r]+)", head)
    return int(head.split()[1]), kind and kind[1].decode(), told


@pytest.fixture(scope="module")
def serving(serve):
    return serve("--workers", "1")


@pytest.fixture(scope="module")
def plain(start):
    return start()


@pytest.mark.parametrize("name", RAW)
def test_every_answer_to_raw_bytes_is_json_and_none_is_5xx(serving, name):
    data, status = RAW[name]
    answer, kind, told = answered(serving, data)
    assert (answer, kind) == (status, "application/json")
    assert {"kind", "message", "where", "fix"} <= set(json.loads(told))
    assert b"aaa" not in told
    assert b"evil" not in told


@pytest.mark.parametrize(
    "name", [name for name, (_, status) in RAW.items() if status not in (405, 415)]
)
def test_the_same_holds_without_the_doors(plain, name):
    data, status = RAW[name]
    answer, kind, told = answered(plain, data)
    assert (answer, kind) == (status, "application/json")
    assert json.loads(told)["fix"]


def test_what_is_no_request_is_counted_and_told_with_a_number(serving):
    with socket.create_connection(("127.0.0.1", serving.port), PATIENCE) as client:
        client.sendall(b"evil\r\n\r\n")
        head = client.recv(65_536).lower()
    assert b"x-request-id: " in head
    assert b"server: mods" in head
    figures = serving.get("/metrics").body.decode()
    assert re.search(r'mods_refused_total\{reason="malformed"\} [1-9]', figures)
    assert 'status="400"' in figures


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ('{"batch_size": 1, "batch_size": 2}', "batch_size"),
        ('{"values": [{"time": "a", "x": 1, "x": 2}]}', "x"),
        ('{"values": {"time": [{"a": {"b": 1, "b": 1}}]}}', "b"),
        ('{"\\u0061": 1, "a": 2}', "a"),
    ],
)
@pytest.mark.parametrize("server", ["serving", "plain"])
@pytest.mark.parametrize("what", ["predict", "train"])
def test_key_that_stands_twice_in_json_is_refused_by_name(request, server, what, content, key):
    service = request.getfixturevalue(server)
    kind = {"Content-Type": "application/json"}
    answer = service.ask("POST", f"/v2/models/mods/{what}/", kind, content.encode())
    assert (answer.status, answer.json["where"]) == (422, key)
    assert "twice" in answer.json["message"]


@pytest.mark.parametrize("path", [b"/v2/models/mods/predict/", b"/nowhere"])
def test_little_that_unpacks_to_much_holds_up_nobody(serving, path):
    """Nobody reads the rest of it, wherever it was sent."""
    head = b"POST " + path + b" HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\n" + JSON
    bombs = BOMB * 5
    with socket.create_connection(("127.0.0.1", serving.port), PATIENCE) as client:
        client.sendall(head + b"Content-Length: %d\r\n\r\n" % len(bombs) + BOMB)
        assert int(client.recv(65_536).split()[1]) in (404, 413)
        began = time.monotonic()
        assert serving.get("/healthz/live").status == 200
        with contextlib.suppress(OSError):
            client.sendall(BOMB)
        assert serving.get("/healthz/live").status == 200
        assert time.monotonic() - began < 2


def test_name_that_no_file_can_have_is_a_page_that_is_not_there(serving):
    answer = serving.get(f"/static/swagger/{'a' * 5_000}")
    assert (answer.status, answer.kind) == (404, "application/json")
