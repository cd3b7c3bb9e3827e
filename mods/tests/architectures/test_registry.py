from __future__ import annotations

import pytest

from mods import architectures
from mods.architectures import registry
from mods.config import Config

REFERENCE = (
    "MLP Conv1D autoencoderMLP LSTM GRU bidirectLSTM seq2seqLSTM stackedLSTM attentionLSTM TCN "
    "stackedTCN"
)


@pytest.fixture
def own(monkeypatch):
    """A network of the user's own, forgotten afterwards."""
    architectures.names()
    for known in ("_networks", "_ignored"):
        monkeypatch.setattr(registry, known, dict(getattr(registry, known)))

    @architectures.architecture("last", ignores=("batch_normalization",))
    def last(x, config, layers):
        """The last step."""
        return x[:, -1]

    return last


def test_all_names_of_the_reference_and_later_ones_are_there():
    assert set(REFERENCE.split()) <= set(architectures.names())
    assert {"NLinear", "DLinear", "TSMixer", "NHITS", "PatchTST"} <= set(architectures.names())


def test_a_network_of_ones_own_can_be_chosen_as_soon_as_it_is_decorated(own):
    assert architectures.find("last") is own
    assert Config(model_type="last").model_type == "last"


def test_a_name_is_given_once(own):
    with pytest.raises(ValueError, match="two networks named last"):
        architectures.architecture("last")(own)


def test_a_setting_without_use_is_known_when_it_is_set(own):
    assert Config(model_type="last", stacked_blocks=2).unread == ()
    assert Config(model_type="last", batch_normalization=True).unread == ("batch_normalization",)
