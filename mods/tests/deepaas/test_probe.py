"""Models that the service holds: what is told of a missing one, and of one that is broken."""

from types import SimpleNamespace

import pytest

from mods.deepaas import fields, guard, probe, shelf
from mods.errors import ModelNotFoundError
from mods.serve.health import judged


@pytest.fixture
def base(tmp_path, monkeypatch):
    """A service's folder, with two models."""
    models = tmp_path / "models"
    models.mkdir()
    for name in ("small", "strange"):
        (models / f"{name}.zip").touch()
    monkeypatch.setenv("APP_INPUT_OUTPUT_BASE_DIR", str(tmp_path))
    monkeypatch.delenv("APP_EXPERIMENT_NAMESPACE", raising=False)
    return tmp_path


def test_missing_model_is_told_with_the_known_ones_but_not_where_they_lie(base):
    with pytest.raises(guard.NotFound) as caught:
        fields.Known()("nobody")
    with pytest.raises(ModelNotFoundError) as late:
        shelf.model("nobody")
    assert str(base) not in caught.value.text + str(late.value)
    assert (caught.value.record["where"], late.value.where) == ("nobody", "nobody")
    assert caught.value.record["fix"] == late.value.fix == "Saved are small, strange"


def test_bug_of_one_model_is_its_own_fault(base, monkeypatch, caplog):
    def held(name):
        if name == "strange":
            raise ZeroDivisionError("secret")
        return SimpleNamespace(forecaster=SimpleNamespace(rehearse=list))

    monkeypatch.setattr(shelf, "model", held)
    found = probe.models()
    verdict = judged(found)
    assert (verdict.status, [*verdict.broken], found["small"]) == ("degraded", ["strange"], "")
    assert "inside the service" in found["strange"] and "secret" not in found["strange"]
    assert "ZeroDivisionError: secret" in caplog.text


def test_bug_of_one_model_keeps_no_worker_from_beginning(base, monkeypatch, caplog):
    asked = []

    def fragile(name):
        asked.append(name)
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(shelf, "model", fragile)
    shelf.fill()
    assert sorted(asked) == ["small", "strange"]
    assert "not loaded: something went wrong inside the service" in caplog.text
