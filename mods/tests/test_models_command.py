"""`mods models`: one model shown, taken out of its shelf in three forms, refused if old."""

import json
import zipfile

import numpy as np
import onnxruntime
import pytest

from mods import cli
from mods.models import artifact
from mods.tests.models.test_artifact import OLD_CONFIG, written


def run(capsys, *words):
    code = cli.main([str(word) for word in ("models", *words)])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_show_tells_what_it_learnt_from_and_how_well_beside_persistence(capsys, shelf):
    code, out, _ = run(capsys, "show", "small", "--models", shelf)
    assert code == 0
    for line in (
        "small: Conv1D, forecasts 3 steps of 0:10:00 ahead, looks at 12 at once",
        "features    conn_in, conn_out, dns_in_distinct, ssh_in",
        "train       2024-03-04T01:00:00Z to ",
        "settings    num_epochs=3, blocks=4",
    ):
        assert line in out
    rows = [line.split() for line in out.splitlines()]
    assert ["test", "persistence", "1", "1", "1"] in rows
    assert "weights" in out
    (learnt,) = [line for line in out.splitlines() if line.startswith("limits")]
    assert "conn_in<" in learnt and learnt.endswith("(learnt)")


def test_show_as_json_holds_every_setting_and_figure(capsys, shelf):
    shown = json.loads(run(capsys, "show", "small", "--models", shelf, "--json")[1])
    assert shown["config"]["blocks"] == 4
    assert shown["metrics"]["test"]["baselines"]["persistence"]["mean"] == 1
    assert shown["weights"] > 100


def test_exported_network_runs_in_another_program(capsys, shelf, tmp_path):
    path = tmp_path / "small.onnx"
    code, out, _ = run(capsys, "export", "small", "--models", shelf, "--output", path)
    assert (code, f"{path.stat().st_size:,} bytes" in out) == (0, True)
    network = onnxruntime.InferenceSession(str(path))
    shapes = {
        one.name: [size or 1 for size in map(_size, one.shape)] for one in network.get_inputs()
    }
    (answer,) = network.run(None, {n: np.zeros(s, "float32") for n, s in shapes.items()})
    assert answer.shape[-1] == 3


def _size(size):
    return size if isinstance(size, int) else 1


def test_exported_whole_it_is_a_model_on_another_shelf(capsys, shelf, tmp_path):
    run(capsys, "export", "small", "--models", shelf, "--output", tmp_path / "moved.zip")
    assert artifact.read(tmp_path / "moved.zip").config == artifact.read(shelf / "small.zip").config
    run(capsys, "export", "small", "--models", shelf, "--output", tmp_path / "told.json")
    assert json.loads((tmp_path / "told.json").read_text())["state"]["transform"]["scale"]


@pytest.mark.parametrize("output", [None, "small.h5"])
def test_export_wants_an_ending_it_knows(capsys, shelf, tmp_path, output):
    named = () if output is None else ("--output", tmp_path / output)
    code, _, err = run(capsys, "export", "small", "--models", shelf, *named)
    assert (code, "ends in .onnx, .zip or .json" in err) == (2, True)
    assert not list(tmp_path.iterdir())


def test_model_without_an_onnx_network_says_how_to_have_one(capsys, shelf, tmp_path):
    parts = artifact.read(shelf / "small.zip")
    artifact.write(tmp_path / "bare.zip", type(parts)(**{**vars(parts), "onnx": None}))
    named = ("--models", tmp_path, "--output", tmp_path / "bare.onnx")
    code, _, err = run(capsys, "export", "bare", *named)
    assert (code, "without an ONNX export. Train it" in err) == (4, True)


def test_model_of_an_older_format_is_told_in_the_list_and_how_to_have_it_again(capsys, tmp_path):
    written(tmp_path / "week.zip", 1, OLD_CONFIG)
    assert "is of format 1" in run(capsys, "--models", tmp_path)[1]
    for action in ("show", "export"):
        named = ("--models", tmp_path, "--output", tmp_path / "a.zip")
        code, _, err = run(capsys, action, "week", *named[: 2 if action == "show" else 4])
        assert code == 4
        assert "Train it again: mods train --model_name week" in err
    with zipfile.ZipFile(tmp_path / "week.zip") as archive:
        assert "manifest.json" in archive.namelist()
