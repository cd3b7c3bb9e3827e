"""mods evaluate-detector: what a detector would find in the user's own data, without labels."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from mods.cli import main

KINDS = {"scan burst", "ramp", "slow rise", "outage", "level shift", "flat line"}


@pytest.fixture(scope="module")
def sensor(tmp_path_factory):
    """Three weeks of one feature with a rhythm, ten minutes a row."""
    rng = np.random.default_rng(0)
    at = np.arange(3 * 1008)
    values = 1000 + 300 * np.sin(2 * np.pi * at / 144) + rng.normal(0, 30, len(at))
    times = pd.date_range("2024-03-04", periods=len(at), freq="10min")
    place = tmp_path_factory.mktemp("sensor") / "sensor.csv"
    pd.DataFrame({"time": times, "sent": values.round()}).to_csv(place, index=False)
    return place


def told(capsys, *words):
    assert main(["evaluate-detector", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_without_a_model_large_anomalies_are_found_and_small_ones_less(sensor, capsys):
    words = ["--online", "--data", str(sensor), "--magnitudes", "0.02,2", "--repetitions", "4"]
    answer = told(capsys, *words)
    assert {row["kind"] for row in answer["found"]} == KINDS
    assert {row["budget"] for row in answer["found"]} == {None, 1, 2, 7}

    def share(magnitude, budget):
        rows = [
            row
            for row in answer["found"]
            if (row["magnitude"], row["budget"]) == (magnitude, budget)
            and row["kind"] != "flat line"
        ]
        return sum(row["found"] for row in rows) / sum(row["events"] for row in rows)

    assert share(2, 7) > 0.8 and share(0.02, 7) < 0.4
    assert share(2, 7) >= share(2, 1)
    areas = {row["magnitude"]: row for row in answer["auc_pr"]}
    assert areas[2]["auc_pr"] > areas[0.02]["auc_pr"] and areas[2]["auc_pr"] > areas[2]["random"]
    assert answer["clean"]["asked"] == 1 and answer["clean"]["alarms_per_week"] < 4


def test_a_model_is_judged_with_its_own_forecasts(pool, shelf, tmp_path, capsys):
    table, picture = tmp_path / "found.csv", tmp_path / "found.svg"
    words = ["small", "--data", str(pool), "--models", str(shelf), "--magnitudes", "2"]
    words += ["--repetitions", "2", "--output", str(table), "--picture", str(picture)]
    assert main(["evaluate-detector", *words]) == 0
    shown = capsys.readouterr().out
    assert "at its own threshold" in shown and "AUC-PR" in shown and "(random)" in shown
    rows = pd.read_csv(table)
    assert list(rows) == [
        "budget",
        "kind",
        "magnitude",
        "events",
        "found",
        "delay_minutes",
        "random",
    ]
    outages = rows[(rows["kind"] == "outage") & (rows["budget"] == 7)]
    assert outages["found"].sum() == outages["events"].sum() > 0
    assert "own threshold" in picture.read_text()


def test_the_same_seed_gives_the_same_answer_and_another_seed_another(sensor, capsys):
    words = ["--online", "--data", str(sensor), "--magnitudes", "1", "--repetitions", "1"]
    first = told(capsys, *words)
    assert told(capsys, *words) == first
    assert told(capsys, *words, "--seed", "1")["found"] != first["found"]


def test_what_lies_before_the_range_is_learnt_from_and_not_judged(sensor, capsys):
    words = ["--online", "--data", str(sensor), "--magnitudes", "1", "--repetitions", "1"]
    answer = told(capsys, *words, "--time_range", "<2024-03-14,2024-03-24>")
    assert answer["period"][0] == "2024-03-14T00:00:00Z" and answer["windows"] == 11 * 144


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["small", "--online"], "no datapool or file 'small'"),
        ([], "takes a model, or --online"),
        (
            ["--online", "--data", "{sensor}", "--time_range", "<2024-03-14,2024-03-14>"],
            "1.0 of its days can be scored",
        ),
        (["--online", "--data", "{sensor}", "--magnitudes", "0"], "out of range"),
    ],
)
def test_what_cannot_be_meant_is_said(words, said, sensor, capsys):
    filled = [str(sensor) if word == "{sensor}" else word for word in words]
    assert main(["evaluate-detector", *filled]) in (2, 3)
    assert said in capsys.readouterr().err
