import os
import shutil

import pytest

from mods.deepaas import remembered
from mods.deepaas.encoded import Encoded
from mods.features.datapool import state


@pytest.fixture
def base(tmp_path, monkeypatch):
    day = tmp_path / "data" / "features" / "conn" / "2024"
    day.mkdir(parents=True)
    (day / "a.tsv").write_text("1")
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "small.zip").write_bytes(b"one")
    monkeypatch.setenv("APP_INPUT_OUTPUT_BASE_DIR", str(tmp_path))
    monkeypatch.delenv("APP_EXPERIMENT_NAMESPACE", raising=False)
    monkeypatch.setattr(remembered, "_kept", type(remembered._kept)())
    return tmp_path


def key(**more):
    return remembered.key({"model_name": "small", **more})


def test_same_question_about_the_same_data_has_the_same_key(base):
    assert key() is not None
    assert key() == key()
    assert key(batch_size=3) != key()


def test_anything_that_changes_on_disk_is_another_question(base):
    before = [key()]
    file, model = base / "data/features/conn/2024/a.tsv", base / "models/small.zip"
    os.utime(file, ns=(1, 1))
    before.append(key())
    file.write_text("12")
    before.append(key())
    (file.parent / "b.tsv").write_text("1")
    before.append(key())
    shutil.copystat(file, model)
    before.append(key())
    model.with_name("small.feedback.json").write_text("{}")
    before.append(key())
    assert len(set(before)) == len(before)


def test_upload_missing_model_and_huge_datapool_are_not_remembered(base, monkeypatch):
    assert key(data=object()) is None
    assert remembered.key({"model_name": "nobody"}) is None
    assert remembered.key({"model_name": "../x"}) is None
    monkeypatch.setattr(state, "FILES", 2)
    assert key() is None


def test_datapool_that_changes_while_it_is_looked_at_is_not_remembered(base):
    (base / "data/features/conn/2024/b.tsv").symlink_to("vanished.tsv")
    assert key() is None


def test_answers_asked_for_longest_ago_make_room(base, monkeypatch):
    monkeypatch.setattr(remembered, "MOST", 10)
    for name in "abc":
        remembered.keep(name, Encoded(b"12345"))
        remembered.find("a")
    assert [remembered.find(name) is not None for name in "abc"] == [True, False, True]
    remembered.keep("d", Encoded(b"x" * (remembered.LARGEST + 1)))
    assert remembered.find("d") is None
    assert remembered.find(None) is None
