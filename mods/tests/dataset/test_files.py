"""Finding logs in a tree as Zeek rotates it."""

import gzip

import pyarrow as pa
import pytest

from mods.dataset.files import find
from mods.errors import InputError, LogError


def text(path="conn", fields=("ts", "id.orig_h", "id.resp_h"), rows=("1.5\t10.0.0.1\t8.8.8.8",)):
    types = ["time" if name == "ts" else "addr" for name in fields]
    head = ["#separator \\x09", f"#path\t{path}", "\t".join(["#fields", *fields])]
    return "\n".join([*head, "\t".join(["#types", *types]), *rows, "#close\t2024"]) + "\n"


def put(place, name, content):
    path = place / name
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


def test_logs_are_known_by_their_path_not_by_their_name(tmp_path):
    kept = [
        put(tmp_path, "2024-04-20/conn.23:00:00-00:00:00.log.gz", text("conn")),
        put(tmp_path, "2024-04-21/dns.00:00:00-01:00:00.log.gz", text("dns")),
        put(tmp_path, "conn.log", text("conn", rows=("2.5\t10.0.0.1\t8.8.8.8",))),
        put(tmp_path, "odd name [1].txt", text("ssh")),
    ]
    put(tmp_path, "2024-04-21/open_conn.00:00:00-01:00:00.log.gz", text("open_conn"))
    put(tmp_path, "conn-summary.log", ">== Total === 2024\n")
    put(tmp_path, "README", "hello")
    put(tmp_path, "weird.log", text("weird"))
    found = find(tmp_path)
    assert [log.path for log in found.logs] == kept
    assert [log.path for log in found.of("conn")] == [kept[0], kept[2]]
    reasons = {path.name: reason for path, reason in found.skipped}
    assert reasons["weird.log"] == "a log of 'weird', which no feature needs"
    assert "open_conn" in reasons["open_conn.00:00:00-01:00:00.log.gz"]
    assert "no Zeek header" in reasons["README"] and "no Zeek header" in reasons["conn-summary.log"]


def test_empty_files_hold_nothing_to_complain_about(tmp_path):
    put(tmp_path, "conn.log", "")
    put(tmp_path, "ssh.log", text("ssh"))
    assert find(tmp_path).skipped == ((tmp_path / "conn.log", "is empty"),)


def test_a_packed_file_without_a_byte_is_cut_short(tmp_path):
    (tmp_path / "conn.log.gz").write_bytes(b"")
    put(tmp_path, "ssh.log", text("ssh"))
    with pytest.raises(LogError, match="holds not a single line"):
        find(tmp_path)


def test_json_lines_and_zstd_are_found_too(tmp_path):
    put(tmp_path, "conn.log", '{"ts":1.5,"id.orig_h":"10.0.0.1"}\n')
    put(tmp_path, "weird.log", '{"ts":1.5}\n')
    put(tmp_path, "plan.json", "{\n}\n")
    with pa.output_stream(str(tmp_path / "ssh.log.zst"), compression="zstd") as stream:
        stream.write(text("ssh").encode())
    found = find(tmp_path)
    assert [(log.path.name, log.header.form) for log in found.logs] == [
        ("conn.log", "json"), ("ssh.log.zst", "tsv"),
    ]  # fmt: skip
    assert {path.name: reason for path, reason in found.skipped} == {
        "plan.json": "begins with '{', but its first line is no JSON object",
        "weird.log": "a log of 'weird', which no feature needs",
    }


def test_a_log_beside_its_own_compressed_copy_counts_once(tmp_path):
    put(tmp_path, "conn.log", text("conn"))
    put(tmp_path, "conn.log.gz", text("conn"))
    put(tmp_path, "dns.log", text("dns"))
    other = put(tmp_path, "dns.log.gz", text("dns", rows=("9.5\t10.0.0.1\t8.8.8.8",)))
    found = find(tmp_path)
    assert [log.path.name for log in found.logs] == ["conn.log", "dns.log", "dns.log.gz"]
    assert found.of("dns")[1].path == other
    assert found.skipped == (
        (tmp_path / "conn.log.gz", "holds the same lines as conn.log beside it"),
    )


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("conn.log", "1.5\tCx\t10.0.0.1\n", "has no Zeek header"),
        ("conn.00:00:00-01:00:00.log", "\n", "has no Zeek header"),
        ("dns.log", "#separator \\x09\n#path\tdns\n#fields\tts\n", "no #types"),
        ("dns.log", b"\xff\xfe\x00#\x00", "has no Zeek header"),
    ],
)
def test_what_claims_to_be_a_log_must_be_one(tmp_path, name, content, message, caplog):
    path = put(tmp_path, name, content)
    put(tmp_path, "ssh.log", text("ssh"))
    with pytest.raises(LogError, match=f"{message}.*pass --skip_broken") as caught:
        find(tmp_path)
    assert caught.value.where == str(path) and caught.value.exit_code == 3
    found = find(tmp_path, skip_broken=True)
    assert [path.name for path, _ in found.skipped] == [name]
    assert name in caplog.text and message in caplog.text


def test_cut_or_false_gzip_is_named(tmp_path):
    path = put(tmp_path, "ssh.log.gz", text("ssh", rows=["1.5\t10.0.0.1\t8.8.8.8"] * 9))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(LogError, match=r"ssh\.log\.gz: is cut short"):
        find(tmp_path)
    path.write_bytes(b"this is no gzip")
    with pytest.raises(LogError, match=r"ssh\.log\.gz: is no whole gzip file"):
        find(tmp_path)
    path.write_bytes(whole[:12] + b"\x07" * 40)
    with pytest.raises(LogError, match=r"ssh\.log\.gz: is no whole gzip file"):
        find(tmp_path)


def test_places_without_logs_say_so(tmp_path):
    with pytest.raises(InputError, match="no such file or folder"):
        find(tmp_path / "nowhere")
    with pytest.raises(LogError, match=r"no Zeek log of conn, dns.*among 0 files"):
        find(tmp_path)
    with pytest.raises(LogError, match=r"notes\.txt: no Zeek log.*has no Zeek header"):
        find(put(tmp_path, "notes.txt", "hello"))


def test_links_into_the_tree_are_noted_not_followed(tmp_path):
    day = put(tmp_path, "2024-04-21/conn.log", text("conn")).parent
    (tmp_path / "current").symlink_to(day)
    (day / "up").symlink_to(tmp_path)
    found = find(tmp_path)
    assert len(found.logs) == 1
    assert found.skipped == (
        (day / "up", f"a link to {tmp_path}, which is looked through anyway"),
        (tmp_path / "current", f"a link to {day}, which is looked through anyway"),
    )


def test_a_link_to_the_spool_is_followed_once(tmp_path):
    path = put(tmp_path, "spool/manager/conn.log", text("conn"))
    logs = put(tmp_path, "logs/2024-04-21/dns.log", text("dns")).parent.parent
    (logs / "current").symlink_to(path.parent)
    (logs / "again").symlink_to(path.parent)
    (path.parent / "round").symlink_to(logs)
    assert [log.path for log in find(logs).logs] == [
        logs / "2024-04-21/dns.log",
        logs / "again/conn.log",
    ]


def test_a_file_under_two_names_counts_once(tmp_path):
    path = put(tmp_path, "a/conn.log", text("conn"))
    (tmp_path / "b.log").symlink_to(path)
    (tmp_path / "c.log").hardlink_to(path)
    (tmp_path / "gone.log").symlink_to(tmp_path / "nowhere")
    found = find(tmp_path)
    assert len(found.logs) == 1
    assert sum("the same file as" in reason for _, reason in found.skipped) == 2


def test_endless_lines_do_not_fill_the_memory(tmp_path):
    put(tmp_path, "noise.bin", b"#" * (3 << 20))
    put(tmp_path, "ssh.log", text("ssh"))
    assert [path.name for path, _ in find(tmp_path).skipped] == ["noise.bin"]
