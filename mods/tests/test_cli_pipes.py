"""What becomes of an answer that nobody reads, or that has nowhere to go."""

from __future__ import annotations

import subprocess
import sys

ANSWER = """
import sys
from mods.cli import main
sys.stdin.readline()
raise SystemExit(main(["models", "--json", "--models", sys.argv[1]]))
"""


def answered(folder, **streams):
    words = [sys.executable, "-c", ANSWER, str(folder)]
    return subprocess.Popen(words, stdin=subprocess.PIPE, stderr=subprocess.PIPE, **streams)


def test_who_stops_reading_ends_the_command_in_silence(tmp_path):
    with answered(tmp_path, stdout=subprocess.PIPE) as process:
        process.stdout.close()
        _, said = process.communicate(b"\n")
    assert (process.returncode, said) == (0, b"")


def test_an_answer_that_finds_no_room_is_told_in_one_line(tmp_path):
    with open("/dev/full", "wb") as full, answered(tmp_path, stdout=full) as process:
        _, said = process.communicate(b"\n")
    assert process.returncode == 5 and said.count(b"\n") == 1
    assert b"No space left" in said
