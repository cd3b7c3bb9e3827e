"""How much a pool takes, and that trimming it never changes a window that stays."""

import shutil

import pytest

from mods.errors import DatapoolError, SettingError
from mods.features.store import manifest
from mods.flows.prepare import prepare
from mods.flows.storage import storage
from mods.request import StorageRequest
from mods.tests.flows.test_increment import conn, content, dns, once, request
from mods.tests.flows.test_prepare import put

DAY = 24 * 60


@pytest.fixture
def logs(tmp_path):
    """Four days, a file per half day and log."""
    place = tmp_path / "logs"
    for half in range(8):
        minutes = range(half * 720, half * 720 + 720, 5)
        put(place, f"conn.{half}.log", conn(minutes))
        put(place, f"dns.{half}.log", dns(minutes))
    return place


def asked(pool, **settings):
    return storage(StorageRequest(data=str(pool), **settings))


def panes(told):
    return {row["protocol"]: row for row in told.rows if row["what"].startswith("panes")}


def test_every_byte_is_told(logs, tmp_path):
    pool = tmp_path / "pool"
    prepare(request(logs, pool))
    told = asked(pool)
    there = sum(path.stat().st_size for path in pool.rglob("*") if path.is_file())
    assert told.record()["total"] == there
    assert [(row["what"], row["protocol"]) for row in told.rows[:4]] == [
        ("windows", "conn"),
        ("windows", "dns"),
        ("panes of 600 s", "conn"),
        ("panes of 600 s", "dns"),
    ]
    days = {(row["oldest"], row["newest"]) for row in told.rows[:4]}
    assert days == {("2023-11-15", "2023-11-18")}
    assert "panes of 600 s" in told.text() and "in all" in told.text()


def test_trimmed_panes_leave_the_windows_as_they_were_and_later_ones_right(logs, tmp_path):
    pool = tmp_path / "pool"
    late, last = logs / "conn.1.log", logs / "conn.7.log"
    for path in (late, last):
        path.rename(tmp_path / path.name)
    prepare(request(logs, pool))
    before = content(pool)
    freed = asked(pool, keep_panes="2d", dry_run=True).freed
    assert [row["protocol"] for row in freed] == ["conn", "dns"] and content(pool) == before
    told = asked(pool, keep_panes="2d")
    assert content(pool) == before
    assert {row["oldest"] for row in panes(told).values()} == {"2023-11-17"}
    assert asked(pool, keep_panes="2d").freed == []

    shutil.copy(tmp_path / last.name, last)
    prepare(request(logs, pool))
    expected = once(logs, tmp_path)
    assert content(pool) == expected

    shutil.copy(tmp_path / late.name, late)
    done = prepare(request(logs, pool))
    assert content(pool) == expected and done.new == 1
    assert "before 2023-11-17" in done.hints[0] and "final" in done.hints[0]
    again = prepare(request(logs, pool))
    assert (again.new, again.days) == (0, 0) and content(pool) == expected


def test_trimmed_days_do_not_come_back(logs, tmp_path):
    pool = tmp_path / "pool"
    last = logs / "conn.7.log"
    last.rename(tmp_path / last.name)
    prepare(request(logs, pool, by="subnet:24"))
    asked(pool, keep_days="2d")
    names = {name.split("w01h")[0] for name in content(pool)}
    days = {f"{log}/2023/11/{day}/" for log in ("conn", "dns") for day in (17, 18)}
    assert {name for name in names if name[:4] in ("conn", "dns/")} == days
    assert not list(pool.rglob("by/**/15/*")) and list(pool.rglob("by/**/17/*"))
    shutil.copy(tmp_path / last.name, last)
    prepare(request(logs, pool, by="subnet:24"))
    whole = once(logs, tmp_path, by="subnet:24")
    kept = {name: whole[name] for name in content(pool)}
    assert content(pool) == kept


def test_panes_that_some_windows_still_wait_for_are_not_trimmed(logs, tmp_path):
    pool, last = tmp_path / "pool", logs / "conn.7.log"
    last.rename(tmp_path / last.name)
    prepare(request(logs, pool))
    prepare(request(logs, pool, window_slide="w20m-s10m"))
    shutil.copy(tmp_path / last.name, last)
    prepare(request(logs, pool))
    with pytest.raises(DatapoolError, match="w20m-s10m are behind.*--window_slide w20m-s10m first"):
        asked(pool, keep_panes="1d")
    prepare(request(logs, pool, window_slide="w20m-s10m"))
    asked(pool, keep_panes="1d")
    assert manifest.read(pool, 600).begin == 19_679 * 144


def test_what_cannot_be_measured_or_meant_says_so(tmp_path):
    with pytest.raises(DatapoolError, match="is no datapool folder"):
        asked(tmp_path / "nowhere")
    for text in ("month", "36h", "999999w"):
        with pytest.raises(SettingError, match=f"'{text}' is no number of days.*30d or 4w"):
            asked(tmp_path, keep_panes=text)
