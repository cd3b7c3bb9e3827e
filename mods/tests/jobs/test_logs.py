"""The log of a training: its sign of life, small, and readable while it grows."""

import os
import subprocess
import sys
from itertools import islice

import pytest

from mods.jobs import logs


def test_alive_as_long_as_the_process_that_has_it_and_no_longer(tmp_path):
    assert not logs.alive(tmp_path, "a")
    handle = logs.opened(tmp_path, "a")
    words = [sys.executable, "-c", "input()"]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=handle)  # noqa: S603
    os.close(handle)
    assert logs.alive(tmp_path, "a")
    with pytest.raises(BlockingIOError):
        logs.opened(tmp_path, "a")
    process.kill()
    process.communicate()
    assert not logs.alive(tmp_path, "a")


def test_a_long_log_keeps_its_end_and_is_written_on(tmp_path):
    handle = logs.opened(tmp_path, "a")
    for line in range(100):
        os.write(handle, b"line %d\n" % line)
    logs.trim(handle, 10_000)
    assert logs.tail(tmp_path, "a", 1_000).startswith("line 0")
    logs.trim(handle, 400)
    os.write(handle, b"line 100\n")
    os.close(handle)
    lines = logs.tail(tmp_path, "a", 1_000).splitlines()
    assert lines[0] == "... earlier lines are gone"
    assert lines[-2:] == ["line 99", "line 100"]
    assert logs.path(tmp_path, "a").stat().st_size < 700
    assert logs.tail(tmp_path, "a", 2) == "line 99\nline 100"


def test_following_gives_whole_lines_as_they_come_and_ends(tmp_path):
    handle = logs.opened(tmp_path, "a")
    os.write(handle, b"one\ntw")
    over = iter([False, False, True])
    lines = logs.follow(tmp_path, "a", lambda: next(over))
    assert list(islice(lines, 1)) == ["one"]
    os.write(handle, b"o\nthree \xff\n")
    assert list(lines) == ["two", "three �"]
    os.close(handle)


def test_a_training_without_a_log_has_none(tmp_path):
    assert logs.tail(tmp_path, "a", 5) == ""
    assert list(logs.follow(tmp_path, "a", lambda: True)) == []
