"""Where things are kept, and that no name leads out of there."""

from __future__ import annotations

from pathlib import Path

import pytest

import mods
from mods import paths
from mods.errors import UsageError


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch):
    monkeypatch.delenv("APP_INPUT_OUTPUT_BASE_DIR", raising=False)
    monkeypatch.delenv("APP_EXPERIMENT_NAMESPACE", raising=False)


def test_the_base_of_the_environment_holds_everything(monkeypatch, tmp_path):
    monkeypatch.setenv("APP_INPUT_OUTPUT_BASE_DIR", str(tmp_path))
    assert paths.features() == tmp_path / "data" / "features"
    assert paths.models() == tmp_path / "models"
    assert paths.checkpoints() == tmp_path / "checkpoints"
    assert paths.model("week") == tmp_path / "models" / "week.zip"
    assert list(tmp_path.iterdir()) == []


def test_without_it_the_checkout_is_the_base():
    checkout = Path(mods.__file__).resolve().parents[1]
    expected = checkout if (checkout / "setup.cfg").is_file() else Path.cwd()
    assert paths.base() == expected


def test_installed_without_a_checkout_the_current_folder_is_the_base(monkeypatch, tmp_path):
    monkeypatch.setattr(paths, "__file__", str(tmp_path / "site-packages" / "mods" / "paths.py"))
    monkeypatch.chdir(tmp_path)
    assert paths.base() == tmp_path


def test_a_namespace_has_its_own_models(monkeypatch, tmp_path):
    monkeypatch.setenv("APP_INPUT_OUTPUT_BASE_DIR", str(tmp_path))
    monkeypatch.setenv("APP_EXPERIMENT_NAMESPACE", "team-a")
    assert paths.model("week") == tmp_path / "models" / "team-a" / "week.zip"
    assert paths.features() == tmp_path / "data" / "features"


def test_a_models_folder_that_is_named_ignores_the_namespace(monkeypatch, tmp_path):
    monkeypatch.setenv("APP_EXPERIMENT_NAMESPACE", "team-a")
    assert paths.model("week", tmp_path) == tmp_path / "week.zip"


def test_a_namespace_cannot_lead_out_either(monkeypatch):
    monkeypatch.setenv("APP_EXPERIMENT_NAMESPACE", "../../etc")
    with pytest.raises(UsageError, match="APP_EXPERIMENT_NAMESPACE: '../../etc' is no name"):
        paths.models()


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "..", ".hidden", "../up", "a/b", "a/../b", "/etc/passwd", "a\\b", "a\n", "-x"),
        *("ü", "a\x00", "a\x00.zip", "a%2fb", "a\uff0fb", "\u2025", "a\u202ez", "C:x", "a" * 101),
    ],
)
def test_a_name_that_could_leave_the_folder_is_refused(name, tmp_path):
    with pytest.raises(UsageError, match=r"is no name.*letters, digits"):
        paths.model(name, tmp_path)


@pytest.mark.parametrize("name", ["a", "7", "conn-lstm", "v1.2_b", "a" * 100])
def test_plain_names_are_taken(name, tmp_path):
    assert paths.model(name, tmp_path).name == f"{name}.zip"


def test_a_link_out_of_the_folder_is_refused(tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "week.zip").symlink_to(tmp_path / "secret.zip")
    with pytest.raises(UsageError, match="leaves the models folder"):
        paths.model("week", tmp_path / "models")


def test_a_models_folder_that_is_itself_a_link_is_fine(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "models").symlink_to(tmp_path / "disk")
    assert paths.model("week", tmp_path / "models") == tmp_path / "models" / "week.zip"
