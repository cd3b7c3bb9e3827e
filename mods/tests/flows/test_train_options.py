"""What `mods train` does beside training: pictures, logs, going on from a saved model."""

from __future__ import annotations

import pytest

from mods.config import Config
from mods.errors import UsageError
from mods.flows import onward, saved
from mods.flows.train import train
from mods.request import Source, TrainRequest


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
    told = train(Config(num_epochs=2), request, Source(data=str(pool), models=str(shelf)))
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
    with pytest.raises(UsageError, match=r"^blocks: 64 is not that of small, which has 4\."):
        onward.begin("small", str(shelf), Config(blocks=64))


def test_a_picture_with_another_ending_is_refused_before_training(pool, tmp_path):
    request = TrainRequest(model_name="x", picture=str(tmp_path / "curve.csv"))
    with pytest.raises(UsageError, match=r"curve.csv' has an ending.*Use one of .png, .svg"):
        train(Config(), request, Source(data=str(pool), models=str(tmp_path)))
