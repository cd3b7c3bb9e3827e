"""Events are listed, marked, silenced, exported; what was said counts in the next calibration."""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mods.anomaly import expected, kinds
from mods.cli import main
from mods.models import feedback
from mods.tests.anomaly.test_ecs import SPEC
from mods.tests.conftest import rhythm

LIVE = "<2024-03-11,2024-03-13)"
BACKUP, SCAN = pd.Timestamp("2024-03-11T06:00Z"), pd.Timestamp("2024-03-12T06:00Z")
NAMES = {"dns": "dns_in_distinct", "ssh": "ssh_in"}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Nine days with a copy that nobody minds (conn_out) and logins that matter (ssh_in)."""
    sums = rhythm().rename(columns=NAMES)
    sums.index = (sums.index + pd.Timedelta("1h")).rename("time")
    for begin, name, times in ((BACKUP, "conn_out", 4), (SCAN, "ssh_in", 5)):
        active = (sums.index >= begin) & (sums.index < begin + pd.Timedelta("2h"))
        seen = np.convolve(active, np.ones(6) / 6)[: len(sums)]
        sums[name] = (sums[name] * (1 + (times - 1) * seen)).round()
    place = tmp_path_factory.mktemp("events") / "live.csv"
    sums.to_csv(place, date_format="%Y-%m-%dT%H:%M:%SZ")
    return place


@pytest.fixture
def models(shelf, tmp_path):
    place = tmp_path / "models"
    place.mkdir()
    shutil.copy(shelf / "small.zip", place)
    return place


@pytest.fixture
def told(data, models, capsys):
    """Runs a command on the data and gives its answer."""

    def run(command, *words, live=True):
        period = ("--time_range", LIVE) if live else ()
        given = [command, "small", "--data", str(data), "--models", str(models), *period]
        assert main([*given, *words, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    return run


def of(answer, feature):
    return [one for one in answer["events"] if one["features"][0] == feature]


def test_events_have_kind_severity_and_an_id_that_stays(told):
    found = told("events")
    (backup,), (scan,) = of(found, "conn_out"), of(found, "ssh_in")
    assert backup["kind"] == scan["kind"] == "burst"
    assert scan["direction"] == "too much" and scan["severity"] in ("medium", "high", "critical")
    assert scan["id"] != backup["id"] and "mark" not in scan
    assert [one["id"] for one in told("detect")["events"]] == [e["id"] for e in found["events"]]


def test_a_false_alarm_marked_so_does_not_come_back_and_a_true_one_does(told, data, models):
    found = told("events")
    (backup,), (scan,) = of(found, "conn_out"), of(found, "ssh_in")
    told("events", "--mark", backup["id"], "--as", "false", "--note", "copy")
    told("events", "--mark", scan["id"], "--as", "true")
    assert of(told("events"), "conn_out")[0]["mark"] == "false"
    done = told("calibrate", live=False)
    assert done["marks"] == {"true": 1, "false": 1, "expected": 0}
    raised = [row["feature"] for row in done["thresholds"] if row["new"] > 2 * row["old"]]
    assert "conn_out" in raised and "ssh_in" not in raised
    again = told("events")
    assert not of(again, "conn_out")
    (still,) = of(again, "ssh_in")
    assert still["mark"] == "true" and still["score"] > 1


def test_the_rhythm_is_kept_where_the_data_hold_no_weeks_before_the_calm_range(told, capsys):
    days = told("calibrate", live=False)["rhythm"]["days"]
    late = ["--calm_time_range", LIVE, "--time_ranges_excluded", "<2024-03-01,2024-03-11)"]
    assert told("calibrate", *late, live=False)["rhythm"] == {"days": days, "kept": True}


def test_marks_count_when_the_model_is_trained_again_and_are_still_there(
    told, data, models, capsys
):
    backup = of(told("events"), "conn_out")[0]
    told("events", "--mark", backup["id"], "--as", "false")
    words = ["--model_type", "Conv1D", "--steps_ahead", "3", "--sequence_len", "12"]
    words += ["--blocks", "4", "--num_epochs", "2", "--train_time_range", "<2024-03-04,2024-03-11)"]
    where = ["--data", str(data), "--models", str(models), "--model_name", "small", "--quiet"]
    assert main(["train", *where, *words]) == 0
    capsys.readouterr()
    again = told("events")
    assert not of(again, "conn_out") and of(again, "ssh_in")
    assert len(feedback.read(models / "small.zip")["marks"]) == 1


def test_an_expected_event_is_silenced_its_scores_are_not(told, tmp_path):
    before, out = told("detect", "--output", str(tmp_path / "a.csv")), tmp_path / "b.csv"
    (backup,) = of(before, "conn_out")
    told("events", "--mark", backup["id"], "--as", "expected")
    after = told("detect", "--output", str(out))
    assert not of(after, "conn_out") and after["silenced"] == 1
    assert after["alarms"] < before["alarms"]
    rows, old = pd.read_csv(out), pd.read_csv(tmp_path / "a.csv")
    assert rows["anomaly_score"].tolist() == old["anomaly_score"].tolist()
    (hushed,) = of(told("events", "--silenced"), "conn_out")
    assert (hushed["silenced"], hushed["mark"], hushed["id"]) == (
        "expected",
        "expected",
        backup["id"],
    )
    told("events", "--mark", backup["id"], "--as", "none")
    assert of(told("events"), "conn_out")


def test_each_event_that_is_listed_can_be_explained_by_its_id_and_its_number(
    told, data, models, capsys
):
    """Also one that is expected, which keeps its id and has no number."""
    hush = ("--expected", "daily 05:00-08:00 for conn_out")
    listed = told("events", *hush, "--silenced")["events"]
    where = ["--data", str(data), "--models", str(models), "--time_range", LIVE]
    assert main(["detect", "small", *where, *hush, "--silenced", "--quiet"]) == 0
    table = capsys.readouterr().out.splitlines()[1:]
    rows = [next(row for row in table if one["id"] in row) for one in listed]
    numbers = [row.split(one["id"])[0].strip() for row, one in zip(rows, listed, strict=True)]
    silent, first = numbers.index(""), numbers.index("1")
    assert [listed[place]["features"][0] for place in (silent, first)] == ["conn_out", "ssh_in"]
    by_id = told("explain", *hush, "--event", listed[silent]["id"])
    assert (by_id["event"], by_id["number"]) == (listed[silent], 0)
    by_number = told("explain", *hush, "--event", "1")
    assert (by_number["event"], by_number["number"]) == (listed[first], 1)


@pytest.mark.parametrize(
    ("period", "left"),
    [
        ("<2024-03-11T05:00,2024-03-11T08:00)", ["ssh_in"]),
        ("Mon 06:00-09:00 Europe/Bratislava", ["ssh_in"]),
        ("daily 05:00-08:00", []),
        ("daily 05:00-08:00 for ssh_in", ["conn_out"]),
        ("Sat,Sun 05:00-08:00", ["conn_out", "ssh_in"]),
    ],
)
def test_maintenance_raises_no_alarm(told, period, left):
    found = told("detect", "--expected", period)
    leading = {one["features"][0] for one in found["events"]} & {"conn_out", "ssh_in"}
    assert leading == set(left)
    assert found["silenced"] == 2 - len(left)


def test_a_calendar_is_kept_with_the_model_until_it_is_forgotten(told, models, tmp_path, capsys):
    calendar = tmp_path / "calendar.toml"
    calendar.write_text('[[expected]]\nwhen = "daily 05:00-08:00"\nfeatures = ["conn_out"]\n')
    assert told("events", "--calendar", str(calendar))["silenced"] == 1
    calendar.unlink()
    assert not of(told("detect"), "conn_out")
    assert of(told("events", "--calendar", "none"), "conn_out")
    assert main(["models", "delete", "small", "--models", str(models)]) == 0
    assert not [one for one in models.iterdir() if one.is_file()]


def test_what_is_wrong_with_a_mark_is_told(told, data, models, capsys):
    where = ["events", "small", "--data", str(data), "--models", str(models)]
    assert main([*where, "--mark", "nobody", "--as", "true"]) == 2
    assert "is no event of this period. It has" in capsys.readouterr().err
    assert main([*where, "--mark", "nobody"]) == 2
    assert main([*where, "--expected", "Someday 02:00-04:00"]) == 2
    assert "'someday'" in capsys.readouterr().err
    assert main([*where, "--output", "events.xml"]) == 2


def test_events_are_written_for_a_siem_and_for_a_spreadsheet(told, tmp_path):
    lines, table = tmp_path / "events.jsonl", tmp_path / "events.csv"
    found = told("events", "--output", str(lines))
    told("detect", "--events", str(table))
    documents = [json.loads(line) for line in lines.read_text().splitlines()]
    with table.open() as file:
        rows = list(csv.DictReader(file))
    ids = [one["id"] for one in found["events"]]
    assert [one["event"]["id"] for one in documents] == [row["id"] for row in rows] == ids
    assert {row["model"] for row in rows} == {"small"}


def page():
    return (Path(__file__).parents[3] / "docs" / "events.md").read_text()


def test_the_example_of_the_page_runs(data, models, capsys):
    (code,) = re.findall(r"```python\n(.*?)```", page(), re.DOTALL)
    given = {"data/demo/datapool": str(data), "data/demo/models": str(models), '"demo"': '"small"'}
    given["<2024-03-12,2024-03-17)"] = LIVE
    for old, new in given.items():
        assert old in code
        code = code.replace(old, new)
    exec(compile(code, "events.md", "exec"), {})  # noqa: S102
    assert "burst" in capsys.readouterr().out


def test_the_calendar_and_the_fields_of_the_page_are_those_there_are(tmp_path):
    (calendar,) = re.findall(r"```toml\n(.*?)```", page(), re.DOTALL)
    (tmp_path / "calendar.toml").write_text(calendar)
    assert [one.note for one in expected.read(tmp_path / "calendar.toml")] == [
        "weekly backup",
        "new firewall",
    ]
    for field in SPEC:
        assert f"`{field}`" in page() or field == "labels", field
    for kind in kinds.KINDS:
        assert f"`{kind}`" in page()
