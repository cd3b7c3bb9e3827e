"""The demo is the whole way, and finds what was planted in its traffic."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import mods
from mods.cli import main
from mods.flows.demo import STEPS_AHEAD

README = Path(mods.__file__).parents[1] / "README.md"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("demo") / "demo"


@pytest.fixture(scope="module")
def told(folder, tmp_path_factory):
    """The demo's own answer; the same folder once held a demo that was interrupted."""
    (folder / "logs").mkdir(parents=True)
    (folder / "report.html").write_text("of an earlier demo")
    with pytest.MonkeyPatch.context() as patch:
        said: list[str] = []
        patch.setattr("mods.cli.say", said.append)
        assert main(["demo", "--output", str(folder), "--json"]) == 0
    return json.loads(said[0])


def test_the_forecast_of_every_feature_beats_persistence(told):
    assert set(told["summary"]["features"]) == {"conn_in", "conn_out", "dns_in_distinct", "ssh_in"}
    assert max(told["summary"]["features"].values()) < 0.9


def test_the_planted_outage_and_scan_are_found_with_their_direction(told):
    found = {line["planted"]["kind"]: line["found"] for line in told["planted"]}
    assert found["outage"]["direction"] == "too little"
    assert found["scan"]["direction"] == "too much" and found["scan"]["features"] == ["conn_in"]
    assert len(told["events"]) <= 2 + 2


def test_the_hosts_behind_the_planted_events_are_named(told, folder):
    for line in told["planted"]:
        assert line["planted"]["host"] in line["why"], line["planted"]["kind"]
    report = (folder / "report.html").read_text()
    for number, _ in enumerate(told["events"], start=1):
        page = f"events/event-{number}.html"
        assert f'href="{page}"' in report
        assert "<svg" in (folder / page).read_text()


def test_without_a_model_the_host_behind_the_scan_is_named_too(told, folder, capsys):
    (scan,) = (one["planted"] for one in told["planted"] if one["planted"]["kind"] == "scan")
    given = ["--data", str(folder / "datapool"), "--logs", str(folder / "logs")]
    asked = ["explain", "--online", *given, "--time", "2024-03-14T11:00", "--quiet", "--json"]
    assert main(asked) == 0
    found = json.loads(capsys.readouterr().out)
    assert scan["host"] in found["sentence"] and found["event"]["kind"] == "burst"
    assert found["reasons"][0]["parts"] is None and found["reasons"][0]["beyond"] > 0


def test_the_readme_shows_what_the_demo_says(told):
    """Names, not figures: those differ from machine to machine."""
    if not README.is_file():
        pytest.skip("installed without its README")
    block = README.read_text().split("<!-- demo output: begin -->")[1]
    rows = [line.split() for line in block.split("<!-- demo output: end -->")[0].splitlines()]
    heads = next(row for row in rows if row[:1] == ["feature"])
    begin = rows.index(heads) + 1
    features = [row[0] for row in rows[begin : begin + len(told["summary"]["features"]) + 1]]
    assert features == [*told["summary"]["features"], "mean"]
    evaluated = {str(lead) for lead in range(1, STEPS_AHEAD + 1)}
    assert heads[1:] == [*sorted(evaluated, key=int), "mean"]
    assert set(told["summary"]["leads"]) <= set(heads)
    titles = next(row for row in rows if row[:1] == ["planted"])
    assert titles == ["planted", "from", "to", "found", "seen", "from", "features"]
    shown = rows[rows.index(titles) + 1 :][: len(told["planted"])]
    assert [row[0] for row in shown] == [one["planted"]["kind"] for one in told["planted"]]
    baselines = [name for name in told["summary"]["baselines"] if name != "persistence"]
    text = block.replace(" ", "_")
    assert all(f"({name})" in text for name in baselines)


def test_the_report_needs_nothing_but_itself(told, folder):
    page = (folder / "report.html").read_text()
    assert "conn_in" in page and "<svg" in page
    loading = ("<script", "<link", "<iframe", "<img", 'src="http', "url(http", "@import")
    assert [what for what in loading if what in page] == []


def test_a_folder_with_anything_else_in_it_is_left_alone(folder, tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("mine")
    assert main(["demo", "--output", str(tmp_path)]) == 2
    assert "mine.txt" in capsys.readouterr().err
    assert (tmp_path / "mine.txt").read_text() == "mine"
