"""Every line and every file is accounted for: counted here by plain Python, there by the engine."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest

from mods.commands import data as commands
from mods.errors import InputError, UsageError
from mods.flows import accounts
from mods.flows.prepare import prepare
from mods.request import PrepareRequest

TYPES = {
    "ts": "time", "uid": "string", "id.orig_h": "addr", "id.resp_h": "addr",
    "duration": "interval", "orig_bytes": "count", "resp_bytes": "count",
}  # fmt: skip
DAY = 1_700_006_400  # 2023-11-15T00:00:00Z


def text(*rows, path="conn", types=TYPES, close="#close\t2023-11-15-01-00-00\n"):
    head = ["#separator \\x09", "#empty_field\t(empty)", "#unset_field\t-", f"#path\t{path}"]
    head += ["\t".join(["#fields", *types]), "\t".join(["#types", *types.values()])]
    return "\n".join([*head, *rows]) + "\n" + close


def row(minute, orig="8.8.8.8", resp="10.0.0.1", size="7"):
    return f"{DAY + minute * 60}.5\tC\t{orig}\t{resp}\t0.5\t{size}\t9"


def thing(minute, **more):
    ends = {"id.orig_h": "8.8.8.8", "id.resp_h": "10.0.0.1", "orig_bytes": 7}
    return json.dumps({"ts": DAY + minute * 60, "uid": "C", **ends, **more})


def put(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content if isinstance(content, bytes) else content.encode()
    if path.name.endswith(".zst"):
        with pa.output_stream(str(path), compression="zstd") as stream:
            stream.write(data)
    else:
        path.write_bytes(gzip.compress(data) if path.name.endswith(".gz") else data)
    return path


@pytest.fixture
def site(tmp_path):
    """A log folder with all that happens to logs; how many lines each file has, counted by hand."""
    logs = tmp_path / "zeek" / "logs"
    fewer = {name: kind for name, kind in TYPES.items() if name != "resp_bytes"}
    short = row(31).rpartition("\t")[0]
    lines = {
        "2023-11-15/conn.00:00:00-00:10:00.log.gz": (text(row(0), row(1, size="many"), "x"), 3),
        "2023-11-15/conn.00:10:00-00:20:00.log.zst": (text(row(11), row(12, resp="9.9.9.9")), 2),
        "flat/conn.log": (text(row(21), row(22)).replace("\n", "\r\n"), 2),
        "joined/conn.log": (text(row(30)) + text(short, types=fewer) + text(row(32)), 3),
        "open/conn.log": (text(row(41), row(42)[:-1], close="")[:-1], 2),
        "blank/conn.log": (text(row(44), "", row(45) + "\tmore", "  ", "\x00", '"' + row(46)), 5),
        "bytes/conn.log": (text(row(47)).encode() + row(48).encode("utf-16") + b"\n", 2),
        "json/conn.log": ("\n".join([thing(50), "{}", "[", "", thing(51, orig_bytes="x")]), 4),
        "json/json_streaming_ssh.1.log": (thing(52) + "\n" + thing(59)[:-9], 2),
        "header/conn.log": (text(), 0),
    }
    for name, (content, _) in lines.items():
        put(logs / name, content)
    broken = gzip.compress(text(*map(row, range(50))).encode())
    put(logs / "broken/conn.log", "no header\n")
    (logs / "broken/dns.log.gz").write_bytes(broken[:-20])
    put(logs / "weird.log", text(path="weird"))
    put(logs / "empty.log", "")
    return logs, {str(logs / name): count for name, (_, count) in lines.items()}


def request(logs, **more):
    settings = {"window_slide": "w10m-s10m", "local_networks": ("10.0.0.0/8",)} | more
    return PrepareRequest(
        logs=str(logs), output=str(logs.parent / "pool"), skip_broken=True, **settings
    )


@pytest.mark.parametrize("no_panes", [True, False])
def test_rows_in_are_used_or_without_direction_or_rejected(site, no_panes):
    logs, expected = site
    done = accounts.record(prepare(request(logs, no_panes=no_panes)))
    found = {one["file"]: one for one in done["files"]}
    assert {path: one["rows"] for path, one in found.items()} == expected
    for one in [*found.values(), *done["logs"].values()]:
        assert one["rows"] == one["used"] + one["no_direction"] + sum(one["rejected"].values())
    rejected = sum((Counter(one["rejected"]) for one in found.values()), Counter())
    assert rejected == {
        "too few fields": 3, "too many fields": 1, "no time stamp in ts": 3,
        "cut at the end of the file": 1, "no JSON object": 2,
    }  # fmt: skip
    assert done["logs"]["conn"]["unreadable_values"] == {"orig_bytes": 2}
    assert done["logs"]["conn"]["files_without_column"] == {"resp_bytes": 1}
    assert done["logs"]["ssh"]["rows"] == 2 and done["logs"]["conn"]["no_direction"] == 1


def test_every_file_is_used_or_named_with_its_reason(site):
    logs, expected = site
    done = prepare(request(logs))
    skipped = {path.relative_to(logs).as_posix(): reason for path, reason in done.skipped}
    assert skipped == {
        "broken/conn.log": "has no Zeek header (#fields, #types)",
        "broken/dns.log.gz": "is cut short: its compressed stream ends too early",
        "weird.log": "a log of 'weird', which no feature needs",
        "empty.log": "is empty",
    }
    there = {str(path) for path in logs.rglob("*") if path.is_file()}
    assert there == {*map(str, done.used), *(str(path) for path, _ in done.skipped)}
    assert {str(path) for path in done.used} == set(expected)


def test_the_report_goes_where_it_is_wanted(site, tmp_path):
    logs, expected = site
    values = {"logs": str(logs), "output": str(tmp_path / "pool"), "skip_broken": True}
    path = tmp_path / "report.json"
    answer = commands.prepare(values | {"report": str(path)})
    assert f"report: {path}" in answer.text and answer.record["report"] == str(path)
    written = json.loads(path.read_text())
    assert {one["file"] for one in written["files"]} == set(expected)
    shown = commands.prepare(values | {"report": "-"})
    assert all(name in shown.text for name in expected) and "weird.log" in shown.text
    plain = tmp_path / "report.txt"
    commands.prepare(values | {"report": str(plain)})
    assert plain.read_text().count("\n") >= shown.text.count("\n")
    with pytest.raises(UsageError, match="is a folder"):
        commands.prepare(values | {"report": str(tmp_path)})


def test_zeeks_own_networks_are_used_and_named(site):
    logs, _ = site
    cfg = put(logs.parent / "etc" / "networks.cfg", "9.9.9.0/24  ours\n")
    done = prepare(request(logs, local_networks=()))
    assert done.local_networks == ("9.9.9.0/24",) and done.networks_from == str(cfg)
    assert f"local networks: 9.9.9.0/24 (from {cfg})" in done.text()
    given = prepare(request(logs, rebuild=True))
    assert (given.local_networks, given.networks_from) == (("10.0.0.0/8",), "--local_networks")
    other = put(logs.parent / "mine.cfg", "8.8.8.8\n")
    named = prepare(request(logs, local_networks=(), networks_cfg=str(other), rebuild=True))
    assert (named.local_networks, named.networks_from) == (("8.8.8.8/32",), str(other))
    cfg.unlink()
    zeek = prepare(request(logs, local_networks=(), rebuild=True))
    assert zeek.local_networks == () and "local_orig and local_resp" in zeek.networks_from


def test_a_networks_cfg_that_is_none_is_refused(site):
    logs, _ = site
    cfg = put(logs / "networks.cfg", "ten.dot\n")
    with pytest.raises(InputError, match=r"networks\.cfg: 'ten.dot' is no network.*Mend it"):
        prepare(request(logs, local_networks=()))
    with pytest.raises(InputError, match="lists no network"):
        prepare(request(logs, local_networks=(), networks_cfg=str(put(cfg, "# none\n"))))
