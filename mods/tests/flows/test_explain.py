"""An event is explained: what was expected and why, and who is behind it; whatever a log holds."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from mods.cli import main
from mods.features.datapool import Datapool
from mods.flows import pane_witness
from mods.flows.detect import detect
from mods.flows.explain import explain
from mods.flows.prepare import prepare
from mods.request import ExplainRequest, PredictRequest, PrepareRequest, Source
from mods.tests.conftest import rhythm
from mods.tests.flows.test_witness import (
    CONN,
    DNS,
    NOON,
    conn,
    dns,
    question,
    rows,
    spans,
    write,
)
from mods.window import Window

PEAK = datetime(2024, 3, 12, 13, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>"
ESCAPED = "\x1b[31mred\x1b[0m"
FORMULA = "=cmd|'calc'!A0"


@pytest.fixture
def ask(pool, shelf, capsys):
    """`mods explain` of the small model: its exit code and what it says."""

    def asked(*words: str) -> tuple[int, str]:
        code = main(
            ["explain", "small", "--data", str(pool), "--models", str(shelf), "--quiet", *words]
        )
        return code, capsys.readouterr().out

    return asked


@pytest.fixture
def when(pool, shelf):
    """A time at which conn_in was nearer to an alarm than anything in the hour after."""
    asked = PredictRequest(model_name="small", time_range="<2024-03-10,2024-03-13)")
    found = detect(asked, Source(data=str(pool), models=str(shelf))).found
    score = found["anomaly_score"]
    best = score[::-1].rolling(7).max()[::-1] == score
    there = found[best & (found["feature"] == "conn_in") & (score < 0.9)]
    return there.index[0]


@pytest.fixture
def logs(tmp_path, when):
    """The hour before on two days; on the second strangers whose names are attacks."""
    folder = tmp_path / "logs"
    days, hour = 0, when.to_pydatetime() - timedelta(hours=1) - NOON
    write(folder, "conn", CONN, days + 1, [conn("8.8.8.8")] * 3, later=hour)
    names = (HOSTILE, FORMULA)
    strange = [f"6.6.6.6 40000 10.0.0.1 80 tcp {name} 1.0 1 0 {ESCAPED}" for name in names]
    write(folder, "conn", CONN, days, [conn("8.8.8.8"), *strange * 4], later=hour)
    return folder


def test_a_time_without_an_alarm_is_explained_and_without_logs_says_what_to_give(ask):
    code, said = ask("--time", "2024-03-12T13:00")
    assert code == 0
    assert "expected were" in said and "Why:" in said
    assert "--logs FOLDER" in said


def test_the_record_is_strict_json_and_its_parts_add_up(ask):
    _, said = ask("--time", "2024-03-12T13:00", "--json")
    told = json.loads(said)
    reason = told["reasons"][0]
    total = reason["base"] + sum(reason["parts"].values())
    assert total == pytest.approx(reason["forecast"], rel=1e-4)
    assert reason["bands"]["95"][0] <= reason["forecast"] <= reason["bands"]["95"][1]


def test_an_event_that_is_not_there_is_refused_with_those_that_are(ask):
    code, said = ask("--event", "99", "--json")
    assert code == 2 and "events" in json.loads(said)["message"]
    code, said = ask("--time", "2031-01-01T00:00", "--json")
    assert code in (2, 3)
    code, said = ask("--event", "1", "--time", "2024-03-12", "--json")
    assert code == 2


def test_what_strangers_wrote_into_a_log_stays_text(ask, when, logs, tmp_path):
    page, table = tmp_path / "event.html", tmp_path / "who.csv"
    wanted = ("--time", when.isoformat(), "--logs", str(logs), "--earlier_days", "1")
    code, said = ask(*wanted, "--output", str(page))
    assert code == 0
    assert "6.6.6.6" in said
    assert "\x1b" not in said
    shown = page.read_text()
    assert "<script" not in shown and "&lt;script" in shown
    assert "\x1b" not in shown and "<svg" in shown
    assert [what for what in ("<link", "<img", 'src="', "url(http") if what in shown] == []
    code, _ = ask(*wanted, "--output", str(table))
    cells = [row["who"] for row in csv.DictReader(table.read_text().splitlines())]
    assert f"'{FORMULA}" in cells and FORMULA not in cells


def test_logs_of_another_value_than_the_datapool_s_are_said_not_to_be_its_own(
    ask, when, logs, tmp_path, pool
):
    wanted = ("--time", when.isoformat(), "--earlier_days", "1", "--json")
    _, said = ask(*wanted, "--logs", str(logs))
    seen = Datapool(pool).select().loc[when, "conn_in"]
    note = f"These logs give 9 of conn_in, the data {seen:,.0f}: are these not the logs"
    assert any(one.startswith(note) for one in json.loads(said)["notes"])


def test_without_logs_the_panes_of_the_pool_tell_when_and_which_names(tmp_path):
    """Two whole days, and a third on which somebody asks for many names at 12:30."""
    logs, pool, hour = tmp_path / "logs", tmp_path / "pool", timedelta(hours=1)
    for day in (0, 1, 2):
        for later in range(-3, 3):
            usual = [dns("10.0.0.7", "a.example.org")] * 30
            write(logs, "dns", DNS, day, usual, later=later * hour)
    strange = [dns("10.0.0.7", "a.example.org")] * 29
    strange += [dns("10.0.0.9", f"x{n}.evil.example") for n in range(9)]
    write(logs, "dns", DNS, 0, strange)
    prepare(PrepareRequest(logs=str(logs), output=str(pool), local_networks=("10.0.0.0/8",)))
    asked = {
        "records": question("dns", "internal_count_uid"),
        "names": question("dns", "internal_distinct_query"),
    }
    heard = pane_witness.hear(pool, Window.parse("w01h-s10m"), asked, spans(2), [1, 2])
    names, ranked = rows(heard["names"], "domain")
    assert (ranked.now, ranked.usual) == (10, 1)
    assert (names["evil.example"].now, names["evil.example"].share) == (9, 1)
    slides, ranked = rows(heard["records"], "slide")
    assert ranked.excess == 8 and list(slides) == ["12:30 to 12:40"]


def test_a_gap_in_a_file_is_explained_as_what_is_missing(pool, shelf, tmp_path, capsys):
    series = Datapool(pool).select()
    series.loc["2024-03-12T10:00Z":"2024-03-12T13:00Z"] = None
    path = tmp_path / "series.csv"
    series.to_csv(path)
    page = tmp_path / "gap.html"
    words = ["explain", "small", "--data", str(path), "--models", str(shelf), "--quiet"]
    code = main([*words, "--time", "2024-03-12T11:00", "--output", str(page)])
    said = capsys.readouterr().out
    assert code == 0 and said.startswith("missing conn_in")
    assert "has no value at 2024-03-12 10:00; expected were" in said
    assert "<svg" in page.read_text()


def test_logs_that_have_nothing_of_these_hours_are_no_error(ask, tmp_path):
    write(tmp_path, "conn", CONN, 300, [conn("8.8.8.8")])
    code, said = ask("--time", "2024-03-12T13:00", "--logs", str(tmp_path))
    assert code == 0 and "log of these hours" in said


def test_the_detector_s_events_are_numbered_from_one(ask):
    begin = (PEAK - timedelta(days=3)).date()
    code, said = ask("--time_range", f"<{begin},2024-03-13)", "--json")
    told = json.loads(said)
    if code == 2:
        assert "no event" in told["message"]
    else:
        assert 1 <= told["number"] <= told["of"]


def test_the_score_explained_is_the_one_that_alarmed_also_weeks_after_a_change(shelf, tmp_path):
    """Traffic doubles for good; five weeks later a slow rise is told against these five weeks."""
    series = rhythm(days=50)
    series.index = (series.index + pd.Timedelta("1h")).rename("time")
    series["conn_in"] *= np.where(series.index < series.index[0] + pd.Timedelta("14D"), 1, 2)
    series["conn_in"] *= np.r_[np.ones(len(series) - 60), np.linspace(1, 1.5, 60)]
    path = tmp_path / "series.csv"
    series.rename(columns={"ssh": "ssh_in", "dns": "dns_in_distinct"}).to_csv(path)
    begin = (series.index[-1] - pd.Timedelta("2D")).isoformat()
    asked = ExplainRequest(model_name="small", time_range=f"<{begin[:19]},2024-05-01)")
    found = explain(asked, Source(data=str(path), models=str(shelf)))
    score, time = found.reasons[0].score, found.event.peak
    assert found.reasons[0].time == time
    assert score == found.event.score == found.detection.found["anomaly_score"][time] > 1
