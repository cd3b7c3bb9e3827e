"""mods tune: trials on the train and validation part alone, a command that trains the best."""

import dataclasses
import json
import shlex

import numpy as np
import pandas as pd
import pytest

from mods import cli, settings
from mods.cli import main
from mods.config import DEFAULT_QUERY, Config
from mods.flows.saved import load

pytest.importorskip("optuna")

SMALL = ["--model_type", "MLP", "--sequence_len", "6", "--num_epochs", "2", "--blocks", "4"]


def noisy(steps=600, seed=0):
    rng = np.random.default_rng(seed)
    times = pd.date_range("2024-03-04", periods=steps, freq="10min", tz="UTC")
    load = 100 + 50 * np.sin(np.arange(steps) * 2 * np.pi / 24) + rng.normal(0, 5, steps)
    return pd.DataFrame({"time": times, "load": load})


def answered(capsys, *words):
    assert main([*map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    path = tmp_path_factory.mktemp("tune") / "my series.csv"
    noisy().to_csv(path, index=False)
    return path


def test_the_command_it_prints_trains_the_best_to_the_error_it_told(data, tmp_path, capsys):
    words = ["tune", data, "--models", tmp_path, "--study", tmp_path / "t.db", *SMALL]
    told = answered(
        capsys, *words, "--search", "learning_rate,batch_size", "--trials", 2,
        "--train", "tuned", "--output", tmp_path / "pictures",
    )  # fmt: skip
    assert told["states"] == {"complete": 2} and set(told["searched"]) == {
        "learning_rate", "batch_size",
    }  # fmt: skip
    assert [row["trial"] for row in told["trials"]] == [0, 1]
    assert told["trials"][0]["learning_rate"] == 0.002
    assert told["error"] == min(row["error"] for row in told["trials"])
    trained = told["trained"]["metrics"]["validation"]["mean"]
    assert trained == pytest.approx(told["error"], rel=1e-6)
    assert (tmp_path / "tuned.zip").is_file()
    assert {path.name for path in (tmp_path / "pictures").iterdir()} == {
        "trials.csv", "history.png",
    }  # fmt: skip

    command = shlex.split(told["command"])
    assert command[:4] == ["mods", "train", "--model_name", "tuned"]
    assert command[command.index("--data") + 1] == str(data)
    values = cli.read(cli.find("train"), command[2:])
    saved = load(tmp_path / "tuned.zip")[0].config
    assert settings.build(Config, values) == dataclasses.replace(
        saved, data_select_query=DEFAULT_QUERY, window_slide=Config().window_slide
    )


def test_a_study_goes_on_where_it_was_and_the_test_part_is_not_looked_at(data, tmp_path, capsys):
    """The last fifth is another series: the study and its trials are the same."""
    other = noisy()
    other.loc[480:, "load"] = 1e6 * np.arange(120)
    other.to_csv(tmp_path / "other.csv", index=False)
    words = ["--study", tmp_path / "t.db", *SMALL, "--search", "dropout_rate"]
    first = answered(capsys, "tune", data, *words, "--trials", 1)
    second = answered(capsys, "tune", tmp_path / "other.csv", *words, "--trials", 2)
    assert first["study_name"] == second["study_name"]
    assert second["trials"][0] == first["trials"][0] and len(second["trials"]) == 2
    alone = ["--study", tmp_path / "alone.db", *SMALL, "--search", "dropout_rate", "--trials", 1]
    scrambled = answered(capsys, "tune", tmp_path / "other.csv", *alone)
    assert scrambled["error"] == first["error"]


@pytest.fixture
def hurried(monkeypatch):
    """No trial begins: the clock has run out before the first."""
    now = iter(range(0, 10_000_000, 10_000))
    monkeypatch.setattr("mods.flows.tune.time.monotonic", lambda: next(now))


@pytest.mark.usefixtures("hurried")
def test_another_time_or_version_is_another_study(data, tmp_path, capsys, monkeypatch):
    later = noisy()
    later["time"] += pd.Timedelta("7D")
    later.to_csv(tmp_path / "later.csv", index=False)
    words = ["--study", tmp_path / "t.db", *SMALL, "--timeout", "30m"]
    names = [answered(capsys, "tune", one, *words)["study_name"] for one in (data, data)]
    assert names[0] == names[1]
    names.append(answered(capsys, "tune", tmp_path / "later.csv", *words)["study_name"])
    monkeypatch.setattr("mods.__version__", "0.0.0")
    names.append(answered(capsys, "tune", data, *words)["study_name"])
    assert len(set(names)) == 3


@pytest.mark.usefixtures("hurried")
def test_the_command_names_the_file_of_what_is_known_in_advance(data, tmp_path, capsys):
    hours = pd.date_range("2024-03-04", periods=120, freq="1h", tz="UTC")
    known = tmp_path / "open hours.csv"
    pd.DataFrame({"time": hours, "open": np.arange(120) % 2}).to_csv(known, index=False)
    words = ["--known", known, "--study", tmp_path / "t.db", *SMALL, "--timeout", "30m"]
    command = shlex.split(answered(capsys, "tune", data, *words)["command"])
    assert command[command.index("--known") + 1] == str(known)
    assert "--known_columns" not in command


@pytest.mark.usefixtures("hurried")
def test_no_time_is_no_trial_and_says_so(data, tmp_path, capsys):
    words = ["--study", tmp_path / "t.db", "--timeout", "30m", "--output", tmp_path / "o"]
    assert main(["tune", *map(str, [data, *words])]) == 0
    assert "no trial is finished" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--search", "blokcs"], "cannot be searched"),
        (["--search", "blocks", "--blocks", "8"], "given and searched"),
        (["--timeout", "soon"], "no length of time"),
        (["--trials", "0"], "out of range"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_the_study_is_made(
    words, said, data, tmp_path, capsys
):
    assert main(["tune", str(data), "--study", str(tmp_path / "t.db"), *words]) == 2
    assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_too_few_trials_say_from_when_on_it_is_told_what_the_error_depends_on(
    data, tmp_path, capsys
):
    words = ["tune", data, "--models", tmp_path, "--study", tmp_path / "few.db", *SMALL]
    assert main([*map(str, words), "--search", "batch_size", "--trials", "1"]) == 0
    said = "what the error depends on: told from four finished trials of different errors on"
    assert said in capsys.readouterr().out
