"""One training to a name at a time, whatever its process; a dead one holds nothing."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from mods.errors import ResourceError
from mods.models import locks

SAVES = 1_000
HOLD = """
import sys, time
from pathlib import Path
from mods.models import locks
with locks.training(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_second_training_to_a_name_is_refused_until_the_first_is_gone(tmp_path):
    target = tmp_path / "week.zip"
    words = [sys.executable, "-c", HOLD, str(target)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(ResourceError, match="another training to this name goes on"):
            locks.training(target).__enter__()
        with locks.training(tmp_path / "day.zip"), locks.alone(target, 1):
            pass
        other.kill()
    with locks.training(target):
        pass


def test_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "models").write_text("no folder")
    with pytest.raises(ResourceError, match="cannot be written"):
        locks.training(tmp_path / "models" / "week.zip").__enter__()


def test_training_that_saves_nothing_leaves_nothing(tmp_path):
    (tmp_path / "old").mkdir()
    for folder in (tmp_path / "new", tmp_path / "old"):
        with pytest.raises(KeyError), locks.training(folder / "week.zip"):
            raise KeyError
    assert [path.name for path in tmp_path.rglob("*")] == ["old"]


def test_of_many_at_once_one_trains_at_a_time(tmp_path):
    inside, seen = [], []

    def train(_):
        try:
            with locks.training(tmp_path / "models" / "week.zip"):
                inside.append(1)
                seen.append(len(inside))
                inside.pop()
        except ResourceError:
            return False
        return True

    with ThreadPoolExecutor(8) as trainings:
        assert any(trainings.map(train, range(400)))
    assert set(seen) == {1} and not list(tmp_path.rglob("*.lock"))


def test_save_beside_trainings_that_come_and_go_finds_the_folder_of_its_lock(tmp_path):
    """The folder is removed by each training that leaves it empty, and made by each save."""
    over = threading.Event()

    def trainings():
        while not over.is_set():
            with locks.training(tmp_path / "week.zip"):
                pass

    beside = threading.Thread(target=trainings)
    beside.start()
    try:
        for _ in range(SAVES):
            with locks.alone(tmp_path / "day.zip", 60):
                (tmp_path / locks.FOLDER / "day.lock").unlink()
    finally:
        over.set()
        beside.join()
