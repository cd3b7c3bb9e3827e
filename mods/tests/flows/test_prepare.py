"""From Zeek logs to a datapool: what is written, what is reported, what is refused."""

import gzip
import json
import logging

import pytest

from mods.errors import InputError, LogError, ModsError, ResourceError, SettingError
from mods.features.catalog import REFERENCE
from mods.flows.prepare import prepare
from mods.request import PrepareRequest

ADDRESSES = {"ts": "time", "uid": "string", "id.orig_h": "addr", "id.orig_p": "port",
             "id.resp_h": "addr", "id.resp_p": "port"}  # fmt: skip
FIELDS = {
    "conn": {**ADDRESSES, "duration": "interval", "orig_bytes": "count", "resp_bytes": "count"},
    "dns": {**ADDRESSES, "proto": "enum", "query": "string", "AA": "bool", "TC": "bool",
            "RD": "bool", "RA": "bool", "rejected": "bool"},
    "sip": {**ADDRESSES, "user_agent": "string"},
    "ssh": ADDRESSES,
}  # fmt: skip
DAY = 1_700_006_400  # 2023-11-15T00:00:00Z
IN, OUT, INNER, OUTER = (
    "C\t8.8.8.8\t1024\t10.0.0.1\t22", "C\t10.0.0.1\t1024\t8.8.8.8\t53",
    "C\tfd00::1\t1024\t10.0.0.2\t22", "C\t8.8.8.8\t1024\t9.9.9.9\t22",
)  # fmt: skip


def text(protocol, rows, fields=None):
    fields = fields or FIELDS[protocol]
    head = ["#separator \\x09", "#unset_field\t-", "#empty_field\t(empty)", f"#path\t{protocol}"]
    head += ["\t".join(["#fields", *fields]), "\t".join(["#types", *fields.values()])]
    lines = [f"{DAY + minute * 60:.6f}\t{rest}" for minute, rest in rows]
    return "\n".join([*head, *lines, "#close\t2023-11-15-00-00-00"]) + "\n"


def put(place, name, content):
    path = place / name
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


@pytest.fixture
def logs(tmp_path):
    """Half an hour of conn, dns, sip and ssh, rotated as Zeek does."""
    place = tmp_path / "logs"
    put(place, "2023-11-15/conn.00:00:00-00:15:00.log.gz", text("conn", [
        (0, f"{IN}\t1.500000\t100\t1000"), (5, f"{IN}\t0.500000\t50\t-"),
        (6, f"{INNER}\t-\t-\t-"), (7, f"{OUTER}\t9.0\t9\t9"),
    ]))  # fmt: skip
    put(place, "2023-11-15/conn.00:15:00-00:30:00.log.gz", text("conn", [
        (19, f"{OUT}\t0.250000\t7\t8"), (12, f"{IN}\t-\t1\t2"), (30, f"{IN}\t1.0\t1\t1"),
    ]))  # fmt: skip
    put(place, "2023-11-15/dns.00:00:00-01:00:00.log", text("dns", [
        (1, f"{OUT}\tudp\tx.org\tF\tF\tT\tT\tF"), (2, f"{OUT}\tudp\tx.org\t-\tF\tT\tF\tF"),
        (3, f"{OUT}\ttcp\ty.org\tT\tF\tT\tF\tF"), (4, f"{OUT}\t-\t(empty)\tT\tF\tT\tF\tT"),
    ]))  # fmt: skip
    put(place, "sip.log", text("sip", [(15, f"{IN}\tscan"), (16, f"{IN}\t-")]))
    put(place, "ssh.log", text("ssh", [(25, OUTER), (26, IN)]))
    put(place, "weird.log", text("weird", [], ADDRESSES))
    return place


def request(logs, **settings):
    settings = {
        "window_slide": "w10m-s10m",
        "local_networks": ("10.0.0.0/8", "fc00::/7"),
        **settings,
    }
    return PrepareRequest(logs=str(logs), output=str(logs.parent / "pool"), **settings)


def rows(pool, protocol, name="w10m-s10m"):
    """{window_start: {column: text}} of the one day."""
    lines = (pool / protocol / "2023/11/15" / f"{name}.tsv").read_text().splitlines()
    head, *body = (line.split("\t") for line in lines)
    assert head[:2] == ["window_start", "window_end"]
    assert tuple(head[2:]) == REFERENCE.columns(protocol)
    return {row[0][11:16]: dict(zip(head, row, strict=True)) for row in body}


def test_windows_are_written_as_counted_by_hand(logs):
    done = prepare(request(logs))
    conn = rows(done.output, "conn")
    assert list(conn) == ["00:00", "00:10"]
    first, second = conn.values()
    assert first["window_end"] == "2023-11-15T00:10:00.000Z"
    ins = [first[f"in_{name}"] for name in ("sum_orig_bytes", "sum_resp_bytes", "count_uid")]
    assert ins == ["150", "1000", "2"] and float(first["in_avg_duration"]) == 1.0
    assert first["internal_count_uid"] == "1" and first["internal_sum_orig_bytes"] == "0"
    assert first["internal_avg_duration"] == '""' and first["out_count_uid"] == '""'
    assert second["in_count_uid"] == "1" and second["in_avg_duration"] == '""'
    assert float(second["out_avg_duration"]) == 0.25


def test_flags_distincts_and_plain_counts(logs):
    done = prepare(request(logs))
    (dns,) = rows(done.output, "dns").values()
    assert [dns[f"out_{name}"] for name in ("count_uid", "distinct_query", "distinct_proto")] == [
        "4", "2", "2",
    ]  # fmt: skip
    assert [dns[f"out_AA_{flag}"] for flag in ("false", "true")] == ["1", "2"]
    assert dns["out_TC_true"] == "0" and dns["out_rejected_true"] == "1"
    assert dns["in_TC_true"] == '""'
    (sip,) = rows(done.output, "sip").values()
    assert sip["in_count_uid"] == "2" and sip["in_distinct_user_agent"] == "1"
    assert sip["in_distinct_`id.orig_h`"] == "1"
    (ssh,) = rows(done.output, "ssh").values()
    assert [ssh[way] for way in ("in", "out", "internal")] == ["1", '""', '""']


def test_the_report_accounts_for_every_line_and_file(logs):
    put(logs, "conn.cut.log", text("conn", [(9, IN), (9, f"{IN}\t-\tmany\t1"), (9, "C")]))
    done = prepare(request(logs))
    record = json.loads(json.dumps(done.record()))
    assert record["logs"]["conn"] == {
        "files": 3, "rows": 10, "used": 7, "no_direction": 1, "rejected": {"too few fields": 2},
        "unreadable_values": {"orig_bytes": 1},
        "direction_shares": {"in": 5 / 8, "out": 1 / 8, "internal": 1 / 8, "none": 1 / 8},
        "windows": 2, "files_without_column": {},
    }  # fmt: skip
    assert record["span"] == {"begin": "2023-11-15T00:00:00Z", "end": "2023-11-15T00:30:00Z"}
    assert len(record["files_used"]) == 6
    assert record["files_skipped"] == [
        {"file": str(logs / "weird.log"), "reason": "a log of 'weird', which no feature needs"}
    ]
    assert "conn: 2 x too few fields, 1 x unreadable orig_bytes" in record["hints"]
    assert "conn" in done.text() and "Hint: conn: 2 x too few fields" in done.text()


def test_zeek_says_what_is_local_where_no_network_is_given(logs, tmp_path):
    fields = {**FIELDS["conn"], "local_orig": "bool", "local_resp": "bool"}
    tail = "\t-\t-\t-\t"
    row = [(0, f"{OUTER}{tail}T\tF"), (1, f"{OUTER}{tail}F\tT"), (60, f"{OUT}{tail}-\t-")]
    for path in (logs / "2023-11-15").glob("conn*"):
        path.unlink()
    put(logs, "conn.log", text("conn", row, fields))
    put(logs, "conn.old.log", text("conn", [(30, f"{OUT}\t-\t-\t-")]))
    count = prepare(request(logs, local_networks=())).logs["conn"]
    assert dict(count.directions) == {"in": 1, "out": 3, "internal": 0}


def test_wrong_local_networks_are_hinted_at(logs, caplog):
    outside = prepare(request(logs, local_networks=("1.2.3.0/24",)))
    assert "conn, dns, sip, ssh: over 90% of the records have no direction" in outside.hints[0]
    assert "--local_networks 10.0.0.0/8" in outside.hints[0] and outside.hints[0] in caplog.text


def test_everything_coming_in_is_hinted_at(tmp_path):
    put(tmp_path / "logs", "ssh.log", text("ssh", [(0, IN), (30, IN)]))
    assert "comes from outside (in)" in prepare(request(tmp_path / "logs")).hints[0]


def test_preparing_twice_changes_nothing(logs):
    pool = prepare(request(logs)).output
    first = {path: path.read_bytes() for path in pool.rglob("*") if path.is_file()}
    prepare(request(logs))
    assert {path: path.read_bytes() for path in pool.rglob("*") if path.is_file()} == first


def test_small_batches_give_the_same_windows(logs, monkeypatch):
    whole = rows(prepare(request(logs)).output, "conn")
    monkeypatch.setattr("mods.flows.intake.BATCH_BYTES", 1)
    assert rows(prepare(request(logs)).output, "conn") == whole


def cut(path):
    path.write_bytes(path.read_bytes()[:-20])


def test_a_cut_gzip_is_named_and_nothing_is_written(logs):
    path = put(logs, "ssh.1.log.gz", text("ssh", [(minute / 7, IN) for minute in range(9000)]))
    cut(path)
    with pytest.raises(LogError, match=r"is cut short.*or pass --skip_broken") as caught:
        prepare(request(logs))
    assert caught.value.where == str(path) and not (logs.parent / "pool").exists()


def test_broken_files_are_left_out_when_asked_and_listed(logs, caplog):
    cut(put(logs, "ssh.1.log.gz", text("ssh", [(minute / 7, IN) for minute in range(9000)])))
    put(logs, "conn.1.log", "no header\n")
    put(logs, "dns.1.log", text("dns", [], {"uid": "string"}))
    put(logs, "sip.1.log", text("sip", [(1, f"{IN}\tx")]) + text("ssh", [(1, IN)]))
    with caplog.at_level(logging.WARNING):
        done = prepare(request(logs, skip_broken=True))
    reasons = {path.name: reason for path, reason in done.skipped if path.name != "weird.log"}
    assert reasons == {
        "conn.1.log": "has no Zeek header (#fields, #types)",
        "dns.1.log": "has no column ts, only uid",
        "sip.1.log": "its #path changes: it holds more than one log",
        "ssh.1.log.gz": "is cut short: its compressed stream ends too early",
    }
    assert all(name in caplog.text for name in reasons)
    assert done.logs["ssh"].rows == 2 and done.logs["sip"].rows == 2


@pytest.mark.parametrize("size", [1, 1 << 30])
def test_nothing_of_a_broken_file_is_counted(logs, monkeypatch, size):
    monkeypatch.setattr("mods.flows.intake.BATCH_BYTES", size)
    whole = rows(prepare(request(logs)).output, "ssh")
    for name in ("ssh.0.log.gz", "ssh.z.log.gz"):
        cut(put(logs, name, text("ssh", [(minute / 9000, IN) for minute in range(90_000)])))
    done = prepare(request(logs, skip_broken=True))
    assert rows(done.output, "ssh") == whole and done.logs["ssh"].rows == 2


def test_protocols_of_which_nothing_sound_is_left_do_not_stop_the_others(logs):
    put(logs, "http.log", text("http", [], {"ts": "time"}))
    done = prepare(request(logs, skip_broken=True))
    assert "http" not in done.logs and "conn" in done.logs


def columns(**changed):
    return {name: changed.get(name, kind) for name, kind in FIELDS["conn"].items()}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("conn.9.log", "1.5\tno header\n", r"conn\.9\.log: has no Zeek header"),
        ("conn.9.log", text("conn", [], {"ts": "time"}), "has no column id.orig_h"),
        ("conn.9.log", text("conn", [], columns(orig_bytes="string")), "orig_bytes is of type str"),
        (
            "conn.9.log",
            text("conn", [(1, f"{IN}\t1\t1\t1")]) + text("dns", [(1, f"{IN}")]),
            "its #path changes",
        ),
    ],
)
def test_broken_logs_are_refused_with_file_and_fix(logs, name, content, message):
    path = put(logs, name, content)
    with pytest.raises(LogError, match=message) as caught:
        prepare(request(logs))
    assert caught.value.where == str(path) and "--skip_broken" in caught.value.fix
    assert caught.value.exit_code == 3 and not (logs.parent / "pool").exists()


@pytest.mark.parametrize(
    ("settings", "kind", "message"),
    [
        ({"local_networks": ("10.0.0.0/40",)}, SettingError, "'10.0.0.0/40' is no network"),
        ({"memory": "much"}, SettingError, "'much' is no amount of memory"),
        ({"memory": "1MB"}, ResourceError, "memory does not suffice.*Raise --memory"),
        (
            {"window_slide": "w01d-s01h", "no_panes": True},
            InputError,
            r"no whole window of w01d-s01h.*shorter",
        ),
    ],
)
def test_requests_that_cannot_be_met_say_why(logs, settings, kind, message):
    with pytest.raises(kind, match=message):
        prepare(request(logs, **settings))
    assert not (logs.parent / "pool").exists()


def test_logs_without_any_record_say_so(tmp_path):
    put(tmp_path / "logs", "conn.log", text("conn", []))
    with pytest.raises(InputError, match="hold no record"):
        prepare(request(tmp_path / "logs"))


def test_a_missing_folder_says_so(tmp_path):
    with pytest.raises(ModsError, match="no such file or folder"):
        prepare(request(tmp_path / "nowhere"))


def test_a_path_may_lead_through_the_parent_folder_and_links(logs, tmp_path, monkeypatch):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "link").symlink_to(logs)
    monkeypatch.chdir(elsewhere)
    settings = {"local_networks": ("10.0.0.0/8",), "window_slide": "w10m-s10m"}
    plain = prepare(PrepareRequest(logs=str(logs), output="plain", **settings))
    for number, way in enumerate(["../logs", "link", "../elsewhere/link"]):
        told = prepare(PrepareRequest(logs=way, output=str(number), **settings))
        assert told.record()["logs"] == plain.record()["logs"]
