"""Config and requests: the reference's names, checked defaults, one saying of each."""

from __future__ import annotations

import dataclasses
import inspect

import pytest

from mods import architectures, request
from mods.config import Config
from mods.errors import QueryError, SettingError, TimeRangeError, UsageError
from mods.request import PredictRequest, PrepareRequest, TrainRequest
from mods.settings import settings

OF_THE_REFERENCE = {
    "model_name", "data_select_query", "train_time_range", "train_time_ranges_excluded",
    "test_time_range", "test_time_ranges_excluded", "window_slide", "sequence_len", "model_delta",
    "model_type", "num_epochs", "epochs_patience", "blocks", "stacked_blocks", "steps_ahead",
    "batch_size", "batch_normalization", "dropout_rate",
}  # fmt: skip
CLASSES = [Config] + [
    found
    for found in vars(request).values()
    if inspect.isclass(found) and issubclass(found, request.Request)
]


def names(*classes: type) -> set[str]:
    return {one.name for cls in classes for one in settings(cls)}


def test_clients_of_the_reference_find_their_parameters():
    assert names(Config, TrainRequest) >= OF_THE_REFERENCE
    predict = {"model_name", "time_range", "time_ranges_excluded", "batch_size"}
    assert names(PredictRequest) >= predict


def test_what_makes_a_model_and_what_is_wanted_now_do_not_mix():
    assert not names(Config) & names(TrainRequest)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_setting_has_a_help_text_and_a_default_inside_its_limits(cls):
    for one in settings(cls):
        assert one.help.endswith("."), one.name
        if not one.required:
            assert one.read(one.default) == one.default, one.name


def test_a_config_knows_its_window_and_its_query():
    config = Config(window_slide="w10m-s01m", data_select_query="ssh|in~ssh_in")
    assert (config.window.length, config.window.slide) == (600, 60)
    assert config.query.selections[0].name == "ssh_in"


def test_the_same_settings_are_the_same_config():
    assert Config(steps_ahead="6") == Config(steps_ahead=6)
    assert dataclasses.asdict(Config())["steps_ahead"] == 1


@pytest.mark.parametrize("name", architectures.names())
def test_every_network_may_be_chosen(name):
    assert Config(model_type=name).model_type == name


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"model_type": "lstm"}, "model_type: 'lstm' is not known. Give one of .*LSTM"),
        ({"steps_ahead": 0}, "steps_ahead: 0 is out of range. Give 1 to 1000"),
        ({"dropout_rate": 1.0}, "dropout_rate: 1.0 is out of range"),
        ({"sequence_len": "many"}, "sequence_len: 'many' is not a whole number"),
        ({"seed": -1}, "seed: -1 is out of range"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(wrong, said):
    with pytest.raises(SettingError, match=said):
        Config(**wrong)


def test_a_wrong_grammar_is_refused_before_any_work():
    with pytest.raises(QueryError, match="data_select_query"):
        Config(data_select_query="conn|")
    with pytest.raises(UsageError, match="window_slide"):
        Config(window_slide="1h")
    with pytest.raises(TimeRangeError, match="is reversed"):
        TrainRequest("week", train_time_range="<2019-06-01,2019-05-01>")
    with pytest.raises(UsageError, match="model_name"):
        PredictRequest("../week")


def test_exclusions_are_repeated_or_joined():
    joined = TrainRequest(
        "week", train_time_ranges_excluded="<2019-05-01,2019-05-02);<2019-05-07,2019-05-08)"
    )
    assert len(joined.train_time_ranges_excluded) == 2
    with pytest.raises(TimeRangeError):
        TrainRequest("week", train_time_ranges_excluded=["<2019-05-01,2019-05-02)", "yesterday"])


def test_local_networks_are_joined_by_commas_as_people_write_them():
    asked = PrepareRequest("logs", local_networks="10.0.0.0/8, 2001:db8::/32")
    assert asked.local_networks == ("10.0.0.0/8", "2001:db8::/32")


def test_a_batch_of_nothing_is_refused():
    with pytest.raises(SettingError, match="batch_size: 0 is out of range"):
        PredictRequest("week", batch_size=0)
