"""One training to a name at a time, whatever its process; a dead one holds nothing."""

import subprocess
import sys

import pytest

from mods.errors import ResourceError
from mods.models import locks

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
