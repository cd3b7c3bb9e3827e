"""Limits from training to warning: kept with the model, asked for anew, told in every answer."""

from __future__ import annotations

import json

import pytest

from mods.cli import main
from mods.config import Config
from mods.deepaas import answers
from mods.flows import limits, material, saved
from mods.flows.train import train
from mods.limit import Limit
from mods.request import Source, TrainRequest


@pytest.fixture(scope="module")
def limited(pool, tmp_path_factory):
    """A models folder with one model that was given two limits."""
    place = tmp_path_factory.mktemp("limited")
    config = Config(model_type="NLinear", steps_ahead=6, sequence_len=12, num_epochs=1)
    request = TrainRequest(model_name="given", limits=("conn_in<10; ssh_in>1e6",))
    train(config, request, Source(data=str(pool), models=str(place)))
    return place


def told(capsys, *words):
    assert main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_limits_of_the_training_warn_without_being_said_again(pool, limited, capsys):
    words = ["predict", "given", "--data", str(pool), "--models", str(limited)]
    answer = told(capsys, *words)
    given = [one for one in answer["warnings"] if one["source"] == "given"]
    assert [(one["feature"], one["direction"], one["limit"]) for one in given] == [
        ("conn_in", "above", 10.0),
        ("ssh_in", "below", 1e6),
    ]
    assert all(one["probability"] > 0.99 and one["lead"] == 1 and one["now"] for one in given)
    assert answers.ModelPredictionResponse().load(answer)["warnings"] == answer["warnings"]
    assert main(words) == 0
    assert "goes" in (shown := capsys.readouterr().out) and "above 10" in shown


def test_another_limit_stands_in_and_an_infinite_one_lifts_it(pool, limited, capsys):
    words = ["predict", "given", "--data", str(pool), "--models", str(limited)]
    answer = told(capsys, *words, "--limits", "conn_in<inf;ssh_in>0.5")
    assert answer["warnings"] == []
    assert main([*words, "--limits", "conn_in<inf;ssh_in>0.5"]) == 0
    assert "no limit is likely to be crossed; the likeliest is" in capsys.readouterr().out


def test_levels_rare_in_the_training_data_travel_in_the_model(limited):
    _, _, kept = saved.whole(limited / "given.zip")
    assert kept.given == (Limit("conn_in", True, 10.0), Limit("ssh_in", False, 1e6))
    sides = {one.side for one in kept.learnt}
    assert {(name, True) for name in ("conn_in", "conn_out", "ssh_in")} <= sides
    forecaster, detector = saved.load(limited / "given.zip")
    assert detector is not None and forecaster.features == tuple(kept.shares)


def test_a_model_that_goes_on_learning_keeps_its_limits(pool, limited):
    request = TrainRequest(model_name="later", init_from="given", limits=("conn_in<20",))
    source, config = Source(data=str(pool), models=str(limited)), Config()
    gathered = material.gather(config, request, source)
    kept = limits.given(request, source, config, gathered)
    assert kept == (Limit("conn_in", True, 20.0), Limit("ssh_in", False, 1e6))


def test_a_limit_on_what_is_not_forecast_is_refused(pool, limited, capsys):
    words = ["predict", "given", "--data", str(pool), "--models", str(limited)]
    assert main([*words, "--limits", "con_in<5"]) == 2
    assert "no feature 'con_in' to limit" in capsys.readouterr().err
    assert main([*words, "--limits", "conn_in=5"]) == 2
    assert "Say what has to hold" in capsys.readouterr().err


def test_the_picture_draws_the_limit_that_is_warned_of(pool, limited, tmp_path):
    out = tmp_path / "next.svg"
    words = ["predict", "given", "--data", str(pool), "--models", str(limited)]
    assert main([*words, "--output", str(out)]) == 0
    assert "limit, warned of" in out.read_text()
