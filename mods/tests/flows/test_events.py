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


def test_a_false_alarm_marked_so_does_not_come_back_and_a_true_one_does(told, data, models, capsys):
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
    assert [one["id"] for one in again["unmatched"]] == [backup["id"]] and not done["unheard"]
    where = ["events", "small", "--data", str(data), "--models", str(models)]
    assert main([*where, "--time_range", LIVE]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == f"marked, and no event any more: {backup['id']} (false, {backup['start']})"
    assert main([*where, "--time_range", "<2024-03-12,2024-03-13)", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["unmatched"] == []


def test_a_true_mark_that_no_threshold_finds_is_told_by_the_calibration(told, models, capsys):
    (scan,) = of(told("events"), "ssh_in")
    quiet = {"start": "2024-03-11T16:00:00Z", "end": "2024-03-11T17:00:00Z", "id": "quiet"}
    with feedback.changing(models / "small.zip") as kept:
        for one in (scan, {**scan, **quiet}):
            kept["marks"].append({**one, "as": "true"})
    done = told("calibrate", live=False)
    assert [one["id"] for one in done["unheard"]] == ["quiet"]
    assert [one["id"] for one in told("events")["unmatched"]] == ["quiet"]


def test_an_incident_that_nobody_marked_is_named_and_a_severe_one_is_not_taken_for_calm(
    told, data, models, tmp_path, capsys
):
    loud, table = tmp_path / "loud.csv", pd.read_csv(data, index_col="time")
    table.loc["2024-03-12T06:00:00Z":"2024-03-12T09:00:00Z", "ssh_in"] *= 20
    table.to_csv(loud)
    (scan,) = of(told("events", "--data", str(loud)), "ssh_in")
    assert scan["severity"] in ("high", "critical")
    again = ["calibrate", "small", "--data", str(loud), "--models", str(models)]
    assert main([*again, "--json"]) == 0
    done = json.loads(capsys.readouterr().out)
    named = {one["id"]: one["left_out"] for one in done["unmarked"]}
    assert named[scan["id"]] is True
    (kept,) = [one for one in done["unmarked"] if one["features"][0] == "conn_out"]
    assert kept["left_out"] == (kept["severity"] in ("high", "critical"))
    raised = [row["new"] / row["old"] for row in done["thresholds"] if row["feature"] == "ssh_in"]
    assert max(raised) < 1.5
    assert main(again) == 0
    text = capsys.readouterr().out
    assert f"left out of the calm range: {scan['id']} ({scan['kind']}" in text
    assert "to expect" in text and "--mark ID" in text
    told("events", "--data", str(loud), "--mark", scan["id"], "--as", "true")
    assert main([*again, "--json"]) == 0
    assert scan["id"] not in {one["id"] for one in json.loads(capsys.readouterr().out)["unmarked"]}


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


def test_a_period_of_a_feature_that_is_not_there_is_refused(data, models, tmp_path, capsys):
    where = ["small", "--data", str(data), "--models", str(models), "--time_range", LIVE]
    given = ["--expected", "Mon 06:00-08:00 for conn_in, conn_xx"]
    assert main(["detect", *where, *given]) == 2
    told = capsys.readouterr().err
    assert "'conn_xx'" in told and "conn_in, conn_out" in told and told.count("\n") == 1
    file = tmp_path / "c.toml"
    file.write_text('[[expected]]\nwhen = "daily 03:00-04:00"\nfeatures = ["conn_xx"]\n')
    assert main(["events", *where, "--calendar", str(file)]) == 2
    told = capsys.readouterr().err
    assert "c.toml" in told and "conn_in, conn_out" in told
    assert not feedback.read(models / "small.zip")["expected"]
    assert main(["detect", "--online", "--data", str(data), *given]) == 2
    assert "'conn_xx'" in capsys.readouterr().err


def test_a_note_is_told_with_the_event(told, data, models, tmp_path, capsys):
    scan = of(told("events"), "ssh_in")[0]
    told("events", "--mark", scan["id"], "--as", "true", "--note", "ticket 7")
    assert of(told("events"), "ssh_in")[0]["note"] == "ticket 7"
    for name in ("e.csv", "e.jsonl"):
        told("events", "--output", str(tmp_path / name))
    with (tmp_path / "e.csv").open() as rows:
        assert {row["id"]: row["note"] for row in csv.DictReader(rows)}[scan["id"]] == "ticket 7"
    lines = map(json.loads, (tmp_path / "e.jsonl").read_text().splitlines())
    assert {one["event"]["id"]: one["mods"].get("note") for one in lines}[scan["id"]] == "ticket 7"
    where = ["small", "--data", str(data), "--models", str(models), "--time_range", LIVE]
    assert main(["events", *where]) == 0 and "ticket 7" in capsys.readouterr().out


def test_what_a_model_does_not_heed_is_refused_and_its_budget_is_told(data, models, capsys):
    where = ["small", "--data", str(data), "--models", str(models), "--time_range", LIVE]
    assert main(["detect", *where, "--alarms_per_week", "7"]) == 2
    assert "mods calibrate" in capsys.readouterr().err
    assert main(["detect", *where, "--probation", "3"]) == 2
    assert "--probation: has no effect with a model" in capsys.readouterr().err
    assert main(["detect", *where]) == 0
    last = capsys.readouterr().out.strip().splitlines()[-1]
    assert last.startswith("alarms a week: 1 asked for, ") and "to expect" in last


def test_a_file_of_other_columns_is_named_and_its_columns_can_be_renamed(models, tmp_path, capsys):
    other = tmp_path / "other.csv"
    times = pd.date_range("2024-03-04", periods=50, freq="10min").strftime("%Y-%m-%dT%H:%M:%SZ")
    pd.DataFrame({"time": times, "a": 1.0}).to_csv(other, index=False)
    assert main(["detect", "small", "--data", str(other), "--models", str(models)]) == 3
    told = capsys.readouterr().err
    assert f"{other}: the series has a, the model wants" in told and "Rename the columns" in told


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
