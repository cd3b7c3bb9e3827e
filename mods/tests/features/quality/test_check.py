"""A pool looked through: what is there, what is odd, on one line each."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mods
from mods.errors import DatapoolError
from mods.features import quality
from mods.features.datapool import write
from mods.features.quality.finding import Finding, number, ordered

HOUR = mods.Window.parse("w01h-s10m")
DAY = 144


def panes(days, mean=200.0, seed=0):
    """Windows over Poisson panes, as records would give them."""
    arrived = np.random.default_rng(seed).poisson(mean, DAY * days + 5)
    return np.convolve(arrived, np.ones(6), "valid")


def pool(path, layout="folders", days=4, **changes):
    """Two protocols of four days; changes are made to the tables before they are written."""
    starts = pd.date_range("2019-03-05", periods=days * DAY, freq="10min", tz="UTC")
    index = starts.rename("window_start")
    conn = pd.DataFrame({"in_count_uid": panes(days), "out_count_uid": panes(days, 70, 1)}, index)
    tables = {"conn": conn, "ssh": pd.DataFrame({"in": panes(days, 30, 2)}, index)}
    for name, change in changes.items():
        change(tables[name])
    whole = {name: table.astype("Int64") for name, table in tables.items()}
    write(path, whole, HOUR, layout=layout, local_networks=(), catalogue="1")
    return path


def outage(table):
    table.loc["2019-03-06T18:00":"2019-03-06T22:00"] = np.nan


def kinds(found):
    return sorted(finding.kind for finding in found.findings)


def only(found, kind):
    (finding,) = (one for one in found.findings if one.kind == kind)
    return finding


def test_a_sound_pool_has_nothing_odd(tmp_path):
    found = quality.of_pool(pool(tmp_path / "pool"))
    assert found.findings == [] and found.counts == {"error": 0, "warning": 0, "note": 0}
    assert found.window == "w01h-s10m"
    assert found.coverage()[1] == {
        "data": "ssh", "windows": 576, "complete": 576, "silent": 0, "partly missing": 0,
        "missing": 0, "present %": 100.0,
    }  # fmt: skip


@pytest.mark.parametrize("layout", ["folders", "daily", "monthly", "parquet"])
def test_an_outage_is_told_plainly(tmp_path, layout):
    found = quality.of_pool(pool(tmp_path / "pool", layout, conn=outage, ssh=outage))
    finding = only(found, "missing")
    assert finding.text() == (
        "error: missing: all <2019-03-06T18:00,2019-03-06T22:00>: 25 windows (4 h 10 min) hold no "
        "value at all. Prepare the logs of that time again, or leave it out of training."
    )
    assert finding.record()["time_range"] == "<2019-03-06T18:00,2019-03-06T22:00>"
    assert [row["missing"] for row in found.coverage()] == [25, 25]


def test_the_range_of_a_finding_selects_its_windows(tmp_path):
    place = pool(tmp_path / "pool", conn=outage, ssh=outage)
    finding = only(quality.of_pool(place), "missing")
    gone = mods.Datapool(place).select("ssh", finding.time_range)
    assert len(gone) == 25 and gone.isna().all(axis=None)


def test_one_protocol_out_while_others_run_is_told_with_what_it_is_read_as(tmp_path):
    def few(table):
        table.loc["2019-03-06T10:00":"2019-03-06T10:40"] = np.nan

    found = quality.of_pool(pool(tmp_path / "pool", ssh=few))
    finding = only(found, "partly missing")
    assert finding.where == "ssh in" and "5 windows (50 min)" in finding.what
    assert "read as 0" in finding.what
    assert found.coverage()[1]["partly missing"] == 5


def test_a_protocol_that_is_often_silent_is_no_finding(tmp_path):
    def rarely(table):
        table.iloc[::3] = np.nan

    found = quality.of_pool(pool(tmp_path / "pool", ssh=rarely))
    assert found.coverage()[1]["silent"] == 192
    assert "partly missing" not in kinds(found)


def test_a_day_in_two_places_is_a_finding_and_the_rest_is_looked_at(tmp_path):
    place = pool(tmp_path / "pool")
    member = "ssh/2019/03/06/w01h-s10m.tsv"
    with zipfile.ZipFile(place / "again.zip", "w") as archive:
        archive.writestr(member, (place / member).read_text())
    with pytest.raises(DatapoolError, match="two places"):
        mods.Datapool(place)
    found = quality.of_pool(place)
    finding = only(found, "duplicate")
    assert finding.severity == "error" and finding.time_range == "<2019-03-06,2019-03-06>"
    assert {Path(finding.where).name, Path(finding.what).name} == {
        "w01h-s10m.tsv", finding.where.rpartition("/")[2]
    }  # fmt: skip
    assert "again.zip" in finding.text() and str(place / member) in finding.text()


def test_what_cannot_be_read_is_a_finding_and_missing_not_zero(tmp_path):
    place = pool(tmp_path / "pool", "daily")
    (place / "2019-03-06.zip").write_bytes(b"PK broken")
    (place / "ssh/2019/03/09").mkdir(parents=True)
    (place / "ssh/2019/03/09/w01h-s10m.tsv").write_text("no table")
    found = quality.of_pool(place)
    told = [finding for finding in found.findings if finding.kind == "unreadable"]
    assert [finding.time_range for finding in told] == [
        "<2019-03-06,2019-03-06>",
        "<2019-03-09,2019-03-09>",
    ]
    assert [row["missing"] for row in found.coverage()] == [144, 144]


def test_a_protocol_without_files_for_days_is_told(tmp_path):
    place = pool(tmp_path / "pool")
    for day in ("06", "07"):
        (place / f"ssh/2019/03/{day}/w01h-s10m.tsv").unlink()
    found = quality.of_pool(place)
    finding = only(found, "absent")
    assert finding.text().startswith(
        "warning: absent: ssh <2019-03-06,2019-03-07>: no file on 2 of"
    )
    assert found.coverage()[1]["silent"] == 288


def test_a_changed_header_is_told_with_the_day_and_the_columns(tmp_path):
    place = pool(tmp_path / "pool")
    path = place / "conn/2019/03/07/w01h-s10m.tsv"
    path.write_text(path.read_text().replace("out_count_uid", "out_sum_orig_bytes"))
    found = quality.of_pool(place)
    gained, lost = (one for one in found.findings if one.kind == "header")
    assert gained.time_range == "<2019-03-07,2019-03-07>"
    assert gained.what == ("gains 1 column (out_sum_orig_bytes) and loses 1 column (out_count_uid)")
    assert lost.begin == pd.Timestamp("2019-03-08T00:00Z")
    # a column that a file does not have is not a gap in it
    assert "partly missing" not in kinds(found)


def test_a_pool_in_which_nothing_can_be_read_is_an_error(tmp_path):
    place = pool(tmp_path / "pool", days=1)
    for path in place.rglob("*.tsv"):
        path.write_text("broken")
    with pytest.raises(DatapoolError, match="first line does not name"):
        quality.of_pool(place)
    with pytest.raises(DatapoolError, match="no such datapool"):
        quality.of_pool(tmp_path / "nowhere")


def test_of_several_windows_one_has_to_be_named(tmp_path):
    place = pool(tmp_path / "pool", days=1)
    half = pd.DataFrame(
        {"in": pd.array([3, 4], "Int64")},
        pd.date_range("2019-03-05", periods=2, freq="30min", tz="UTC", name="window_start"),
    )
    window = mods.Window.parse("w30m-s30m")
    write(place, {"ssh": half}, window, layout="folders", local_networks=(), catalogue="1")
    with pytest.raises(DatapoolError, match="several windows"):
        quality.of_pool(place)
    assert len(quality.of_pool(place, "w30m-s30m").states) == 2


def test_a_series_is_looked_through_like_a_pool():
    times = pd.date_range("2024-01-01", periods=300, freq="h", tz="UTC", name="time")
    rng = np.random.default_rng(0)
    series = pd.DataFrame({"load": rng.normal(50, 5, 300), "cold": rng.normal(0, 5, 300)}, times)
    series.iloc[100:110] = np.nan
    series.iloc[200, 0] = -3
    found = quality.of_series(series)
    assert kinds(found) == ["missing", "negative"]
    assert "10 windows (10 h)" in only(found, "missing").what
    # half of the other column is below zero, as temperatures are
    assert only(found, "negative").where == "load"


def test_an_empty_cell_of_a_series_is_missing_not_zero():
    times = pd.date_range("2024-01-01", periods=300, freq="h", tz="UTC", name="time")
    series = pd.DataFrame({"a": np.arange(300.0) % 7 + 1, "b": np.arange(300.0) % 11 + 1}, times)
    series.iloc[5:7, 0] = np.nan
    finding = only(quality.of_series(series), "partly missing")
    assert finding.what.endswith("while others have some: missing")


def test_the_worst_comes_first():
    early, late = pd.Timestamp("2019-01-01", tz="UTC"), pd.Timestamp("2019-01-02", tz="UTC")
    mixed = [
        Finding("constant", "note", "a", "w", "f"),
        Finding("zero", "warning", "b", "w", "f", late, late),
        Finding("stuck", "warning", "c", "w", "f", early, early),
        Finding("missing", "error", "d", "w", "f", late, late),
    ]
    assert [one.where for one in ordered(mixed)] == ["d", "c", "b", "a"]
    assert mixed[0].time_range == "" and mixed[0].record()["time_range"] is None


def test_text_of_a_strangers_file_stays_on_one_line():
    hostile = Finding("unreadable", "error", "a\n\x1b[31mb", "c\td", "f")
    assert hostile.text() == "error: unreadable: a  [31mb: c d. f."
    assert number(123456789.4) == "123456789" and number(2e20) == "2e+20"


def test_the_pool_of_an_entity_is_silent_not_missing_where_the_whole_was_seen(tmp_path):
    place = pool(tmp_path / "pool", conn=outage, ssh=outage)
    entity = "10.1.0.0/16"
    part = place / "by/10.1.0.0_16"
    rare = pd.DataFrame(
        {"in": pd.array([1, 2], "Int64")},
        pd.DatetimeIndex(["2019-03-05T10:00Z", "2019-03-07T10:00Z"], name="window_start"),
    )
    write(part, {"ssh": rare}, HOUR, layout="folders", local_networks=(), catalogue="1")
    for folder, more in (
        (place, {"by": "local", "entities": [entity]}),
        (part, {"entity": entity}),
    ):
        told = json.loads((folder / "datapool.json").read_text())
        (folder / "datapool.json").write_text(json.dumps(told | more))
    (row,) = quality.of_pool(part).coverage()
    assert (row["complete"], row["silent"], row["missing"]) == (2, 549, 25)
