"""A full disk leaves the old file or pool whole, one line and exit code 5, and nothing else.

MODS_FAULTS is how often each writer comes to it, of either kind (tox -e faults; 20 for a release).
"""

import os
import random
import subprocess
from pathlib import Path

import pytest

from mods.tests.faults.conftest import MARK, SHAPES
from mods.tests.faults.writers import SAVE, seen

FAULTS = int(os.environ.get("MODS_FAULTS", "2"))
PAGE = 4096
WRITERS = [
    *(f"prepare {shape}" for shape in SHAPES),
    *(f"add {shape}" for shape in SHAPES),
    "trim folders", "export folders", "export by", "anonymize", "report", "check", "features",
    SAVE, MARK,
]  # fmt: skip
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 4 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=4m", "mods-tests", str(disk)]
    if subprocess.run(words, check=False, capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def whole(writer):
    """The files before and after a run with room enough."""
    writer.reset()
    before = writer.files()
    assert writer.run() == (0, "")
    after = writer.files()
    assert after != before and not writer.leftovers()
    return before, after


def written(before, after):
    """The sizes of the files that are new."""
    return [len(body) for name, body in after.items() if (before or {}).get(name) != body]


def refused(writer, before, limit=None):
    code, said = writer.run(limit)
    assert code == 5, said
    assert said.startswith("mods: error: ") and said.count("\n") == 1
    assert writer.files() == before and not writer.leftovers()


def goes_on(writer, before, after):
    """With room again the next run does what it should; pages and models tell the time."""
    assert writer.run() == (0, "")
    assert not writer.leftovers()
    there = seen(writer.files())
    assert there == seen(after) if writer.target.is_dir() else there != before


@pytest.mark.parametrize("name", WRITERS)
def test_a_file_that_cannot_grow_leaves_the_old_state(writer, name, tmp_path):
    one = writer(name, tmp_path / "place")
    before, after = whole(one)
    chance, largest = random.Random(name), max(written(before, after))
    one.reset()
    for _ in range(FAULTS):
        refused(one, before, chance.randrange(largest))
    goes_on(one, before, after)


@pytest.mark.parametrize("name", WRITERS)
def test_a_full_file_system_leaves_the_old_state(writer, name, small_disk):
    one = writer(name, small_disk / "place")
    before, after = whole(one)
    needed = sum(-(-size // PAGE) for size in written(before, after))
    chance, ballast = random.Random(name), small_disk / "ballast"
    one.reset()
    for _ in range(FAULTS):
        fill(ballast, chance.randrange(needed))
        refused(one, before)
        ballast.unlink()
    goes_on(one, before, after)


def fill(ballast: Path, left: int):
    """Leave so many pages free."""
    told = os.statvfs(ballast.parent)
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, (told.f_bavail - left) * told.f_bsize))
