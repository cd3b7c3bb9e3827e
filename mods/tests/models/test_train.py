from __future__ import annotations

import random

import numpy as np
import pytest

from mods.config import Config
from mods.models import preparation
from mods.models.network import train
from mods.series import transforms
from mods.tests.models.conftest import SMALL, learnable


@pytest.fixture(scope="module")
def prepared():
    values = learnable(400).to_numpy()
    transform = transforms.fit(values[:300], panes=3)
    return preparation.prepare(values, transform, sequence_len=8, steps_ahead=3)


def test_training_stops_when_it_gets_no_better_and_keeps_the_best(prepared):
    settings = {**SMALL, "num_epochs": 30, "learning_rate": 0.5, "epochs_patience": 2}
    rows = prepared.whole(0, 300), prepared.whole(300, 400)
    learnt = train.learn(prepared, *rows, Config(model_type="MLP", **settings))
    errors = learnt.curve["val_loss"]
    assert len(errors) == 1 + errors.index(min(errors)) + 2
    data = train._Data(prepared, train._weights(prepared, rows[0]), 64)
    assert train.error(learnt.network, data, rows[1]) == pytest.approx(min(errors))


def test_persistence_has_error_one_on_its_own_training_rows(prepared):
    rows = prepared.whole(0, 300)
    data = train._Data(prepared, train._weights(prepared, rows), 64)

    class Persistence:
        def predict_on_batch(self, inputs):
            return np.zeros((len(inputs[0]), 3))

    assert train.error(Persistence(), data, rows) == pytest.approx(1.0)


def test_training_leaves_the_callers_random_numbers_alone(prepared):
    random.seed(1)
    expected = random.random()  # noqa: S311
    random.seed(1)
    rows = prepared.whole(0, 100)
    train.learn(prepared, rows, rows, Config(model_type="MLP", **{**SMALL, "num_epochs": 1}))
    assert random.random() == expected  # noqa: S311


def test_a_batch_larger_than_the_rows_shrinks_to_them(prepared):
    settings = {**SMALL, "batch_size": 100_000, "num_epochs": 1}
    rows = prepared.whole(0, 60)
    learnt = train.learn(prepared, rows, rows, Config(model_type="MLP", **settings))
    assert np.isfinite(learnt.curve["loss"]).all()
