"""No model that loses to a simple forecast is saved without saying so."""

import json

import numpy as np
import pandas as pd

from mods.cli import main
from mods.flows import losses


def told(mean, **baselines):
    beside = {name: {"mean": value} for name, value in baselines.items()}
    return {"mean": mean, "baselines": beside}


def test_every_baseline_that_is_not_beaten_is_named_with_the_part_and_both_figures():
    lines = losses.lines({"test": told(0.9, persistence=1.0, theta=0.95, slot_median_change=0.8)})
    assert lines == [
        "no better than slot median change (0.800) on the test part: "
        "0.900 times the error of persistence"
    ]
    lost = losses.lines({"test": told(1.1, persistence=1.0), "validation": told(0.5, theta=0.5)})
    assert [line.split(":")[0] for line in lost] == [
        "no better than persistence on the test part",
        "no better than theta (0.500) on the validation part",
    ]


def test_all_that_are_not_beaten_on_a_part_stand_in_one_line_and_a_tie_is_no_loss():
    (line,) = losses.lines({"test": told(1.0, persistence=1.0, seasonal_naive=0.9, theta=1.2)})
    assert line == (
        "no better than persistence, seasonal naive (0.900) on the test part: "
        "1.000 times the error of persistence"
    )


def test_what_cannot_be_compared_is_no_loss():
    assert losses.lines({"test": told(None, persistence=None), "x": told(0.5, theta=None)}) == []


def test_a_net_that_loses_to_a_baseline_is_saved_with_a_warning(tmp_path, capsys):
    """A rhythm without noise, which the seasonal forecast knows by heart and one epoch does not."""
    times = pd.date_range("2024-03-04", periods=900, freq="10min", tz="UTC")
    load = 1_000 * (1 + np.sin(np.arange(900) * 2 * np.pi / 24))
    data = tmp_path / "sine.csv"
    pd.DataFrame({"time": times, "load": load}).to_csv(data, index=False)
    words = [str(data), "--models", str(tmp_path), "--model_name", "poor", "--num_epochs", "1"]
    small = ["--model_type", "MLP", "--blocks", "2", "--learning_rate", "1e-7"]
    assert main(["train", *words, *small, "--picture", str(tmp_path / "curve.png")]) == 0
    shown, logged = capsys.readouterr()
    assert "on the test part, which it was not fitted to:" in shown
    for part in ("validation", "test"):
        lines = [line for line in shown.splitlines() if f"on the {part} part: " in line]
        assert len(lines) == 1 and lines[0].startswith("warning: no better than ")
        assert "seasonal naive (" in lines[0]
    assert "no better than" not in logged
    assert f"drawn: {tmp_path / 'curve.png'}" in shown and (tmp_path / "curve.png").is_file()
    assert (tmp_path / "poor.zip").is_file()
    assert main(["models", "show", "poor", "--models", str(tmp_path), "--json"]) == 0
    kept = json.loads(capsys.readouterr().out)["metrics"]
    assert any("seasonal naive" in line and "on the test part" in line for line in kept["warnings"])
    assert kept["test"]["mean"] >= kept["test"]["baselines"]["seasonal_naive"]["mean"]
    assert main(["train", *words, *small, "--train_time_range", "<2024-03-04,2024-03-09>"]) == 0
    assert "on the validation part, which stopped it early:" in capsys.readouterr().out
