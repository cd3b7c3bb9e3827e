"""`mods features`: table, JSON and page, from a datapool or a file."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest

from mods import cli
from mods.config import DEFAULT_QUERY
from mods.errors import UsageError
from mods.flows.features import features
from mods.request import FeaturesRequest

WHOLE = "conn;dns;ssh"


def test_features_of_a_pool_are_ranked_with_reasons(pool, capsys):
    assert cli.main(["features", str(pool)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["feature", "verdict", "score", "why"]
    assert {line.split()[0] for line in lines[1:5]} == {
        "conn_in", "conn_out", "dns_in_distinct", "ssh_in"}  # fmt: skip
    assert "rhythm (144 slides)" in lines[1]


def test_the_query_selects_what_is_kept_under_the_same_names(pool):
    """conn_in and conn_out follow one rate, so one of them is a duplicate."""
    ranked = features(FeaturesRequest(data=str(pool), data_select_query=WHOLE))
    kept = {one.name for one in ranked.selection.of("keep")}
    again = features(FeaturesRequest(data=str(pool), data_select_query=ranked.query))
    assert {one.name for one in again.selection.features} == kept
    assert "conn|in_count_uid~conn_in_count_uid" in ranked.query


def test_names_given_in_the_query_stay(pool):
    ranked = features(FeaturesRequest(data=str(pool)))
    assert set(ranked.query.split(";")[0].split("|")[1:]) <= set(
        DEFAULT_QUERY.split(";")[0].split("|")[1:]
    )


def test_the_record_is_printed_as_json(pool, capsys):
    assert cli.main(["features", str(pool), "--data_select_query", WHOLE, "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["steps"] == 1296
    assert len(record["features"]) == 4
    assert record["keep"] + record["weak"] + record["sparse"] + record["drop"] == 4


def test_a_range_is_ranked_alone_and_what_is_excluded_counts_as_missing(pool):
    ranked = features(
        FeaturesRequest(
            data=str(pool),
            time_range="<2024-03-04,2024-03-10>",
            time_ranges_excluded=("<2024-03-05,2024-03-05>",),
        )
    )
    assert ranked.selection.steps == 7 * 144
    assert ranked.selection.gaps == 144


def test_the_page_holds_pictures_tables_and_the_query(pool, tmp_path, capsys):
    page = tmp_path / "deep" / "features.html"
    assert cli.main(["features", str(pool), "--output", str(page)]) == 0
    assert f"written: {page}" in capsys.readouterr().out
    text = page.read_text()
    assert text.count("<svg") == 5
    for heading in ("Ranking", "Verdicts", "What says the same", "Memory and rhythm",
                    "Information", "Figures"):  # fmt: skip
        assert f"<h2>{heading}</h2>" in text
    assert "data_select_query" in text
    assert not re.findall(r"(?:src|href)=\"(?!#|data:)", text)


def test_a_file_has_no_query_and_hostile_names_are_escaped(tmp_path):
    steps = 600
    rng = np.random.default_rng(0)
    stamps = pd.date_range("2024-03-04", periods=steps, freq="10min", tz="UTC")
    table = {
        "time": stamps.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "<script>alert(1)</script>": np.sin(np.arange(steps) / 20) + 0.1 * rng.normal(size=steps),
        "$b$": rng.normal(size=steps),
    }
    path, page = tmp_path / "s.csv", tmp_path / "s.html"
    pd.DataFrame(table).to_csv(path, index=False)
    ranked = features(FeaturesRequest(data=str(path), output=str(page)))
    assert ranked.query is None
    assert ranked.record()["window"] == "w10m-s10m"
    assert "<script" not in page.read_text()


def test_a_page_without_anything_to_show_is_written_all_the_same(tmp_path):
    stamps = pd.date_range("2024-03-04", periods=60, freq="10min", tz="UTC")
    path, page = tmp_path / "s.csv", tmp_path / "s.html"
    pd.DataFrame({"time": stamps, "same": 1.0}).to_csv(path, index=False)
    ranked = features(FeaturesRequest(data=str(path), output=str(page)))
    assert ranked.selection.features[0].why == "constant: 1 everywhere"
    assert "<svg" not in page.read_text()


def test_an_output_that_is_no_page_is_refused_before_any_data_are_read():
    with pytest.raises(UsageError, match="is no page"):
        features(FeaturesRequest(data="nowhere", output="features.pdf"))
