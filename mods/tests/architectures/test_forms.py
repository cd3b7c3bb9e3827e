"""Each network is what its name says."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from mods import architectures
from mods.config import Config
from mods.errors import ModelError
from mods.models import preparation
from mods.models.network import attention, build, layers, train
from mods.models.prepared import Sizes
from mods.series import transforms
from mods.tests.models.conftest import learnable

PAST, LEADS, CHANNELS = 24, 5, 3


def trunk(model_type, past=PAST, **settings):
    """The network without its head: past -> what it gives the head."""
    config = Config(
        model_type=model_type, sequence_len=past, steps_ahead=LEADS, blocks=8, **settings
    )
    x = keras.Input((past, CHANNELS))
    return keras.Model(x, architectures.find(model_type)(x, config, layers))


def some(past=PAST):
    return np.random.default_rng(0).normal(size=(2, past, CHANNELS)).astype("float32")


def kinds(model, kind):
    return [layer for layer in model.layers if type(layer).__name__ == kind]


def changed(model, x, step):
    """Whether the answer changes with the value of a step."""
    other = x.copy()
    other[:, step] += 1
    before, after = (np.asarray(model(one)) for one in (x, other))
    return np.abs(before - after).max() > 0


@pytest.mark.parametrize("model_type", ["seq2seqLSTM", "NLinear", "DLinear", "TSMixer", "NHITS"])
def test_a_path_has_one_vector_for_every_lead(model_type):
    path = np.asarray(trunk(model_type)(some()))
    assert path.shape[:2] == (2, LEADS)
    assert np.ptp(path, axis=1).max() > 0


@pytest.mark.parametrize("past", [2, 3, 24, 33])
@pytest.mark.parametrize("model_type", ["TCN", "stackedTCN", "PatchTST", "NHITS", "Conv1D"])
def test_convolutions_and_patches_see_the_first_step_and_the_last(model_type, past):
    model = trunk(model_type, past)
    assert changed(model, some(past), 0)
    assert changed(model, some(past), -1)


def test_the_convolutions_of_a_tcn_are_causal():
    model = trunk("TCN")
    inner = keras.Model(model.input, kinds(model, "Add")[-1].output)
    x = some()
    later = x.copy()
    later[:, 12:] += 1
    before, after = (np.asarray(inner(one))[:, :12] for one in (x, later))
    assert np.array_equal(before, after)


def test_a_tcn_normalises_its_weights_or_its_batches():
    plain, batch = trunk("TCN"), trunk("TCN", batch_normalization=True)
    first = kinds(plain, "WeightNormalizedConv1D")[0]
    lengths = np.sqrt((np.asarray(first.kernel) ** 2).sum(axis=(0, 1)))
    assert np.allclose(lengths, np.asarray(first.length), atol=1e-5)
    assert not kinds(batch, "WeightNormalizedConv1D")
    assert kinds(batch, "BatchNormalization")


@pytest.mark.parametrize(("model_type", "layer"), [("LSTM", 1), ("stackedLSTM", 2)])
def test_layers_of_lstm_read_sequences(model_type, layer):
    for more in (1, 2):
        found = kinds(trunk(model_type, stacked_blocks=more), "LSTM")
        assert len(found) == layer + more - 1
        assert all(len(one.input.shape) == 3 for one in found)


def test_a_stacked_tcn_is_several_tcns():
    single = len(kinds(trunk("TCN"), "WeightNormalizedConv1D"))
    for more in (1, 2):
        stacked = kinds(trunk("stackedTCN", stacked_blocks=more), "WeightNormalizedConv1D")
        assert len(stacked) == (1 + more) * single


def test_the_decoder_begins_where_the_encoder_ended():
    encoder, decoder = kinds(trunk("seq2seqLSTM"), "LSTM")
    assert [one.shape for one in decoder.input[1:]] == [one.shape for one in encoder.output[1:]]
    assert all(a is b for a, b in zip(decoder.input[1:], encoder.output[1:], strict=True))


def test_a_bidirectional_lstm_reads_backwards_too():
    assert len(kinds(trunk("bidirectLSTM", stacked_blocks=2), "Bidirectional")) == 2


@pytest.fixture(scope="module")
def prepared():
    values = learnable(160).to_numpy()
    transform = transforms.fit(values, panes=3)
    return preparation.prepare(values, transform, sequence_len=8, steps_ahead=2)


@pytest.mark.parametrize("accurate", [False, True])
def test_attention_can_be_read(prepared, accurate):
    config = Config(
        model_type="attentionLSTM", sequence_len=8, steps_ahead=2, blocks=8, accurate=accurate
    )
    rows = prepared.whole()[:20]
    inputs = list(prepared.inputs(rows))
    weights = attention.over_past(build.build(config, prepared.sizes), inputs)
    assert weights.shape == (20, 8)
    assert np.allclose(weights.sum(axis=1), 1, atol=1e-5)
    assert np.ptp(weights, axis=1).min() > 0


def test_a_network_without_attention_says_which_has_it():
    config = Config(model_type="NLinear", sequence_len=8, steps_ahead=2)
    with pytest.raises(ModelError, match="model_type=attentionLSTM"):
        attention.over_past(build.build(config, Sizes(2, 3, 4)), [])


def test_the_autoencoder_learns_to_restore_its_input(prepared):
    settings = {"blocks": 16, "num_epochs": 8, "learning_rate": 0.01, "batch_size": 32}
    config = Config(model_type="autoencoderMLP", sequence_len=8, steps_ahead=2, **settings)
    rows = prepared.whole()
    learnt = train.learn(prepared, (rows, rows), config).network
    untrained = build.build(config, prepared.sizes)
    missed = [_restoration_error(one, prepared.inputs(rows)) for one in (untrained, learnt)]
    assert missed[1] < 0.7 * missed[0]


def _restoration_error(network, inputs):
    restoring = next(one for one in network.layers if isinstance(one, layers.Restoring))
    restored = keras.Model(network.inputs, restoring.input[1])
    return np.abs(np.asarray(restored.predict_on_batch(list(inputs))) - inputs[0]).mean()
