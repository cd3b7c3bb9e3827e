"""Every setting acts on every network: the graph or the training changes with it."""

from __future__ import annotations

import dataclasses
import functools

import keras
import numpy as np
import pytest

from mods import architectures
from mods.config import Config
from mods.models import inputs, preparation
from mods.models.network import build, train
from mods.series import leaving, transforms
from mods.tests.models.conftest import WINDOW, learnable
from mods.window import Window

SMALL = {
    "sequence_len": 4,
    "steps_ahead": 2,
    "blocks": 4,
    "num_epochs": 1,
    "batch_size": 32,
    "learning_rate": 0.01,
    "dropout_rate": 0.5,
}
GRAPH = {
    "blocks": 5,
    "stacked_blocks": 2,
    "batch_normalization": True,
    "dropout_rate": 0.25,
    "sequence_len": 5,
    "steps_ahead": 3,
    "model_delta": False,
    "accurate": True,
}
TRAINING = {"batch_size": 4, "learning_rate": 0.02, "num_epochs": 2, "seed": 1}
INPUTS = {
    "calendar": ("day",),
    "known_columns": ("open",),
    "entities": ("all",),
    "true_panes": False,
}
PATIENCE = {"epochs_patience"}
MATERIAL = {"data_select_query", "window_slide", "model_type"}
FEATURES = ("a|conn_in", "b|conn_in")
every_network = pytest.mark.parametrize("model_type", architectures.names())


@functools.cache
def ready(sequence_len=4, steps_ahead=2, model_delta=True, flat=False):
    values = learnable(60).to_numpy()
    values = np.ones_like(values) if flat else values
    transform = transforms.fit(values, panes=3, delta=model_delta)
    return preparation.prepare(
        values, transform, sequence_len=sequence_len, steps_ahead=steps_ahead
    )


@functools.cache
def given(**change):
    """Sizes of what a network gets of a table with a column known in advance and known panes."""
    table = learnable(60).set_axis(FEATURES, axis=1)
    transform = transforms.fit(table.to_numpy(), panes=3)
    gone = {leaving.name(name, slide): 1.0 for name in FEATURES for slide in (1, 2)}
    table = table.assign(open=1.0, **gone)
    config = Config(**{**SMALL, **change})
    made = inputs.fit(table, FEATURES, config, Window.parse(WINDOW))
    return preparation.sizes(transform, made, config.sequence_len, config.steps_ahead)


@functools.cache
def graph(model_type, **change):
    """Kinds of layers, shapes of inputs, weights and answer, and how much is dropped."""
    config = Config(model_type=model_type, **{**SMALL, **change})
    sizes = ready(config.sequence_len, config.steps_ahead, config.model_delta).sizes
    network = build.build(config, sizes)
    return (
        [(type(one).__name__, getattr(one, "rate", None)) for one in network.layers],
        [tuple(one.shape) for one in (*network.inputs, *network.weights, *network.outputs)],
    )


@functools.cache
def learnt(model_type, **change):
    """Learning curve and weights of a training on one batch."""
    prepared = ready()
    rows = prepared.whole()[:32]
    config = Config(model_type=model_type, **{**SMALL, **change})
    found = train.learn(prepared, (rows, rows[:8]), config)
    return found.curve, found.network.get_weights()


@pytest.fixture(scope="module", autouse=True)
def step_by_step():
    """Compiling a hundred trainings would take most of the time."""
    if keras.backend.backend() != "tensorflow":
        pytest.skip("step by step on TensorFlow only")
    tensorflow = pytest.importorskip("tensorflow")
    tensorflow.config.run_functions_eagerly(True)
    yield
    tensorflow.config.run_functions_eagerly(False)


@every_network
@pytest.mark.parametrize("name", GRAPH)
def test_it_changes_the_graph_or_is_declared_without_use(model_type, name):
    ignored = name in architectures.ignored(model_type)
    assert (graph(model_type, **{name: GRAPH[name]}) == graph(model_type)) == ignored


def test_no_setting_is_left_out():
    tested = {*GRAPH, *TRAINING, *INPUTS, *PATIENCE, *MATERIAL}
    assert tested == {one.name for one in dataclasses.fields(Config)}


@pytest.mark.parametrize("model_type", ["MLP", "NLinear"])
@pytest.mark.parametrize("name", INPUTS)
def test_it_changes_what_a_network_gets(model_type, name):
    """A head over one vector, and one over a path: what is given goes to the head alike."""
    shapes = []
    for sizes in (given(), given(**{name: INPUTS[name]})):
        network = build.build(Config(model_type=model_type, **SMALL), sizes)
        shapes.append([tuple(one.shape) for one in (*network.inputs, *network.weights)])
    assert shapes[0] != shapes[1]


@every_network
@pytest.mark.parametrize("name", TRAINING)
def test_it_changes_the_training(model_type, name):
    curve, weights = learnt(model_type)
    other, others = learnt(model_type, **{name: TRAINING[name]})
    assert curve != other
    assert not all(map(np.array_equal, weights, others))


@every_network
def test_patience_ends_a_training_without_anything_to_learn(model_type):
    prepared = ready(flat=True)
    rows = prepared.whole()[:8]
    settings = {**SMALL, "num_epochs": 6, "epochs_patience": 1}
    found = train.learn(prepared, (rows, rows), Config(model_type=model_type, **settings))
    assert len(found.curve["val_loss"]) == 2
