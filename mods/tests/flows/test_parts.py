"""Commands on a pool with parts (--by): they take the whole, or say that a part is not enough."""

import json

import pytest

import mods
from mods import cli
from mods.features.datapool import exchange
from mods.flows.prepare import prepare
from mods.tests.flows.test_increment import conn, content, request
from mods.tests.flows.test_prepare import put


@pytest.fixture
def pool(tmp_path):
    """Two days of one subnet and of another."""
    put(tmp_path / "logs", "conn.log", conn(range(0, 2 * 1440, 5)))
    prepare(request(tmp_path / "logs", tmp_path / "pool", by="subnet:24"))
    return tmp_path / "pool"


def part(pool):
    return next(pool.glob("by/10*"))


def test_check_looks_through_the_whole_and_names_its_parts(pool, capsys):
    assert cli.main(["check", str(pool)]) == 0
    assert (
        f"not its 2 parts (subnet:24,64): mods check {pool}/by/10.0.0.0_24"
        in capsys.readouterr().out
    )
    assert cli.main(["check", str(pool), "--json"]) == 0
    parts = json.loads(capsys.readouterr().out)["entities"]
    for place in parts.values():
        assert cli.main(["check", place, "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told["entities"] == {} and told["coverage"][0]["missing"] == 0


@pytest.mark.parametrize("layout", ["parquet", "monthly"])
def test_export_takes_the_parts_along(pool, tmp_path, layout):
    assert (
        cli.main(["export", str(pool), "--output", str(tmp_path / "new"), "--layout", layout]) == 0
    )
    ours, theirs = mods.Datapool(pool), mods.Datapool(tmp_path / "new")
    assert theirs.entities == ours.entities and len(ours.entities) == 2
    for name in ours.entities:
        assert theirs.entity(name).select("conn").equals(ours.entity(name).select("conn"))


def test_export_and_storage_refuse_a_part(pool, tmp_path, capsys):
    before = content(pool)
    for words in (["export", "--output", str(tmp_path / "new")], ["storage", "--keep_days", "1d"]):
        assert cli.main([words[0], str(part(pool)), *words[1:]]) == 3
        said = capsys.readouterr().err
        assert "is the part of" in said and said.endswith(f"Give {pool}.\n")
    assert content(pool) == before and not (tmp_path / "new").exists()


def test_storage_counts_and_trims_the_parts_too(pool, capsys):
    assert cli.main(["storage", str(pool), "--keep_days", "1d", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["total"] == sum(p.stat().st_size for p in pool.rglob("*") if p.is_file())
    assert not list(pool.rglob("by/**/15/*")) and list(pool.rglob("by/**/16/*"))


def test_storage_counts_what_a_killed_run_left(pool, capsys):
    left = exchange.beside(pool, "tmp")
    put(left, "conn/x.tsv", "x" * 1000)
    assert cli.main(["storage", str(pool), "--json"]) == 0
    (row,) = (r for r in json.loads(capsys.readouterr().out)["storage"] if "killed" in r["what"])
    assert row["bytes"] == 1000
