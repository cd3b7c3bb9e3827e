from __future__ import annotations

import subprocess
import tempfile

import keras
import numpy as np
import pytest

from mods.config import Config
from mods.errors import ResourceError
from mods.models import runtime
from mods.models.network import build, export, translation
from mods.models.prepared import Sizes

CONFIG = Config(model_type="TCN", sequence_len=8, steps_ahead=3, blocks=4)
SHAPES = ((5, 8, 2), (5, 3), (5, 3, 4))

translating = pytest.mark.skipif(
    keras.backend.backend() == "tensorflow", reason="TensorFlow needs no translation"
)


@pytest.fixture(scope="module")
def network():
    """With weights unlike zero, so that its answers are."""
    found = build.build(CONFIG, Sizes(channels=2, facts=3, bases=4))
    random = np.random.default_rng(0)
    found.set_weights([random.normal(0, 0.3, w.shape) for w in found.get_weights()])
    return found


@pytest.fixture(scope="module")
def inputs():
    return [np.random.default_rng(1).normal(size=shape).astype("float32") for shape in SHAPES]


@translating
def test_tensorflow_exports_what_another_backend_trained(network, inputs):
    onnx = export.onnx(network, inputs, CONFIG)
    answers = np.asarray(network.predict_on_batch(inputs))
    assert np.abs(answers).max() > 0.1
    assert np.allclose(runtime.Network(onnx).paths(*inputs), answers, atol=1e-5)


@translating
def test_where_translation_fails_keras_predicts_and_says_why(network, inputs, monkeypatch, caplog):
    failed = subprocess.CompletedProcess([], 1, "", "Traceback\nMemoryError: no room\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    assert export.onnx(network, inputs, CONFIG) is None
    assert "MemoryError: no room" in caplog.text


def weights(network):
    return Sizes(channels=2, facts=3, bases=4), export.weights(network)


def test_a_temporary_disk_that_fails_is_our_error(network, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    told = r"^temporary folder: cannot hold the ONNX export: No such file .* set TMPDIR"
    with pytest.raises(ResourceError, match=told):
        translation.translated(CONFIG, *weights(network))


def test_a_translation_that_hangs_is_given_up(network, monkeypatch):
    monkeypatch.setattr(translation, "PATIENCE_SECONDS", 0.01)
    with pytest.raises(RuntimeError, match=r"^TensorFlow was not done in 0\.01 s$"):
        translation.translated(CONFIG, *weights(network))
