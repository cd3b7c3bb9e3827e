"""A log that is left out as broken makes no window silently low: those are missing, and named."""

import json

import pandas as pd
import pytest

import mods
from mods.features import quality
from mods.flows.prepare import prepare
from mods.tests.flows.test_increment import conn, content, dns, once, request
from mods.tests.flows.test_prepare import put

QUERY = "conn|in_count_uid~conn;dns|out_count_uid~dns"
LOST = "2023-11-15/conn.03:00:00-04:00:00.log.gz"


@pytest.fixture
def logs(tmp_path):
    """Eight hours, of which the fourth of conn is damaged; how it was is in `whole`."""
    place = tmp_path / "logs"
    for hour in range(8):
        minutes = range(hour * 60, hour * 60 + 60)
        name = f"{hour:02}:00:00-{hour + 1:02}:00:00.log.gz"
        put(place, f"2023-11-15/conn.{name}", conn(minutes))
        put(place, f"2023-11-15/dns.{name}", dns(minutes))
    path = place / LOST
    (tmp_path / "whole.gz").write_bytes(path.read_bytes())
    path.write_bytes(b"damaged" + path.read_bytes()[7:])
    return place


@pytest.mark.parametrize("no_panes", [False, True])
def test_windows_that_lack_a_lost_log_are_missing_and_named(logs, tmp_path, no_panes):
    pool = tmp_path / "pool"
    done = prepare(request(logs, pool, skip_broken=True, no_panes=no_panes))
    (one,) = done.incomplete
    assert (one.protocol, one.file) == ("conn", str(logs / LOST))
    assert (one.begin, one.end) == ("2023-11-15T03:00:00Z", "2023-11-15T04:00:00Z")
    assert any(
        hint.startswith("incomplete: conn windows from 2023-11-15T03") for hint in done.hints
    )
    assert done.record()["incomplete"][0]["reason"] == "is no whole gzip file"
    series = mods.Datapool(pool).select(QUERY)
    starts = pd.DatetimeIndex(series.index) - pd.Timedelta("1h")
    low = (starts > "2023-11-15T02:00Z") & (starts < "2023-11-15T04:00Z")
    assert series["conn"].isna().tolist() == low.tolist() and low.sum() == 11
    assert series["dns"].notna().all()
    assert (series["conn"][~low] == 20).all()
    (finding,) = (one for one in quality.of_pool(pool).findings if one.kind == "incomplete")
    assert finding.time_range == "<2023-11-15T02:10,2023-11-15T03:50>"
    assert "conn" in finding.where and "is no whole gzip file" in finding.what


def test_a_log_that_is_mended_is_missed_no_more(logs, tmp_path):
    pool = tmp_path / "pool"
    prepare(request(logs, pool, skip_broken=True))
    again = prepare(request(logs, pool, skip_broken=True))
    assert again.new == 0 and len(again.incomplete) == 1
    (logs / LOST).write_bytes((tmp_path / "whole.gz").read_bytes())
    done = prepare(request(logs, pool))
    assert done.incomplete == () and content(pool) == once(logs, tmp_path)


def test_a_log_that_is_lost_when_nothing_else_came_is_noted_too(logs, tmp_path):
    pool, damaged = tmp_path / "pool", (logs / LOST).read_bytes()
    (logs / LOST).unlink()
    assert prepare(request(logs, pool, by="subnet:24")).incomplete == ()
    (logs / LOST).write_bytes(damaged)
    prepare(request(logs, pool, by="subnet:24", skip_broken=True))
    for about in (pool / "datapool.json", *pool.glob("by/*/datapool.json")):
        assert len(json.loads(about.read_text())["incomplete"]) == 1
    entity = mods.Datapool(pool).entity(mods.Datapool(pool).entities[0])
    assert entity.select("conn|out_count_uid~conn")["conn"].isna().sum() == 11


def test_of_a_log_without_a_name_that_tells_its_records_do(logs, tmp_path):
    (logs / LOST).unlink()
    body = conn(range(180, 240)).replace("#types\ttime", "#types\tstring")
    put(logs, "conn.part.log", body)
    (one,) = prepare(request(logs, tmp_path / "pool", skip_broken=True)).incomplete
    assert (one.begin, one.end) == ("2023-11-15T03:00:00Z", "2023-11-15T04:00:00Z")


def test_where_nothing_tells_the_time_all_windows_are_named(logs, tmp_path):
    (logs / LOST).unlink()
    put(logs, "conn.log", "no header\n")
    pool = tmp_path / "pool"
    done = prepare(request(logs, pool, skip_broken=True))
    assert any("at times that are not known may be too low" in hint for hint in done.hints)
    (finding,) = (one for one in quality.of_pool(pool).findings if one.kind == "incomplete")
    assert finding.begin is None and "may be too low" in finding.what
    assert mods.Datapool(pool).select(QUERY)["conn"].notna().all()
