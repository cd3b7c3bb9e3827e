"""`mods anonymize`: the features of the pseudonymised logs are those of the logs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mods import cli
from mods.dataset import demo_traffic
from mods.errors import InputError
from mods.features.datapool import Datapool
from mods.flows.anonymize import anonymize
from mods.flows.prepare import prepare
from mods.request import AnonymizeRequest, PrepareRequest

DROPPED = "user_agent"  # a field that is dropped has no distinct values left


@pytest.fixture(scope="module")
def logs(tmp_path_factory) -> Path:
    """Some hours of the demo's traffic."""
    whole = tmp_path_factory.mktemp("demo") / "logs"
    demo_traffic.write(whole, days=7)
    few = tmp_path_factory.mktemp("few") / "logs"
    for path in sorted(whole.rglob("*.log*")):
        day = path.parent.name
        if day == min(one.name for one in whole.iterdir() if one.is_dir()) and path.name.split(".")[
            1
        ][:2] in ("10", "11", "12"):
            target = few / path.relative_to(whole)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    return few


def pool(logs: Path, networks: tuple[str, ...], place: Path) -> Datapool:
    request = PrepareRequest(logs=str(logs), output=str(place), local_networks=networks)
    prepare(request)
    return Datapool(place)


def test_features_are_the_same_before_and_after(logs, tmp_path):
    networks = ("10.0.0.0/8", "192.168.0.0/16", "2001:db8::/32")
    done = anonymize(
        AnonymizeRequest(
            logs=str(logs),
            output=str(tmp_path / "hidden"),
            key_file=str(tmp_path / "site.key"),
            new_key=True,
            local_networks=networks,
        )
    )
    before = pool(logs, networks, tmp_path / "before")
    after = pool(tmp_path / "hidden", done.networks, tmp_path / "after")
    query = ";".join(before.protocols)
    one, other = before.select(query), after.select(query)
    kept = [name for name in one.columns if DROPPED not in name]
    assert len(kept) > 60
    assert one[kept].equals(other[kept])
    assert one["conn_in_count_uid"].sum() > 100


def test_the_command_says_what_it_did_and_that_it_is_no_anonymity(logs, tmp_path, capsys):
    words = ["anonymize", str(logs), "--output", str(tmp_path / "out"), "--key-file"]
    words += [str(tmp_path / "site.key"), "--new_key"]
    assert cli.main(words) == 0
    text = capsys.readouterr().out
    assert text.startswith("pseudonymised, not anonymous: ")
    assert "user_agent" in text
    assert "--local_networks" in text


def test_the_same_key_gives_the_same_pseudonyms_again(logs, tmp_path, capsys):
    for number, extra in enumerate((["--new_key"], [])):
        words = ["anonymize", str(logs), "--output", str(tmp_path / str(number)), "--json"]
        assert cli.main([*words, "--key_file", str(tmp_path / "site.key"), *extra]) == 0
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert first["local_networks"] == second["local_networks"]
    files = sorted(path.relative_to(tmp_path / "0") for path in (tmp_path / "0").rglob("*.log*"))
    assert len(files) == first["files"] > 0
    assert all(
        (tmp_path / "0" / one).read_bytes() == (tmp_path / "1" / one).read_bytes() for one in files
    )


def test_no_key_is_made_where_nothing_can_be_written(logs, tmp_path):
    (tmp_path / "out").mkdir()
    request = AnonymizeRequest(
        logs=str(logs), output=str(tmp_path / "out"), key_file=str(tmp_path / "k"), new_key=True
    )
    with pytest.raises(InputError, match="is there already"):
        anonymize(request)
    assert not (tmp_path / "k").exists()
