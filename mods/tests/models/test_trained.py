from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from mods.errors import CorruptModelError
from mods.models.forecaster import Forecaster
from mods.models.network import export


@pytest.fixture
def parts(forecaster):
    return forecaster.parts()


def changed(parts, **fields):
    """The parts with some entries of some fields replaced; None removes an entry."""
    new = {}
    for name, entries in fields.items():
        merged = {**getattr(parts, name), **entries}
        new[name] = {key: value for key, value in merged.items() if value is not None}
    return dataclasses.replace(parts, **new)


def test_without_onnx_keras_predicts_the_same(forecaster, parts, series):
    rebuilt = Forecaster.from_parts(dataclasses.replace(parts, onnx=None))
    before, after = (one.backtest(series.iloc[800:]).values for one in (forecaster, rebuilt))
    assert np.allclose(before, after, rtol=1e-5)


def test_an_export_that_answers_otherwise_is_not_believed(
    forecaster, parts, series, monkeypatch, caplog
):
    network = Forecaster.from_parts(dataclasses.replace(parts, onnx=None))._trained.answers.network
    inputs = [np.ones((4, *shape[1:]), "float32") for shape in network.input_shape]
    assert export.onnx(network, inputs, forecaster.config) is not None
    monkeypatch.setattr(export, "CLOSE", -1.0)
    assert export.onnx(network, inputs, forecaster.config) is None
    assert "Keras predicts" in caplog.text


@pytest.mark.parametrize(
    "change",
    [
        {"config": {"steps_ahead": 4}},
        {"config": {"sequence_len": 9}},
        {"config": {"sequence_len": 10**9}},
        {"config": {"model_type": "Lambda"}},
        {"config": {"colour": "red"}},
        {"state": {"features": ["conn_in"]}},
        {"state": {"features": None}},
        {"state": {"window": "tomorrow"}},
        {"state": {"step": 0}},
        {"state": {"step": "never"}},
        {"state": {"tail_start": "1970-01-01"}},
        {"state": {"spread": [[1.0]]}},
        {"state": {"trust": [1.0, 7.0]}},
        {"state": {"transform": {"panes": 3}}},
        {"weights": {"tail": None}},
        {"weights": {"tail_gaps": np.zeros(3, "uint8")}},
    ],
    ids=str,
)
def test_parts_that_do_not_fit_are_refused(parts, change):
    with pytest.raises(CorruptModelError, match="do not fit|does not fit"):
        Forecaster.from_parts(changed(parts, **change))


def test_another_network_than_the_config_says_is_refused(parts):
    with pytest.raises(CorruptModelError, match="cannot be loaded"):
        Forecaster.from_parts(dataclasses.replace(parts, onnx=b"no network"))
    other = changed(parts, config={"blocks": 9})
    with pytest.raises(CorruptModelError, match="do not fit a MLP"):
        Forecaster.from_parts(dataclasses.replace(other, onnx=None))


def test_curve_figures_and_settings_travel_along(forecaster, parts):
    travelled = Forecaster.from_parts(parts)
    assert travelled.history == forecaster.history
    assert travelled.metrics == forecaster.metrics
    assert travelled.config == forecaster.config
