"""What full disks and a second writer leave of a datapool (kills: mods/tests/faults)."""

import resource
import shutil
import subprocess
import sys

import pytest

from mods.errors import ResourceError
from mods.features.datapool import exchange
from mods.flows.prepare import prepare
from mods.tests.flows.test_increment import conn, content, dns, once, request
from mods.tests.flows.test_prepare import put

RUN = """
import sys
from mods.flows.prepare import prepare
from mods.tests.flows.test_increment import request
print("ready", flush=True)
sys.stdin.readline()
prepare(request(sys.argv[1], sys.argv[2]))
"""


@pytest.fixture
def logs(tmp_path):
    """Six hours of conn and dns, and a seventh that is still to come."""
    place = tmp_path / "logs"
    for hour in range(6):
        put(place, f"conn.{hour}.log.gz", conn(range(hour * 60, hour * 60 + 60, 2)))
        put(place, f"dns.{hour}.log", dns(range(hour * 60, hour * 60 + 60, 3)))
    put(tmp_path / "more", "conn.6.log", conn(range(360, 420, 2)))
    put(tmp_path / "more", "dns.6.log", dns(range(360, 420, 2)))
    return place


def started(logs, pool):
    """A prepare in a process of its own, which begins when it is told to."""
    words = [sys.executable, "-c", RUN, str(logs), str(pool)]
    run = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert run.stdout.readline() == "ready\n"
    return run


def go(run):
    run.stdin.write("\n")
    run.stdin.flush()


def leftovers(pool):
    return {path.name for path in pool.parent.glob(f".{pool.name}*")} - {f".{pool.name}.lock"}


def test_two_at_once_give_what_one_after_the_other_gives(logs, tmp_path):
    more, pool = tmp_path / "more", tmp_path / "pool"
    with started(logs, pool) as one, started(more, pool) as other:
        for run in (one, other):
            go(run)
        assert [run.wait(60) for run in (one, other)] == [0, 0]
    shutil.copytree(more, logs, dirs_exist_ok=True)
    assert content(pool) == once(logs, tmp_path)


def test_a_second_writer_is_refused_in_one_line_if_it_waits_too_long(logs, tmp_path, monkeypatch):
    monkeypatch.setattr(exchange, "PATIENCE_SECONDS", 0.1)
    script = "import sys; from pathlib import Path; from mods.features.datapool import exchange\n"
    script += "with exchange.alone(Path(sys.argv[1])): print('held', flush=True); input()"
    words = [sys.executable, "-c", script, str(tmp_path / "pool")]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(ResourceError, match="another process is writing it. Wait until"):
            prepare(request(logs, tmp_path / "pool"))
        other.communicate("\n")
    prepare(request(logs, tmp_path / "pool"))


@pytest.mark.parametrize("layout", ["folders", "monthly", "parquet"])
def test_a_full_disk_leaves_the_old_state(logs, tmp_path, layout):
    """Files may grow to so many bytes and no further: every writer comes to its limit."""
    pool = tmp_path / "pool"
    prepare(request(logs, pool, layout=layout))
    before = content(pool)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    refused = 0
    for size in (0, 100, 400, 1000, 2000, 4000, 8000):
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
            prepare(request(tmp_path / "more", pool, layout=layout))
            break
        except ResourceError as error:
            refused += 1
            assert "Free some space" in str(error)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert content(pool) == before and not leftovers(pool)
    assert refused >= 4
    prepare(request(tmp_path / "more", pool, layout=layout))
    shutil.copytree(tmp_path / "more", logs, dirs_exist_ok=True)
    assert content(pool) == once(logs, tmp_path, layout=layout)


def test_the_pool_is_never_away_while_a_new_one_takes_its_place(tmp_path):
    for name in ("pool", "fresh"):
        put(tmp_path, f"{name}/file", name)
    exchange.swap(tmp_path / "fresh", tmp_path / "pool")
    assert (tmp_path / "pool/file").read_text() == "fresh"
    assert (tmp_path / "fresh/file").read_text() == "pool"


def test_where_two_paths_cannot_be_exchanged_two_renames_do(tmp_path, monkeypatch):
    monkeypatch.setattr(exchange, "_exchange", lambda *_: False)
    for name in ("pool", "fresh"):
        put(tmp_path, f"{name}/file", name)
    exchange.swap(tmp_path / "fresh", tmp_path / "pool")
    assert (tmp_path / "pool/file").read_text() == "fresh"
    assert [path.name for path in tmp_path.iterdir()] == ["pool"]
