"""One contract for every network: what the decorator promises, it keeps."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from keras.backend import backend

from mods import architectures
from mods.config import Config
from mods.models import artifact, preparation
from mods.models.forecaster import Forecaster
from mods.models.network import build, export, translation
from mods.models.prepared import Sizes
from mods.series import transforms
from mods.tests.models.conftest import SMALL

SIZES = Sizes(channels=2, facts=3, bases=4)


@pytest.fixture(scope="module")
def by_keras():
    """On another backend than TensorFlow Keras predicts: as many translations take minutes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(translation, "possible", lambda: False)
        yield


@pytest.fixture(scope="module", params=architectures.names())
def trained(request, series, by_keras):
    settings = {"batch_normalization": request.param in ("Conv1D", "TCN")}
    return Forecaster(model_type=request.param, **SMALL, **settings).fit(series.iloc[:700])


def test_it_beats_persistence(trained, series):
    forecast = trained.backtest(series, series.index[700:-3])
    missed = np.abs(forecast.actual(series) - forecast.values).mean(axis=(0, 1))
    now = series.iloc[700:-3].to_numpy()[:, None]
    persistence = np.abs(forecast.actual(series) - now).mean(axis=(0, 1))
    assert (missed < 0.8 * persistence).all()


def test_the_validation_error_falls_and_the_best_epoch_is_kept(trained):
    curve = trained.history["val_loss"]
    assert min(curve[1:]) < curve[0]
    assert trained.metrics["validation"]["mean"] < 0.8


def test_saved_and_loaded_it_forecasts_the_same(trained, series, tmp_path):
    artifact.write(tmp_path / "m.zip", trained.parts())
    loaded = Forecaster.from_parts(artifact.read(tmp_path / "m.zip"))
    before, after = (one.backtest(series.iloc[650:]) for one in (trained, loaded))
    assert np.array_equal(before.values, after.values)
    assert all(np.array_equal(before.lower[level], after.lower[level]) for level in (80, 95))


@pytest.mark.skipif(backend() != "tensorflow", reason="TensorFlow exports to ONNX")
def test_onnx_answers_as_keras_does(trained):
    parts, config = trained.parts(), trained.config
    assert parts.onnx is not None
    transform = transforms.read(parts.state["transform"])
    values = np.random.default_rng(1).gamma(2.0, 500.0, (60, 2))
    ready = preparation.prepare(values, transform, sequence_len=8, steps_ahead=3)
    inputs = ready.inputs(ready.rows(np.arange(60)))
    weights = {k.removeprefix("network/"): v for k, v in parts.weights.items() if "/" in k}
    keras = export.Network(export.rebuilt(config, ready.sizes, weights)).paths(*inputs)
    onnx = trained._trained.answers.paths(*inputs)
    assert np.abs(keras - onnx).max() <= 1e-5 * max(1.0, np.abs(keras).max())


@pytest.mark.parametrize("model_type", architectures.names())
def test_untrained_it_forecasts_no_change(model_type):
    config = Config(model_type=model_type, **SMALL)
    shapes = (5, 8, 2), (5, 3), (5, 3, 4)
    inputs = [np.random.default_rng(0).normal(size=shape).astype("float32") for shape in shapes]
    path = np.asarray(build.build(config, SIZES)(inputs))
    assert path.tolist() == np.zeros((5, 3)).tolist()


@pytest.mark.parametrize("model_type", architectures.names())
def test_dropout_acts_in_training_only(model_type):
    network = build.build(Config(model_type=model_type, dropout_rate=0.5, **SMALL), SIZES)
    network.set_weights([np.full(w.shape, 0.1, "float32") for w in network.get_weights()])
    inputs = [np.ones(shape, "float32") for shape in ((64, 8, 2), (64, 3), (64, 3, 4))]
    learning, judging = (np.asarray(network(inputs, training=on)) for on in (True, False))
    assert np.ptp(judging[:, 0]) < 1e-5
    assert np.ptp(learning[:, 0]) > 1e-3


@pytest.mark.parametrize("model_type", architectures.names())
def test_its_first_line_explains_it(model_type):
    lines = inspect.getdoc(architectures.find(model_type)).splitlines()
    assert lines[0].endswith(".")
