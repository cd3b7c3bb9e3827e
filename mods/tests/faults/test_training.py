"""SIGKILL in fit: the same training, asked for again, ends with the weights of an unbroken one.

Once for a network of each family; where MODS_KILLS is given, a tenth as often as `prepare` is
killed, and each network once at least (tox -e faults).
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time

import pytest

from mods import architectures
from mods.models.checkpoints import Run
from mods.models.forecaster import Forecaster
from mods.tests.models.conftest import SMALL, learnable

FAMILIES = ("MLP", "Conv1D", "GRU", "PatchTST")
EPOCHS = 5
TRAIN = """
import sys
from pathlib import Path
from mods.tests.faults import test_training as this
this.fitted(sys.argv[1], Path(sys.argv[2]), lambda epoch, error: print(epoch, flush=True))
"""


def fitted(model_type, folder=None, watch=None):
    settings = {**SMALL, "num_epochs": EPOCHS, "epochs_patience": EPOCHS, "dropout_rate": 0.3}
    chosen = {"model_type": model_type, "batch_normalization": True}
    return Forecaster(**settings, **chosen).fit(learnable(400), run=Run(folder), watch=watch)


def to_kill(kills):
    """The network of each training to kill; `kills` as MODS_KILLS has it."""
    if not kills:
        return list(FAMILIES)
    names = architectures.names()
    count = max(len(names), int(kills) // 10)
    return [names[number % len(names)] for number in range(count)]


def test_every_network_is_killed_where_more_is_asked_for():
    every = architectures.names()
    assert to_kill("20") == list(every) and set(to_kill(None)) < set(every)
    assert len(to_kill("400")) == 40


def weights(forecaster):
    return [array.tobytes() for array in forecaster.parts().weights.values()]


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_killed_training_goes_on_to_the_same_weights(tmp_path):
    chance = random.Random(5)
    for kill, model_type in enumerate(to_kill(os.environ.get("MODS_KILLS"))):
        folder = tmp_path / str(kill)
        words = [sys.executable, "-c", TRAIN, model_type, str(folder)]
        last = chance.randrange(1, EPOCHS)
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as run:
            while run.stdout.readline() != f"{last}\n":
                assert run.poll() is None
            time.sleep(chance.uniform(0, 0.1))
            run.kill()
        assert run.returncode < 0 and list(folder.glob("*.zip"))
        told = []
        resumed = fitted(model_type, folder, lambda epoch, error, told=told: told.append(epoch))
        first = EPOCHS + 1 - len(told)  # none is left where the kill came after the last one
        assert told == list(range(first, EPOCHS + 1)) and first > last
        assert weights(resumed) == weights(fitted(model_type)), model_type
        assert not list(folder.iterdir())
