"""A file is written whole or not at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from mods.atomic import replacing
from mods.errors import ModsError, ResourceError


def test_the_new_file_takes_the_place_of_the_old(tmp_path):
    target = tmp_path / "new" / "a.txt"
    for text in ("first", "second"):
        with replacing(target) as draft:
            draft.write_text(text)
            assert draft.parent == target.parent
            assert draft.suffix == ".txt"
        assert target.read_text() == text
    assert [path.name for path in target.parent.iterdir()] == ["a.txt"]


def test_a_failed_block_leaves_the_old_file_and_nothing_else(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(ModsError, match="went wrong"), replacing(target) as draft:
        draft.write_text("half")
        raise ModsError("went wrong")
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_the_file_has_the_permissions_of_any_other(tmp_path):
    before = os.umask(0o022)
    try:
        with replacing(tmp_path / "a.txt") as draft:
            draft.write_text("text")
    finally:
        os.umask(before)
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o644


def test_a_place_that_is_a_folder_is_our_error(tmp_path):
    (tmp_path / "a").mkdir()
    with (
        pytest.raises(ResourceError, match=r"cannot be written: \D+\. Give another --output"),
        replacing(tmp_path / "a"),
    ):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_parent_that_is_a_file_is_our_error(tmp_path):
    (tmp_path / "file").write_text("")
    inside = tmp_path / "file" / "a.txt"
    with pytest.raises(ResourceError, match="cannot be written"), replacing(inside):
        pytest.fail("the block must not run")


def test_a_disk_that_is_full_leaves_the_old_file(tmp_path):
    target = tmp_path / "a.bin"
    target.write_bytes(b"old")
    code = f"""
import resource, signal
from mods.atomic import replacing
from mods.errors import ResourceError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    with replacing({str(target)!r}) as draft, open(draft, "wb", buffering=0) as file:
        while file.write(bytes(1024)):
            pass
except ResourceError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "a.bin: cannot be written: File too large" in done.stdout
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.bin"]


def test_a_kill_in_the_middle_leaves_the_old_file(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")
    code = f"""
import os, signal
from mods.atomic import replacing
with replacing({str(target)!r}) as draft:
    draft.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == -signal.SIGKILL
    assert target.read_text() == "old"
