"""SIGKILL in fit: the same training, asked for again, ends with the weights of an unbroken one.

MODS_KILLS says how often a training is killed, a tenth of that of `prepare` (tox -e faults).
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

KILLS = max(2, int(os.environ.get("MODS_KILLS", "20")) // 10)
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


def weights(forecaster):
    return [array.tobytes() for array in forecaster.parts().weights.values()]


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_killed_training_goes_on_to_the_same_weights(tmp_path):
    chance, names = random.Random(5), architectures.names()
    begin = chance.randrange(len(names))
    for kill in range(KILLS):
        model_type, folder = names[(begin + kill) % len(names)], tmp_path / str(kill)
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
        assert told == list(range(told[0], EPOCHS + 1)) and told[0] > last
        assert weights(resumed) == weights(fitted(model_type)), model_type
        assert not list(folder.iterdir())
