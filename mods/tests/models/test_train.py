from __future__ import annotations

import random

import keras
import numpy as np
import pytest

from mods.config import Config
from mods.models import gathering, preparation
from mods.models.network import build, export, loops, train
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
    learnt = train.learn(prepared, rows, Config(model_type="MLP", **settings))
    errors = learnt.curve["val_loss"]
    assert len(errors) == 1 + errors.index(min(errors)) + 2
    loop = loops.Plain(learnt.network, None, fed(prepared, rows[0]), 64)
    assert loop.error(rows[1]) == pytest.approx(min(errors), rel=1e-5)


def fed(prepared, rows):
    tables = prepared.tables, prepared.wanted()
    return gathering.feed(tables, train._weights(prepared, rows), prepared.layout)


def test_persistence_has_error_one_on_its_own_training_rows(prepared):
    rows = prepared.whole(0, 300)

    class Persistence:
        def compile(self, **_):
            pass

        def predict_on_batch(self, inputs):
            return np.zeros((len(inputs[0]), 3))

    loop = loops.Plain(Persistence(), None, fed(prepared, rows), 64)
    assert loop.error(rows) == pytest.approx(1.0)


def test_the_fused_loop_takes_the_same_steps_as_the_plain_one(prepared, monkeypatch):
    """Also with dropout and batch normalisation, whose state both carry along."""
    config = Config(model_type="MLP", **SMALL, batch_normalization=True, dropout_rate=0.3)
    rows = prepared.whole(0, 300), prepared.whole(300, 400)
    fused = train.learn(prepared, rows, config)
    monkeypatch.setattr(loops, "FUSED", {})
    plain = train.learn(prepared, rows, config)
    for name in ("loss", "val_loss"):
        assert fused.curve[name] == pytest.approx(plain.curve[name], rel=1e-5)
    for one, other in zip(fused.network.get_weights(), plain.network.get_weights(), strict=True):
        assert np.allclose(one, other, rtol=1e-4, atol=1e-6)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="XLA by TensorFlow")
def test_a_recurrent_network_unrolled_for_single_samples_takes_the_same_steps(
    prepared, monkeypatch
):
    from mods.models.network import fused_tensorflow

    settings = {**SMALL, "batch_size": 1, "num_epochs": 1, "dropout_rate": 0.0}
    config = Config(model_type="GRU", **settings)  # XLA draws other random numbers
    rows = prepared.whole(0, 60), prepared.whole(300, 400)
    monkeypatch.setattr(fused_tensorflow, "LEAST_STEPS", 1)
    unrolled = train.learn(prepared, rows, config)
    assert not any(getattr(one, "unroll", False) for one in unrolled.network._flatten_layers())
    monkeypatch.setattr(loops, "FUSED", {})
    plain = train.learn(prepared, rows, config)
    assert unrolled.curve["loss"] == pytest.approx(plain.curve["loss"], rel=1e-4)


def test_what_layers_add_to_the_loss_is_learnt(prepared):
    """A layer that adds its own loss (a reconstruction, say) moves the weights by it."""
    rows = prepared.whole(0, 300)
    feed = fed(prepared, rows)

    def end(strength):
        keras.utils.set_random_seed(0)
        network = build.build(Config(model_type="MLP", **SMALL), prepared.sizes)
        dense = next(one for one in network.layers if isinstance(one, keras.layers.Dense))
        dense.kernel.regularizer = keras.regularizers.L2(strength)
        train.epochs(network, feed, (rows, rows), Config(model_type="MLP", **SMALL))
        return float(np.abs(dense.kernel.numpy()).sum())

    assert end(1.0) < 0.9 * end(0.0)


def test_training_leaves_the_callers_random_numbers_alone(prepared):
    random.seed(1)
    expected = random.random()  # noqa: S311
    random.seed(1)
    rows = prepared.whole(0, 100)
    train.learn(prepared, (rows, rows), Config(model_type="MLP", **{**SMALL, "num_epochs": 1}))
    assert random.random() == expected  # noqa: S311


def test_few_rows_are_taken_in_small_batches_so_that_an_epoch_is_a_score_of_steps():
    many = Config(batch_size=256)
    assert [train._batch(many, rows) for rows in (5, 60, 400, 5_120, 90_000)] == [
        5,
        8,
        20,
        256,
        256,
    ]
    assert train._batch(Config(batch_size=4), 400) == 4


def test_the_members_of_an_accurate_network_learn_apart_and_answer_as_their_mean(prepared):
    rows = prepared.whole(0, 300), prepared.whole(300, 400)
    config = Config(model_type="MLP", accurate=True, **SMALL)
    network = train.learn(prepared, rows, config).network
    inputs = [np.asarray(one) for one in prepared.inputs(rows[1][:20])]
    average = np.asarray(network(inputs, training=False))
    every = np.asarray(network(inputs, training=True))
    assert every.shape == (4, *average.shape)
    assert all(np.ptp(every, axis=0).mean(axis=0) > 0.01)
    assert export.onnx(network, inputs, config) is not None
