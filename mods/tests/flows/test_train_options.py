"""What `mods train` does beside training: pictures, logs, going on from a saved model."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mods.cli import main
from mods.config import Config
from mods.errors import SeriesError, UsageError
from mods.flows import material, onward, saved
from mods.flows.train import train
from mods.request import Source, TrainRequest


def test_an_empty_column_of_a_file_is_left_out_with_a_warning(tmp_path):
    times = pd.date_range("2024-03-04", periods=700, freq="10min", tz="UTC")
    load = 1_000 + np.arange(700) % 24
    table = pd.DataFrame({"time": times, "load": load, "empty": np.nan})
    table.to_csv(tmp_path / "a.csv", index=False)
    request, source = TrainRequest(model_name="a"), Source(data=str(tmp_path / "a.csv"))
    gathered = material.gather(Config(), request, source)
    assert list(gathered.parts.train) == ["load"]
    assert gathered.warnings == ("left out, since they hold no value: empty",)
    table.assign(load=np.nan).to_csv(tmp_path / "a.csv", index=False)
    with pytest.raises(SeriesError, match="0 known steps are too few"):
        train(Config(), request, source)


@pytest.fixture(scope="module")
def options(pool, shelf, tmp_path_factory):
    """`small` goes on learning for two epochs, with everything that can be watched."""
    place = tmp_path_factory.mktemp("options")
    request = TrainRequest(
        model_name="onward",
        init_from="small",
        tensorboard=str(place / "logs"),
        picture=str(place / "curve.png"),
    )
    source = Source(data=str(pool), models=str(shelf))
    told = train(Config(num_epochs=2), request, source, {"num_epochs"})
    return place, told


def test_a_model_goes_on_from_another(options, shelf):
    _, told = options
    (old, _), (new, detector) = (saved.load(shelf / f"{name}.zip") for name in ("small", "onward"))
    assert told["epochs"] == 2 and told["metrics"]["init_from"] == "small"
    assert (new.config.blocks, new.config.num_epochs) == (4, 2) and detector is not None
    assert new.parts().state["transform"] == old.parts().state["transform"]


def test_the_curve_is_drawn_and_logged(options):
    place, _ = options
    assert (place / "curve.png").read_bytes()[:4] == b"\x89PNG"
    assert len(list((place / "logs").iterdir())) == 1


def test_another_network_is_refused(shelf):
    with pytest.raises(UsageError, match=r"^blocks: 16 is not that of small, which has 4\."):
        onward.begin("small", Source(models=str(shelf)), Config(blocks=16), {"blocks"})


def test_what_is_given_counts_though_it_is_the_default(shelf):
    source, config = Source(models=str(shelf)), Config()
    given = {"num_epochs", "learning_rate", "steps_ahead", "model_name"}
    assert onward.begin("small", source, config)[1] == {}
    assert onward.begin("small", source, config, {"num_epochs"})[1] == {"num_epochs": 20}
    with pytest.raises(UsageError, match=r"^steps_ahead: 1 is not that of small, which has 3\."):
        onward.begin("small", source, config, given)


def test_the_command_line_tells_what_was_given(pool, shelf, tmp_path, capsys):
    (tmp_path / "small.zip").write_bytes((shelf / "small.zip").read_bytes())
    words = ["train", str(pool), "--models", str(tmp_path), "--model_name", "next"]
    assert main([*words, "--init_from", "small", "--steps_ahead", "1"]) == 2
    assert "steps_ahead: 1 is not that of small, which has 3" in capsys.readouterr().err


def test_columns_that_a_model_never_knew_in_advance_are_refused(shelf, tmp_path):
    source = Source(models=str(shelf), known=str(tmp_path / "holidays.csv"))
    with pytest.raises(UsageError, match=r"^known: small was trained without .* Leave it out"):
        onward.begin("small", source, Config())


def test_a_picture_with_another_ending_is_refused_before_training(pool, tmp_path):
    request = TrainRequest(model_name="x", picture=str(tmp_path / "curve.csv"))
    with pytest.raises(UsageError, match=r"curve.csv' has an ending.*Use one of .png, .svg"):
        train(Config(), request, Source(data=str(pool), models=str(tmp_path)))
