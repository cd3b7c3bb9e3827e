"""Uploads without a server: what is taken is deleted, what is left is swept, what is no file."""

import asyncio
import io
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from marshmallow import Schema, ValidationError

from mods import atomic
from mods.deepaas import guard, uploads
from mods.errors import UsageError
from mods.request.given import STEM


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_upload_is_deleted_after_its_use_and_after_an_error(tmp_path):
    path = tmp_path / "upload"
    for fails in (False, True):
        path.write_text("a")
        try:
            with uploads.taken(path) as taken:
                assert taken.read_text() == "a"
                if fails:
                    raise UsageError("no")
        except UsageError:
            assert fails
        assert not path.exists()


@pytest.mark.parametrize("nothing", ["", None])
def test_empty_part_of_a_form_is_no_upload(nothing):
    with uploads.taken(nothing) as taken:
        assert taken is None


def test_sweep_removes_what_killed_processes_left_and_nothing_in_use(place):
    left = place / f".{STEM}-abcdefgh.draft"
    left.mkdir()
    with atomic.scratch(STEM) as mine:
        assert not left.exists()
        left.mkdir()
        (mine / "upload").touch()
        uploads.sweep()
        assert (mine / "upload").exists()
    assert not list(place.iterdir())


def test_scratch_folder_of_a_process_that_was_killed_is_swept(place):
    script = (
        "import os\nfrom mods import atomic\n"
        f"with atomic.scratch({STEM!r}):\n    os.kill(os.getpid(), 9)"
    )
    env = {**os.environ, "TMPDIR": str(place)}
    subprocess.run([sys.executable, "-c", script], env=env, check=False)  # noqa: S603
    assert len(list(place.iterdir())) == 1
    uploads.sweep()
    assert not list(place.iterdir())


def test_service_is_free_for_others_while_an_upload_is_copied(place):
    served = threading.Event()

    class Slow(io.BytesIO):
        def read(self, *size):
            served.wait(10)
            return super().read(*size)

    async def predict(wrapper, data):
        return Path(data.filename).read_bytes()

    async def story():
        upload = web.FileField("data", "a.csv", Slow(b"time,a"), "text/csv", {})
        task = uploads._brief(predict)(None, data=upload)
        asyncio.get_running_loop().call_later(0.05, served.set)
        began = time.monotonic()
        return await task, time.monotonic() - began

    content, seconds = asyncio.run(story())
    assert (content, seconds < 5) == (b"time,a", True)
    assert not list(place.iterdir())


def test_upload_whose_request_is_given_up_leaves_nothing(place):
    async def predict(wrapper, data):
        await asyncio.sleep(60)

    async def story():
        upload = web.FileField("data", "a.csv", io.BytesIO(b"time,a"), "text/csv", {})
        task = uploads._brief(predict)(None, data=upload)
        while not list(place.glob("*/upload")):
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(story())
    assert not list(place.iterdir())


def bounded(kind, size, most=0):
    """The record of the refusal of a body of this kind and size, None where it is taken."""

    async def parse(parser, argmap, req):
        return {}

    async def told(parser):
        body = {"Content-Type": kind, "Content-Length": str(size)}
        payload = SimpleNamespace(set_read_chunk_size=lambda size: None)
        req = make_mocked_request("POST", "/", headers=body, client_max_size=most, payload=payload)
        try:
            await uploads._bounded(parse)(parser, lambda: SimpleNamespace(fields={}), req)
        except guard.Failure as failure:
            return failure.status, failure.record["message"]

    return asyncio.run(told(SimpleNamespace(_cache={})))


def test_what_is_parsed_as_a_whole_may_be_small_and_the_limit_told_is_the_one_that_holds():
    assert bounded("application/json", 4 << 20) is None
    assert bounded("application/json", (4 << 20) + 1) == (413, "has more than 4194304 bytes")
    assert bounded("multipart/form-data", (4 << 20) + 1) is None
    assert bounded("multipart/form-data", (64 << 20) + 1) == (413, "has more than 67108864 bytes")
    assert bounded("multipart/form-data", 1_001, 1_000) == (413, "has more than 1000 bytes")


def test_values_of_a_form_may_be_no_longer_than_those_of_json():
    schema = Schema.from_dict({"values": uploads.values()})()
    with pytest.raises(ValidationError, match="Send them as a file"):
        schema.load({"values": "[" + " " * uploads.PARSED + "]"})


def test_text_where_a_file_belongs_is_refused_with_the_way_to_send_one():
    schema = Schema.from_dict({"data": uploads.field()})()
    with pytest.raises(ValidationError, match="curl -F data=@FILE"):
        schema.load({"data": "time,conn_in"})
    assert schema.load({"data": ""}) == {"data": ""}


@pytest.mark.parametrize("values", ["[[1, null]]", [[1, None]]])
def test_values_come_as_text_or_as_json(values):
    schema = Schema.from_dict({"values": uploads.values()})()
    assert schema.load({"values": values}) == {"values": "[[1, null]]"}
    assert uploads.given({"values": values}).values == "[[1, null]]"


@pytest.mark.parametrize("values", [7, True, 1.5])
def test_values_that_are_neither_are_refused(values):
    schema = Schema.from_dict({"values": uploads.values()})()
    with pytest.raises(ValidationError, match="JSON"):
        schema.load({"values": values})
