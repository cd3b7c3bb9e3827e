"""A training that is killed goes on where it stood; what is no checkpoint of it is refused."""

from __future__ import annotations

import dataclasses
import logging
import os
import random
import resource
import time

import numpy as np
import pytest

from mods import atomic
from mods.models import checkpoints
from mods.models.checkpoints import Checkpoint, Run, Stand
from mods.models.forecaster import Forecaster
from mods.tests.models.conftest import SMALL, learnable

SETTINGS = {**SMALL, "model_type": "MLP", "batch_normalization": True, "dropout_rate": 0.3}


def interrupted(after: int):
    """A watch that presses Ctrl-C after so many epochs."""

    def watch(epoch, error):
        if epoch == after:
            raise KeyboardInterrupt

    return watch


def weights(forecaster):
    return [array.tobytes() for array in forecaster.parts().weights.values()]


@pytest.fixture(scope="module")
def short():
    return learnable(400)


@pytest.fixture(scope="module")
def unbroken(short):
    return Forecaster(**SETTINGS).fit(short)


@pytest.fixture
def left(short, tmp_path):
    """The folder of a training that was interrupted after its second epoch."""
    with pytest.raises(KeyboardInterrupt):
        Forecaster(**SETTINGS).fit(short, run=Run(tmp_path), watch=interrupted(2))
    return tmp_path


def test_an_interrupted_training_goes_on_and_gives_the_same_model(left, short, unbroken, caplog):
    caplog.set_level(logging.INFO)
    told = []
    resumed = Forecaster(**SETTINGS).fit(
        short, run=Run(left), watch=lambda epoch, error: told.append(epoch)
    )
    assert told == [3, 4] and "goes on after epoch 2" in caplog.text
    assert weights(resumed) == weights(unbroken) and resumed.history == unbroken.history
    assert not list(left.iterdir())


def test_who_interrupts_is_told_that_it_can_go_on(short, tmp_path, caplog):
    with pytest.raises(KeyboardInterrupt):
        Forecaster(**SETTINGS).fit(short, run=Run(tmp_path), watch=interrupted(1))
    assert "interrupted after epoch 1: the same command goes on there" in caplog.text


def test_the_same_seed_gives_the_same_model_and_another_seed_another(short, unbroken):
    again = Forecaster(**SETTINGS).fit(short)
    assert weights(again) == weights(unbroken)
    other = Forecaster(**SETTINGS, seed=1).fit(short)
    assert weights(other) != weights(unbroken)


def test_fresh_starts_anew(left, short, unbroken, caplog):
    told = []
    anew = Forecaster(**SETTINGS).fit(
        short, run=Run(left, fresh=True), watch=lambda epoch, error: told.append(epoch)
    )
    assert weights(anew) == weights(unbroken)
    assert told == [1, 2, 3, 4] and not list(left.iterdir())


def test_a_checkpoint_of_another_training_is_refused_with_a_line(left, short, unbroken, caplog):
    (file,) = left.iterdir()
    other = Forecaster(**SETTINGS, seed=1)
    with pytest.raises(KeyboardInterrupt):
        other.fit(short, run=Run(left), watch=interrupted(1))
    (foreign,) = set(left.iterdir()) - {file}
    foreign.replace(file)
    resumed = Forecaster(**SETTINGS).fit(short, run=Run(left))
    assert "it is of another config or other data): it starts anew" in caplog.text
    assert weights(resumed) == weights(unbroken)


def stand() -> Stand:
    rng = np.random.default_rng(0)
    arrays = {"now0000": rng.normal(size=(3, 4)).astype(np.float32), "best0000": np.ones(2)}
    return Stand({"loss": [0.5], "val_loss": [0.25]}, 0, "keras 3 on none", arrays)


def same(one: Stand, other: Stand) -> bool:
    arrays = all(np.array_equal(one.arrays[name], other.arrays[name]) for name in one.arrays)
    return arrays and (one.curve, one.waited, one.maker) == (other.curve, other.waited, other.maker)


def test_whatever_is_damaged_is_refused_or_unchanged(tmp_path):
    kept = Checkpoint(tmp_path / "a.zip", "b" * 64)
    assert kept.read() is None and kept.write(stand())
    whole, chance, refused = kept.path.read_bytes(), random.Random(0), 0
    for _ in range(300):
        hurt = bytearray(whole)
        if chance.random() < 0.3:
            del hurt[chance.randrange(len(hurt)) :]
        else:
            hurt[chance.randrange(len(hurt))] ^= 1 << chance.randrange(8)
        kept.path.write_bytes(hurt)
        found = kept.read()
        refused += found is None
        assert found is None or same(found, stand())
    assert refused > 200


def test_a_full_disk_costs_the_checkpoint_not_the_training(tmp_path, caplog):
    kept = Checkpoint(tmp_path / "a.zip", "b" * 64)
    assert kept.write(stand())
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
        assert not kept.write(stand())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "training goes on without a checkpoint" in caplog.text
    assert same(kept.read(), stand()) and len(list(tmp_path.iterdir())) == 1


def test_a_network_too_deep_for_a_checkpoint_is_trained_without(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(checkpoints.arrays, "MEMBERS", 1)
    assert not Checkpoint(tmp_path / "a.zip", "b" * 64).write(stand())
    assert "2 arrays of 0 MiB are more" in caplog.text and not list(tmp_path.iterdir())


def test_what_nobody_came_back_for_in_a_month_goes(tmp_path):
    old, new = "0123456789abcdef", "b" * 16
    for name, days in ((f"{old}.zip", 31), (f".{old}-abcd1234.tmp.zip", 31), (f"{new}.zip", 29)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time.time() - days * 86_400,) * 2)
    Run(tmp_path).kept("c" * 64)
    assert [file.name for file in tmp_path.iterdir()] == [f"{new}.zip"]


def test_files_that_are_no_checkpoints_stay_however_old(tmp_path):
    """A folder of saved models may be given by mistake."""
    names = {"week.zip", ".week-abcd1234.tmp.zip", "0123456789abcdef0.zip"}
    for name in names:
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (0, 0))
    Run(tmp_path).kept("c" * 64)
    assert {file.name for file in tmp_path.iterdir()} == names


def test_who_is_done_first_leaves_the_draft_of_an_equal_training(tmp_path):
    kept = Checkpoint(tmp_path / "a.zip", "b" * 64)
    with atomic.replacing(kept.path) as draft:
        draft.write_text("of the other")
        (tmp_path / ".a-killed00.tmp.zip").touch()
        kept.remove()
        assert list(tmp_path.iterdir()) == [draft]
    assert kept.path.read_text() == "of the other"


def test_the_identity_knows_every_value(short):
    config = Forecaster(**SETTINGS).config
    parts = slice(0, 300), slice(300, 400)
    plain = checkpoints.identity(config, short, parts)
    moved = short.copy()
    moved.iloc[17, 1] += 1e-9
    others = [
        checkpoints.identity(config, moved, parts),
        checkpoints.identity(config, short.rename(columns={"ssh_in": "ssh"}), parts),
        checkpoints.identity(config, short.shift(freq="10min"), parts),
        checkpoints.identity(config, short, (slice(0, 299), slice(300, 400))),
        checkpoints.identity(dataclasses.replace(config, seed=1), short, parts),
        checkpoints.identity(config, short, parts, weights={"w": np.ones(1)}),
    ]
    assert len({plain, *others}) == 7 and plain == checkpoints.identity(config, short, parts)
