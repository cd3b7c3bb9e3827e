from __future__ import annotations

import pytest

from mods.errors import ModelNotFoundError, UsageError
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
    assert week["relative_mae"] < 1
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


def test_the_folder_need_not_exist(tmp_path):
    assert catalogue.listing(tmp_path / "none") == []
    assert catalogue.sweep(tmp_path / "none") == 0
