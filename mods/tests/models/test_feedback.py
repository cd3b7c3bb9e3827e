"""What was said about a model is kept whole, outlives its saves, and goes with it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from mods.errors import ModelError, ModelNotFoundError
from mods.models import artifact, catalogue, feedback

WRITER = """
import sys
from pathlib import Path
from mods.models import feedback
for number in range(20):
    with feedback.changing(Path(sys.argv[1])) as kept:
        kept["marks"].append({"id": f"{sys.argv[2]}-{number}"})
"""


@pytest.fixture
def model(forecaster, tmp_path):
    artifact.write(tmp_path / "week.zip", forecaster.parts())
    return tmp_path / "week.zip"


def test_nothing_was_said_about_a_new_model(model):
    assert feedback.read(model) == {"marks": [], "expected": []}


def test_marks_outlive_a_new_save_and_are_no_model(model, forecaster):
    with feedback.changing(model) as kept:
        kept["marks"].append({"id": "a"})
    artifact.write(model, forecaster.parts())
    assert feedback.read(model)["marks"] == [{"id": "a"}]
    assert catalogue.names(model.parent) == ["week"]


def test_of_two_who_mark_at_once_neither_loses_a_mark(model):
    words = [sys.executable, "-c", WRITER, str(model)]
    both = [subprocess.Popen([*words, name]) for name in ("a", "b")]
    assert [one.wait(60) for one in both] == [0, 0]
    marks = {one["id"] for one in feedback.read(model)["marks"]}
    assert marks == {f"{name}-{number}" for name in "ab" for number in range(20)}


def test_a_change_that_fails_leaves_what_was_there(model):
    with feedback.changing(model) as kept:
        kept["expected"].append({"when": "daily 02:00-04:00"})
    before = feedback.place(model).read_bytes()
    with pytest.raises(ValueError, match="JSON"), feedback.changing(model) as kept:
        kept["marks"].append({"score": float("nan")})
    assert feedback.place(model).read_bytes() == before


def test_it_is_deleted_with_the_model_and_not_kept_without_one(model):
    with feedback.changing(model) as kept:
        kept["marks"].append({"id": "a"})
    catalogue.delete("week", model.parent)
    assert not feedback.place(model).exists()
    with pytest.raises(ModelNotFoundError), feedback.changing(model):
        pass
    assert not feedback.place(model).exists()


@pytest.mark.parametrize("text", ["", "[]", '{"format": 1}', '{"format": 2, "marks": []}', "\x00"])
def test_a_file_that_is_none_of_ours_is_told(model, text):
    feedback.place(model).write_text(text)
    with pytest.raises(ModelError, match="the feedback cannot be read"):
        feedback.read(model)


def test_it_reads_as_plain_json(model):
    with feedback.changing(model) as kept:
        kept["marks"].append({"id": "a", "note": "Zálohovanie"})
    assert json.loads(feedback.place(model).read_text())["marks"][0]["note"] == "Zálohovanie"


def test_a_model_replaced_in_the_meantime_is_not_overwritten(model, forecaster):
    parts, made = forecaster.parts(), artifact.manifest(model)
    other = {**made, "created": "2020-01-01T00:00:00+00:00"}
    with pytest.raises(ModelError, match="replaced while it was worked on"):
        artifact.write(model, parts, since=other)
    assert artifact.manifest(model) == made
    artifact.write(model, parts, since=made)
