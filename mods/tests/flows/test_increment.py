"""Adding logs to a datapool: whatever their order, names and copies, the windows are the same."""

import gzip
import json
import os
import random
import shutil

import pytest

import mods
from mods.errors import DatapoolError
from mods.features.store import manifest
from mods.flows.prepare import prepare
from mods.request import PrepareRequest
from mods.tests.flows.test_prepare import IN, INNER, OUT, put, text

LOCAL = ("10.0.0.0/8", "fc00::/7")
HOUR = 60


def conn(minutes, first=0):
    """A connection per minute, each with bytes of its own, some a day late."""
    ways = (IN, OUT, INNER)
    return text("conn", [(m, f"{ways[m % 3]}\t0.5\t{m + first}\t7") for m in minutes])


def dns(minutes):
    rows = [(m, f"{OUT}\tudp\tq{m % 50}.org\tF\tF\tT\tT\tF") for m in minutes]
    return text("dns", rows)


@pytest.fixture
def hours(tmp_path):
    """Thirty hours of conn and dns, a file per hour and log; the last hour brings late records."""
    place = tmp_path / "all"
    for hour in range(30):
        late = [3 * HOUR + 7, 11 * HOUR] if hour == 29 else []
        minutes = range(hour * HOUR, (hour + 1) * HOUR, 4)
        put(place, f"d{hour // 24}/conn.{hour:02d}.log.gz", conn([*minutes, *late]))
        put(place, f"d{hour // 24}/dns.{hour:02d}.log", dns(minutes))
    return place


def request(logs, pool, **settings):
    given = {"window_slide": "w01h-s10m", "local_networks": LOCAL, **settings}
    return PrepareRequest(logs=str(logs), output=str(pool), **given)


def content(pool):
    """What users see of a pool: every file but the panes, and its bytes."""
    files = (path for path in pool.rglob("*") if path.is_file())
    named = {str(path.relative_to(pool)): path.read_bytes() for path in files}
    return {name: body for name, body in named.items() if not name.startswith("panes/")}


def once(logs, tmp_path, **settings):
    """The pool of one run over everything, without panes: what all others have to equal."""
    pool = tmp_path / "once"
    prepare(request(logs, pool, no_panes=True, **settings))
    return content(pool)


@pytest.mark.parametrize("layout", ["folders", "daily", "monthly", "parquet"])
def test_one_run_with_panes_writes_what_one_without_writes(hours, tmp_path, layout):
    done = prepare(request(hours, tmp_path / "pool", layout=layout))
    assert content(tmp_path / "pool") == once(hours, tmp_path, layout=layout)
    assert done.new == 60 and done.days == 2 and len(done.used) == 60
    assert mods.Datapool(tmp_path / "pool").span()[0].isoformat() == "2023-11-15T00:00:00+00:00"


@pytest.mark.parametrize("layout", ["folders", "monthly"])
def test_hours_may_come_in_any_order(hours, tmp_path, layout):
    files = sorted(path for path in hours.rglob("*") if path.is_file())
    random.Random(7).shuffle(files)
    place, pool = tmp_path / "logs", tmp_path / "pool"
    for start in range(0, 60, 6):
        for path in files[start : start + 6]:
            (place / path.parent.name).mkdir(parents=True, exist_ok=True)
            shutil.copy(path, place / path.parent.name)
        prepare(request(place, pool, layout=layout))
    assert content(pool) == once(hours, tmp_path, layout=layout)


def test_logs_need_not_stay(hours, tmp_path):
    """Each run sees one hour alone; Zeek's rotation has taken the others away."""
    for hour in range(30):
        place = tmp_path / f"hour{hour}"
        for path in hours.rglob(f"*.{hour:02d}.log*"):
            put(place, path.name, "").write_bytes(path.read_bytes())
        done = prepare(request(place, tmp_path / "pool"))
        assert done.new == 2
    assert content(tmp_path / "pool") == once(hours, tmp_path)


def test_again_changes_nothing_and_reads_nothing(hours, tmp_path, monkeypatch):
    pool = tmp_path / "pool"
    first = prepare(request(hours, pool))
    before = content(pool), (pool / "datapool.json").stat().st_ino

    def read(_path):
        raise AssertionError("a log was read again")

    monkeypatch.setattr("mods.dataset.identity.of", read)
    again = prepare(request(hours, pool))
    assert (content(pool), (pool / "datapool.json").stat().st_ino) == before
    assert (again.new, again.days) == (0, 0)
    counts = [{name: one.rows for name, one in done.logs.items()} for done in (first, again)]
    assert counts[0] == counts[1] == {"conn": 452, "dns": 450}


def test_another_hour_rewrites_only_its_days(hours, tmp_path):
    pool = tmp_path / "pool"
    last = [path for path in hours.rglob("*.28.*")]
    kept = {path: path.read_bytes() for path in last}
    for path in last:
        path.unlink()
    prepare(request(hours, pool))
    names = [
        pool / f"{log}/2023/11/{day}/w01h-s10m.tsv" for log in ("conn", "dns") for day in (15, 16)
    ]
    before = [path.stat().st_ino for path in names]
    for path, body in kept.items():
        path.write_bytes(body)
    done = prepare(request(hours, pool))
    after = [path.stat().st_ino for path in names]
    assert [one == two for one, two in zip(before, after, strict=True)] == [True, False] * 2
    assert done.days == 1 and done.new == 2
    assert content(pool) == once(hours, tmp_path)


def test_renamed_files_and_copies_do_not_count_again(hours, tmp_path):
    pool = tmp_path / "pool"
    prepare(request(hours, pool))
    before = content(pool)
    (hours / "d0").rename(hours / "archive")
    shutil.copy(hours / "d1/conn.29.log.gz", hours / "again.log.gz")
    put(
        hours,
        "archive/conn.05.log",
        gzip.decompress((hours / "archive/conn.05.log.gz").read_bytes()).decode(),
    )
    done = prepare(request(hours, pool))
    assert content(pool) == before and done.new == 0
    assert sum("holds the same lines" in reason for _, reason in done.skipped) == 2


def test_a_growing_log_counts_once_and_so_does_what_it_is_rotated_into(tmp_path):
    logs, pool = tmp_path / "logs", tmp_path / "pool"
    lines = conn(range(0, 180, 2)).splitlines(keepends=True)
    whole = "".join(lines)
    (tmp_path / "whole").mkdir()
    put(tmp_path / "whole", "conn.log", whole)
    expected = once(tmp_path / "whole", tmp_path)
    for state in ("".join(lines[:40]), "".join(lines[:70]) + "17000", "".join(lines[:-1])):
        put(logs, "current/conn.log", state)
        prepare(request(logs, pool))
    (logs / "current/conn.log").unlink()
    put(logs, "2023-11-15/conn.00:00:00-03:00:00.log.gz", whole)
    done = prepare(request(logs, pool))
    assert content(pool) == expected and done.new == 1
    assert len(manifest.read(pool, 600).sources) == 1


def test_the_next_log_at_the_same_path_does_not_take_the_place_of_the_one_before(tmp_path):
    logs, pool = tmp_path / "logs", tmp_path / "pool"
    put(logs, "current/conn.log", conn(range(0, 90, 2)))
    prepare(request(logs, pool))
    put(logs, "current/conn.log", conn(range(90, 180, 2)))
    prepare(request(logs, pool))
    both = tmp_path / "both"
    put(both, "conn.1.log", conn(range(0, 90, 2)))
    put(both, "conn.2.log", conn(range(90, 180, 2)))
    assert content(pool) == once(both, tmp_path)


def test_an_earlier_state_that_comes_late_counts_nothing(tmp_path):
    logs, pool = tmp_path / "logs", tmp_path / "pool"
    whole = conn(range(0, 180, 2))
    put(logs, "conn.00-03.log.gz", whole)
    expected = once(logs, tmp_path)
    prepare(request(logs, pool))
    put(logs, "backup/conn.log", "".join(whole.splitlines(keepends=True)[:50]))
    done = prepare(request(logs, pool))
    assert content(pool) == expected
    assert any("is the beginning of" in reason for _, reason in done.skipped)
    (logs / "conn.00-03.log.gz").unlink()
    put(logs, "backup/conn.log", "".join(whole.splitlines(keepends=True)[:60]))
    prepare(request(logs, pool))
    assert content(pool) == expected


def test_a_mended_log_takes_the_place_of_what_it_was(tmp_path):
    logs, pool = tmp_path / "logs", tmp_path / "pool"
    lines = conn(range(0, 180, 2)).splitlines(keepends=True)
    put(logs, "conn.log", "".join([*lines[:50], "broken\n", *lines[50:]]))
    prepare(request(logs, pool))
    put(logs, "conn.log", "".join(lines))
    done = prepare(request(logs, pool))
    assert content(pool) == once(logs, tmp_path)
    assert done.logs["conn"].rejected == {}


def test_missing_logs_are_forgotten_when_asked(hours, tmp_path):
    pool = tmp_path / "pool"
    prepare(request(hours, pool))
    before = content(pool)
    for path in (hours / "d1").iterdir():
        path.unlink()
    prepare(request(hours, pool))
    assert content(pool) == before
    prepare(request(hours, pool, forget_missing=True))
    assert content(pool) == once(hours, tmp_path)


def test_windows_of_two_lengths_share_panes_and_both_stay_right(hours, tmp_path):
    pool = tmp_path / "pool"
    late = hours / "d0/conn.05.log.gz"
    kept = late.read_bytes()
    late.unlink()
    prepare(request(hours, pool))
    short = prepare(request(hours, pool, window_slide="w20m-s10m"))
    assert short.new == 0
    late.write_bytes(kept)
    prepare(request(hours, pool, window_slide="w20m-s10m"))
    done = prepare(request(hours, pool))
    assert (done.new, done.days) == (0, 1)
    expected = once(hours, tmp_path)
    prepare(request(hours, tmp_path / "once", no_panes=True, window_slide="w20m-s10m"))
    assert content(pool) == content(tmp_path / "once") and set(content(pool)) > set(expected)


def test_other_settings_are_refused_or_everything_is_made_anew(hours, tmp_path):
    pool = tmp_path / "pool"
    prepare(request(hours, pool))
    before = content(pool)
    other = {"local_networks": ("10.0.0.0/16",)}
    with pytest.raises(DatapoolError, match=r"10.0.0.0/8, fc00::/7, not 10.0.0.0/16.*--rebuild"):
        prepare(request(hours, pool, **other))
    with pytest.raises(DatapoolError, match=r"keeps panes.*Leave --no_panes and --engine out"):
        prepare(request(hours, pool, no_panes=True))
    assert content(pool) == before
    prepare(request(hours, pool, rebuild=True, **other))
    assert content(pool) == once(hours, tmp_path, **other)
    prepare(request(hours, pool, rebuild=True, no_panes=True))
    assert content(pool) == before and not (pool / "panes").exists()
    with pytest.raises(DatapoolError, match=r"came without panes.*--rebuild"):
        prepare(request(hours, pool))


def test_hours_too_few_for_a_window_are_kept_until_more_come(tmp_path):
    logs, pool = tmp_path / "logs", tmp_path / "pool"
    put(logs, "conn.1.log", conn(range(0, 30, 2)))
    done = prepare(request(logs, pool))
    assert "no whole window of w01h-s10m yet" in done.hints[0]
    (logs / "conn.1.log").unlink()
    put(logs, "conn.2.log", conn(range(30, 92, 2)))
    prepare(request(logs, pool))
    put(logs, "conn.1.log", conn(range(0, 30, 2)))
    assert content(pool) == once(logs, tmp_path)


def test_many_small_batches_become_few_and_nothing_changes(hours, tmp_path, monkeypatch):
    monkeypatch.setattr("mods.features.store.compaction.MOST", 3)
    pool, place = tmp_path / "pool", tmp_path / "logs"
    for hour in range(30):
        for path in hours.rglob(f"*.{hour:02d}.log*"):
            put(place, path.name, "").write_bytes(path.read_bytes())
        prepare(request(place, pool))
    kept = manifest.read(pool, 600)
    assert len(kept.batches) <= 6 and len(kept.sources) == 60
    there = {path.name.split(".")[0] for path in pool.rglob("panes/**/*.parquet")}
    assert there == {one.name for one in kept.batches}
    assert content(pool) == once(hours, tmp_path)


def test_a_manifest_that_cannot_be_read_says_so(hours, tmp_path):
    pool = tmp_path / "pool"
    prepare(request(hours, pool))
    path = pool / "panes/600s/manifest.json.gz"
    record = json.loads(gzip.decompress(path.read_bytes()))
    other = gzip.compress(json.dumps({**record, "format": 99}).encode())
    for data in (b"{", path.read_bytes()[:-9], gzip.compress(b"{"), other):
        path.write_bytes(data)
        with pytest.raises(DatapoolError, match=r"manifest\.json\.gz: cannot be read.*--rebuild"):
            prepare(request(hours, pool))


def test_a_touched_log_is_looked_at_but_not_counted_again(hours, tmp_path):
    pool = tmp_path / "pool"
    prepare(request(hours, pool))
    before = content(pool)
    os.utime(hours / "d0/conn.05.log.gz", (1, 1))
    done = prepare(request(hours, pool))
    assert content(pool) == before and (done.new, done.days) == (0, 0)
