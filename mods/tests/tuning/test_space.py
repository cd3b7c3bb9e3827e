import sys

import pytest

from mods import tuning
from mods.config import Config
from mods.errors import ResourceError, SettingError, UsageError
from mods.settings import Span, settings
from mods.tuning.space import plain, space


def test_every_value_that_may_be_tried_is_within_the_limits_of_its_setting():
    declared = [one for one in settings(Config) if one.tune is not None]
    assert len(declared) >= 6
    for one in declared:
        tried = (one.tune.low, one.tune.high) if isinstance(one.tune, Span) else one.tune
        assert [one.read(value) for value in tried] == list(tried)


def test_what_is_given_is_not_searched_and_what_is_searched_holds_the_value_it_has():
    config = Config(blocks=48, learning_rate=0.5, stacked_blocks=2)
    found = space(config, given={"stacked_blocks"})
    assert "stacked_blocks" not in found and "num_epochs" not in found
    assert found["blocks"] == (16, 32, 48, 64, 128)
    assert found["learning_rate"] == Span(0.0003, 0.5, log=True)


def test_what_the_network_does_not_read_is_not_searched():
    assert "stacked_blocks" in space(Config(model_type="MLP"))
    assert "stacked_blocks" not in space(Config(model_type="NLinear"))


def test_the_network_itself_is_searched_where_asked_for():
    found = space(Config(), ("model_type", "blocks"))
    assert list(found) == ["model_type", "blocks"] and "LSTM" in found["model_type"]
    assert plain(space(Config(), ("dropout_rate",))) == {
        "dropout_rate": {"low": 0.0, "high": 0.5, "log": False}
    }


@pytest.mark.parametrize("name", ["window_slide", "num_epochs", "blokcs"])
def test_what_cannot_be_searched_is_named_beside_what_can(name):
    with pytest.raises(SettingError, match="cannot be searched") as caught:
        space(Config(), (name,))
    assert name in str(caught.value) and "learning_rate" in caught.value.fix


def test_a_setting_both_given_and_searched_and_nothing_to_search_are_refused():
    with pytest.raises(UsageError, match="given and searched"):
        space(Config(), ("blocks",), given=("blocks",))
    with pytest.raises(UsageError, match="every setting is given"):
        space(Config(), given=[one.name for one in settings(Config)])


def test_without_optuna_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    monkeypatch.delitem(sys.modules, "mods.tuning.study", raising=False)
    with pytest.raises(ResourceError, match="optuna is not installed") as caught:
        tuning.room("study")
    assert "mods[tune]" in caught.value.fix
