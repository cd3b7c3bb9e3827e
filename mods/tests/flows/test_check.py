"""`mods check` and `mods export` as a user runs them."""

import json

import numpy as np
import pandas as pd
import pytest

import mods
from mods.cli import main
from mods.features.datapool import write


def table(days=15):
    starts = pd.date_range("2019-03-01", periods=144 * days, freq="10min", tz="UTC")
    arrived = np.random.default_rng(0).poisson(100, len(starts) + 5)
    counts = pd.Series(np.convolve(arrived, np.ones(6), "valid"), starts.rename("window_start"))
    counts["2019-03-06T18:00":"2019-03-06T22:00"] = np.nan
    return counts


@pytest.fixture
def outage(tmp_path):
    """Fifteen days of ssh with four hours without anything."""
    place = tmp_path / "pool"
    tables = {"ssh": table().to_frame("in").astype("Int64")}
    window = mods.Window.parse("w01h-s10m")
    write(place, tables, window, layout="folders", local_networks=(), catalogue="1")
    return place


def run(capsys, *words):
    code = main([str(word) for word in words])
    out, err = capsys.readouterr()
    return code, out, err


def test_a_log_is_no_datapool(capsys, tmp_path):
    log = tmp_path / "conn.log"
    log.write_text("#separator \\x09\n")
    code, _, err = run(capsys, "check", log)
    assert (code, "is neither a datapool nor a CSV or Parquet file" in err) == (3, True)


def test_the_outage_is_said_on_one_line_and_nothing_else_is(outage, capsys):
    code, out, _ = run(capsys, "check", outage)
    findings = [line for line in out.splitlines() if line.startswith(("error", "warning", "note"))]
    assert code == 0
    assert findings == [
        "error: missing: all <2019-03-06T18:00,2019-03-06T22:00>: 25 windows (4 h 10 min) hold no "
        "value at all. Prepare the logs of that time again, or leave it out of training."
    ]
    assert "Found: 1 error, 0 warnings, 0 notes." in out


def test_json_says_the_same_to_a_program(outage, capsys):
    code, out, _ = run(capsys, "check", "--data", outage, "--json")
    told = json.loads(out)
    assert code == 0 and told["window_slide"] == "w01h-s10m"
    assert told["span"] == {"first": "2019-03-01T00:00Z", "last": "2019-03-15T23:50Z"}
    assert told["counts"] == {"error": 1, "warning": 0, "note": 0}
    assert told["findings"][0]["time_range"] == "<2019-03-06T18:00,2019-03-06T22:00>"
    assert told["coverage"][0]["missing"] == 25


def test_the_page_holds_the_calendar_and_the_findings(outage, tmp_path, capsys):
    page = tmp_path / "check.html"
    code, out, _ = run(capsys, "check", outage, "--output", page)
    text = page.read_text()
    assert code == 0 and f"written: {page}" in out
    assert "<svg" in text and "ssh: 98.84 % complete" in text
    assert "2019-03-06 18:00 to 22:00" in text and "25 windows (4 h 10 min)" in text


def test_hostile_names_are_escaped_in_the_page(tmp_path, capsys):
    place = tmp_path / "<b>odd<b>.csv"
    counts = pd.DataFrame({"time": pd.date_range("2024-01-01", periods=9, freq="h", tz="UTC")})
    counts["<script>alert(1)</script>"] = np.arange(9) - 1
    counts.to_csv(place, index=False)
    page = tmp_path / "page.html"
    assert run(capsys, "check", place, "--output", page)[0] == 0
    assert "<script>" not in page.read_text() and "<b>odd" not in page.read_text()


def test_a_csv_is_looked_through_with_its_stamps(tmp_path, capsys):
    times = pd.date_range("2024-01-01", periods=100, freq="h", tz="UTC")
    load = pd.DataFrame({"time": times, "load": np.random.default_rng(0).normal(50, 5, 100)})
    odd = pd.concat([load.iloc[:50], load.iloc[60:], load.iloc[[5]]])
    odd.to_csv(tmp_path / "a.csv", index=False)
    code, out, _ = run(capsys, "check", tmp_path / "a.csv", "--json")
    told = {finding["kind"]: finding["what"] for finding in json.loads(out)["findings"]}
    assert code == 0 and set(told) == {"missing", "duplicate", "order"}
    assert told["duplicate"].startswith("1 stamps come again")
    assert told["missing"].startswith("10 windows (10 h)")


def test_where_nothing_can_be_read_the_exit_code_is_3(tmp_path, capsys):
    (tmp_path / "broken.zip").write_bytes(b"PK")
    (tmp_path / "bad.csv").write_text("time,a\nnever,1\nnever,2\n")
    for data in ("broken.zip", "bad.csv", "nowhere"):
        code, out, err = run(capsys, "check", tmp_path / data)
        assert code == 3 and out == ""
        assert [line for line in err.splitlines() if "error" in line][0].startswith("mods: error:")


def test_a_page_with_another_ending_is_refused_before_anything_is_read(tmp_path, capsys):
    code, _, err = run(capsys, "check", tmp_path / "nowhere", "--output", "page.pdf")
    assert code == 2 and "Use .html" in err


def test_export_writes_the_pool_anew_and_back(outage, tmp_path, capsys):
    code, out, _ = run(capsys, "export", outage, "--output", tmp_path / "parquet", "--json")
    assert code == 0 and json.loads(out)["layout"] == "parquet"
    assert len(list((tmp_path / "parquet").rglob("*.parquet"))) == 15
    back = tmp_path / "back"
    run(capsys, "export", tmp_path / "parquet", "--layout", "folders", "--output", back)
    for path in outage.rglob("*.tsv"):
        assert (back / path.relative_to(outage)).read_bytes() == path.read_bytes()
    assert run(capsys, "export", outage, "--output", back)[0] == 2
    assert run(capsys, "export", outage)[0] == 2
