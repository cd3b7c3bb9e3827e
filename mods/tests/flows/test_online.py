"""mods detect --online: the contract of its CSV, on files and on datapools."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from mods.anomaly.online import OnlineDetector
from mods.anomaly.online.trace import trace
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


def test_what_only_a_model_heeds_is_refused(sensor, capsys):
    assert main(["detect", "--online", "--data", str(sensor[0]), "--quantiles", "0.1"]) == 2
    assert "--quantiles: has no effect with --online" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("cells", "words", "told"),
    [
        (["5"], [], "1 rows are too few to learn from"),
        ([""] * 30, [], "no row was scored: no row has a value"),
        (["5"] * 300, ["--probation", "5000"], "no row was scored: probation takes the first"),
        (["5"] * 300, [], ""),
    ],
)
def test_where_no_row_could_be_scored_that_is_told(tmp_path, capsys, caplog, cells, words, told):
    place = tmp_path / "few.csv"
    times = pd.date_range("2024-03-04", periods=len(cells), freq="10min").astype(str)
    rows = "".join(f"{time},{cell}\n" for time, cell in zip(times, cells, strict=True))
    place.write_text(f"time,value\n{rows}")
    code = main(["detect", "--online", "--data", str(place), *words])
    assert code == (3 if "too few" in told else 0)
    said = capsys.readouterr().err + caplog.text
    assert told in said and ("no row was scored" in said) == told.startswith("no row")


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


def test_each_event_is_explained_by_its_id_and_its_number(busy, tmp_path, capsys):
    given = ["--online", "--data", str(busy), "--quiet"]
    assert main(["detect", *given, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["events"]
    for number, one in enumerate(told, start=1):
        for name in (one["id"], str(number)):
            assert main(["explain", *given, "--event", name, "--json"]) == 0
            found = json.loads(capsys.readouterr().out)
            assert (found["event"]["id"], found["number"], found["of"]) == (
                one["id"],
                number,
                len(told),
            )
            assert found["reasons"] and found["reasons"][0]["feature"] == one["features"][0]
    burst = next(one for one in told if one["features"] == ["ssh"])
    page = tmp_path / "burst.html"
    words = ["explain", str(busy), *given[:1], "--event", burst["id"], "--output", str(page)]
    assert main([*words, "--quiet"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("Too much ssh") or "too much ssh" in said
    assert "expected were" in said and "above the band" in said
    assert "Model" in page.read_text() and "<svg" in page.read_text()


def test_what_was_expected_of_a_row_rests_on_the_rows_before_it(busy):
    table = pd.read_csv(busy, index_col="time", parse_dates=True)
    whole = trace(OnlineDetector(probation=200), table)
    cut = trace(OnlineDetector(probation=200), table.iloc[:900])
    np.testing.assert_array_equal(whole.values[:900], cut.values)
    hoped, seen = whole.values[:, 0, 0], table["conn_in"].to_numpy()
    assert np.isnan(hoped[:200]).all() and np.isfinite(hoped[200:]).all()
    calm = slice(400, 800)
    inside = (whole.lower[95][calm, 0, 0] <= seen[calm]) & (
        seen[calm] <= whole.upper[95][calm, 0, 0]
    )
    assert 0.85 < inside.mean() <= 1
    assert np.abs(hoped - seen)[calm].mean() < 0.25 * seen[calm].mean()
    assert (whole.lower[95][200:] >= 0).all()


def test_a_moment_is_explained_though_stamps_come_again_and_go_backward(sensor, capsys):
    asked = ["explain", "--online", "--data", str(sensor[0]), "--time", "2024-03-08T04:00"]
    assert main([*asked, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["reasons"][0]["actual"] == 500.0
    assert 40 < found["reasons"][0]["forecast"] < 60 and found["number"] > 0


def test_events_of_a_run_without_a_model_are_listed_written_and_not_marked(busy, tmp_path, capsys):
    out = tmp_path / "events.csv"
    assert main(["detect", "--online", str(busy), "--json"]) == 0
    wanted = json.loads(capsys.readouterr().out)["events"]
    assert main(["events", "--online", str(busy), "--output", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["events"] == wanted and told["events_file"] == str(out)
    assert pd.read_csv(out)["id"].tolist() == [one["id"] for one in wanted]
    marked = ["events", "--online", str(busy), "--mark", wanted[0]["id"], "--as", "true"]
    assert main(marked) == 2
    assert "Marks and calendars are kept with a model" in capsys.readouterr().err
    assert main(["explain", "week", "--online", "--data", str(busy)]) == 2
    assert main(["explain", "week", "--probation", "9"]) == 2
