"""Uploads without a server: what is taken is deleted, what is left is swept, what is no file."""

import os
import subprocess
import sys
import tempfile

import pytest
from marshmallow import Schema, ValidationError

from mods import atomic
from mods.deepaas import uploads
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
