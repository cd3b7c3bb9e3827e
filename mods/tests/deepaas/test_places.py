"""What clients are told names models and files, and no folder of the server."""

import json
import logging

import pytest

from mods import api, errors
from mods.cli import main
from mods.deepaas import guard, places
from mods.deepaas import shelf as loaded


@pytest.fixture
def base(tmp_path, monkeypatch):
    place = tmp_path / "srv"
    (place / "models").mkdir(parents=True)
    monkeypatch.setenv("APP_INPUT_OUTPUT_BASE_DIR", str(place))
    monkeypatch.delenv("APP_EXPERIMENT_NAMESPACE", raising=False)
    return place


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{}/models/week.v2.zip", "week.v2"),
        ("{0}/models/a.zip differs from {0}/models/b.zip", "a differs from b"),
        ("{}/models", "models"),
        ("{}/data/features/conn/2019/06.zip", "conn/2019/06.zip"),
        ("{}/data/features", "datapool"),
        ("{}/checkpoints/week.zip", "week.zip"),
        ("<2019-05-01,2019-06-01)", "<2019-05-01,2019-06-01)"),
        ("a/models/b.zip", "a/models/b.zip"),
    ],
)
def test_a_place_is_told_without_the_folders_before_it(base, text, told):
    assert places.hidden(text.format(base)) == told


def test_so_is_a_place_by_its_other_name(base, tmp_path, monkeypatch):
    (tmp_path / "link").symlink_to(base)
    monkeypatch.setenv("APP_INPUT_OUTPUT_BASE_DIR", str(tmp_path / "link"))
    assert places.hidden(f"{base}/models/week.zip") == "week"
    assert places.hidden(f"{tmp_path}/link/models/week.zip") == "week"


def test_models_of_a_namespace_and_one_that_is_none(base, monkeypatch):
    monkeypatch.setenv("APP_EXPERIMENT_NAMESPACE", "team")
    assert places.hidden(f"{base}/models/team/week.zip") == "week"
    monkeypatch.setenv("APP_EXPERIMENT_NAMESPACE", "../x")
    assert places.hidden(f"{base}/models/week.zip") == "models/week.zip"


def test_a_damaged_model_is_told_by_its_name_and_in_full_to_the_operator(base, shelf, capsys):
    whole = (shelf / "small.zip").read_bytes()
    (base / "models" / "small.zip").write_bytes(whole.replace(b"sequence_len", b"sequence_lan"))
    with pytest.raises(guard.Failure) as caught:
        api.predict(model_name="small")
    told = caught.value.record
    assert (caught.value.status, told["where"]) == (503, "small")
    assert "config.json" in told["message"]
    assert str(base.parent) not in json.dumps(told)
    assert main(["models", "show", "small"]) == 4
    assert str(base / "models" / "small.zip") in capsys.readouterr().err


def test_a_datapool_that_cannot_be_read_is_told_without_its_folder(base, shelf):
    (base / "models" / "small.zip").write_bytes((shelf / "small.zip").read_bytes())
    with pytest.raises(guard.Failure) as caught:
        api.predict(model_name="small")
    assert (caught.value.status, caught.value.record["where"]) == (422, "datapool")
    assert str(base.parent) not in json.dumps(caught.value.record)


def test_log_of_the_worker_keeps_the_place(base, caplog):
    caplog.set_level(logging.WARNING)
    (base / "models" / "bad.zip").write_bytes(b"PK")
    loaded.fill()
    assert str(base / "models" / "bad.zip") in caplog.text


def test_an_error_about_nothing_here_stays_as_it_is(base):
    record = guard.answer(errors.UsageError("no", where="batch_size", fix="Give 1")).record
    assert (record["where"], record["fix"]) == ("batch_size", "Give 1")
