"""mods detect --online: the contract of its CSV, on files and on datapools."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from mods.cli import main
from mods.errors import SeriesError
from mods.flows import online
from mods.request import OnlineRequest, Source
from mods.tests.conftest import rhythm
from mods.timerange import TimeRange

COLUMNS = ["time", "anomaly_score", "threshold", "anomaly", "feature"]


@pytest.fixture(scope="module")
def sensor(tmp_path_factory):
    """800 rows; stamps that are irregular, come again and go backward; one cell is empty."""
    rng = np.random.default_rng(0)
    times = pd.date_range("2024-03-04", periods=797, freq="10min").strftime("%Y-%m-%d %H:%M:%S")
    rows = pd.DataFrame({"timestamp": times, "value": rng.normal(50, 5, 797).round(2)})
    rows.loc[500, "value"] = None
    rows.loc[600, "value"] = 500.0
    rows = pd.concat([rows, rows.iloc[[10, 5, 5]]])
    place = tmp_path_factory.mktemp("online") / "sensor.csv"
    rows.to_csv(place, index=False)
    return place, rows.reset_index(drop=True)


def test_one_row_out_for_one_row_in(sensor, tmp_path):
    place, rows = sensor
    out = tmp_path / "scores.csv"
    words = ["detect", "--online", "--data", str(place), "--output", str(out)]
    assert main([*words, "--alarms_per_week", "2"]) == 0
    scored = pd.read_csv(out)
    assert list(scored.columns) == COLUMNS
    assert scored["time"].tolist() == rows["timestamp"].tolist()
    assert np.isfinite(scored["anomaly_score"]).all()
    assert (scored["anomaly_score"][:120] == 0).all() and scored["anomaly_score"][500] == 0
    assert scored["anomaly"][600] == 1 and scored["feature"][600] == "value"


def test_the_file_may_be_given_without_a_name_and_the_alarms_as_json(sensor, capsys):
    assert main(["detect", str(sensor[0]), "--online", "--probation", "100", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["rows"] == 800 and told["probation"] == 100
    assert "2024-03-08 04:00:00" in [event["time"] for event in told["events"]]


def test_a_model_and_online_exclude_each_other(sensor, capsys):
    assert main(["detect", "week", "--online", "--data", str(sensor[0])]) == 2
    assert "--online takes no model" in capsys.readouterr().err


def test_a_model_without_data_is_not_taken_for_a_datapool(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["detect", "week", "--online"]) == 2
    assert "--online takes no model" in capsys.readouterr().err
    assert main(["detect", "nope.csv", "--online"]) == 3
    assert "Check the path" in capsys.readouterr().err


def test_a_range_is_told_of_and_what_lies_before_it_learnt_from(sensor):
    source, request = Source(data=str(sensor[0])), OnlineRequest()
    whole = online.detect(request, source).table()
    day = online.detect(request, source, TimeRange.parse("<2024-03-08,2024-03-08>")).table()
    held = whole["time"].str.startswith("2024-03-08")
    pd.testing.assert_frame_equal(day, whole[held].reset_index(drop=True))
    with pytest.raises(SeriesError, match="It reaches from 2024-03-04"):
        online.detect(request, source, TimeRange.parse("<2030,2030>"))


def test_a_period_left_out_is_neither_scored_nor_learnt_from(sensor):
    source = Source(data=str(sensor[0]))
    found = online.detect(OnlineRequest(), source, None, ("<2024-03-08,2024-03-08>",)).table()
    left_out = found["time"].str.startswith("2024-03-08")
    assert (found["anomaly_score"][left_out] == 0).all() and len(found) == 800


def test_a_datapool_is_scored_window_by_window(pool, tmp_path):
    out = tmp_path / "pool.csv"
    assert main(["detect", "--online", "--data", str(pool), "--output", str(out)]) == 0
    scored = pd.read_csv(out)
    assert len(scored) == 9 * 144
    assert scored["time"][0] == "2024-03-04T01:00:00Z"
    assert scored["anomaly"].sum() <= 3


@pytest.fixture(scope="module")
def busy(tmp_path_factory):
    """Nine days of traffic with a burst of ssh, an hour without data and conn_in twice as high."""
    sums = rhythm()
    times = sums.index
    burst = (times >= "2024-03-09T06:00Z") & (times < "2024-03-09T07:00Z")
    seen = np.convolve(burst, np.ones(6) / 6)[: len(sums)]
    sums["ssh"] = (sums["ssh"] * (1 + 6 * seen)).round()
    sums.loc["2024-03-11T06:00Z":, "conn_in"] *= 3
    sums.loc["2024-03-10T06:00Z":"2024-03-10T07:00Z"] = np.nan
    place = tmp_path_factory.mktemp("busy") / "sums.csv"
    sums.rename_axis("time").to_csv(place, date_format="%Y-%m-%dT%H:%M:%SZ")
    return place


def test_alarms_are_told_as_events_with_kind_and_severity(busy, tmp_path, capsys):
    lines = tmp_path / "events.jsonl"
    assert main(["detect", "--online", str(busy), "--events", str(lines), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["events"]
    burst = next(one for one in told if one["features"] == ["ssh"])
    assert (burst["kind"], burst["direction"]) == ("burst", "too much")
    assert burst["actual"] > 1.5 * burst["forecast"] and burst["score"] >= 1
    assert burst["start"] <= "2024-03-09T06:40:00Z" and burst["end"] >= "2024-03-09T07:00:00Z"
    shift = next(one for one in told if one["start"] == "2024-03-11T06:00:00Z")
    assert (shift["kind"], shift["score_kind"]) == ("level shift", "novelty")
    assert shift["end"] >= "2024-03-11T12:00:00Z"
    (gap,) = [one for one in told if one["kind"] == "missing"]
    assert gap["features"] == ["conn_in", "conn_out", "dns", "ssh"]
    documents = [json.loads(line) for line in lines.read_text().splitlines()]
    assert [one["event"]["id"] for one in documents] == [one["id"] for one in told]


def test_online_too_what_is_expected_raises_no_alarm(busy, tmp_path, capsys):
    out = tmp_path / "scores.csv"
    words = ["detect", "--online", str(busy), "--expected", "Sat 05:00-09:00 for ssh", "--json"]
    assert main([*words, "--output", str(out)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert not [one for one in told["events"] if one["features"] == ["ssh"]]
    assert told["silenced"] == 1
    scored = pd.read_csv(out).set_index("time")
    assert scored.loc["2024-03-09T06:00:00Z":"2024-03-09T07:00:00Z", "anomaly"].sum() == 0
    assert (scored["anomaly_score"] >= scored["threshold"]).loc["2024-03-09T06:00:00Z":].any()


def test_stamps_that_go_backward_make_events_all_the_same(sensor, capsys):
    assert main(["detect", str(sensor[0]), "--online", "--json"]) == 0
    for one in json.loads(capsys.readouterr().out)["events"]:
        assert one["start"] <= one["end"] and one["kind"]
