from __future__ import annotations

import dataclasses

import pytest

from mods.errors import ModelError, ModelNotFoundError, UsageError
from mods.models import artifact, catalogue


def test_models_are_listed_shown_and_deleted(forecaster, tmp_path):
    artifact.write(tmp_path / "week.zip", forecaster.parts())
    (tmp_path / "broken.zip").write_bytes(b"PK")
    (tmp_path / "notes.txt").write_text("no model")
    broken, week = catalogue.listing(tmp_path)
    assert broken["name"] == "broken"
    assert "corrupt" in broken["error"]
    assert week["model_type"] == "MLP"
    assert week["features"] == ["conn_in", "ssh_in"]
    assert week["validation"] < 1
    assert week["test"] is None
    shown = catalogue.show("week", tmp_path)
    assert shown["config"]["steps_ahead"] == 3
    assert shown["manifest"]["onnx"] is True
    catalogue.delete("week", tmp_path)
    assert catalogue.names(tmp_path) == ["broken"]


def test_an_unknown_model_is_answered_with_those_that_there_are(tmp_path):
    with pytest.raises(ModelNotFoundError, match="No model is saved there yet"):
        catalogue.find("week", tmp_path)
    (tmp_path / "day.zip").write_bytes(b"PK")
    with pytest.raises(ModelNotFoundError, match="Saved are day"):
        catalogue.delete("week", tmp_path)


def test_no_name_leads_out_of_the_folder(tmp_path):
    with pytest.raises(UsageError):
        catalogue.delete("../week", tmp_path)


def test_the_figures_of_test_and_validation_stand_apart(forecaster, tmp_path):
    parts = dataclasses.replace(
        forecaster.parts(), metrics={"test": {"mean": 0.5}, "validation": {"mean": 0.4}}
    )
    artifact.write(tmp_path / "week.zip", parts)
    (row,) = catalogue.listing(tmp_path)
    assert (row["test"], row["validation"]) == (0.5, 0.4)


def test_a_folder_is_no_model(tmp_path):
    (tmp_path / "week.zip").mkdir()
    assert catalogue.listing(tmp_path) == []
    with pytest.raises(ModelNotFoundError, match="No model is saved there yet"):
        catalogue.find("week", tmp_path)


def test_a_place_that_is_no_folder_or_cannot_be_read_is_told(tmp_path):
    file = tmp_path / "models"
    file.write_text("")
    for place in (file, tmp_path / ("x" * 300)):
        with pytest.raises(ModelError, match="cannot be listed: .*Give the folder"):
            catalogue.listing(place)
        with pytest.raises(ModelError, match="cannot be listed: .*Give the folder"):
            catalogue.find("week", place)


def test_the_folder_need_not_exist(tmp_path):
    assert catalogue.listing(tmp_path / "none") == []
    assert catalogue.sweep(tmp_path / "none") == 0
