"""Whole logs: nothing of what was in the fields is in the bytes that are written."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from mods.dataset import anonymizer
from mods.dataset.anonymizer import Rewriter, key, rules
from mods.errors import InputError

SECRET = b"s" * 32
FIELDS = [*rules.KEPT, *rules.PSEUDONYM, "user_agent", "uri", "referrer", "mailfrom", "rcptto",
          "certificate.subject", "subject", "password", "msg", "_node_name", "unknown"]  # fmt: skip


def canary(number: int) -> str:
    return f"Canary{number}Zwitschert"


def tsv(fields: list[str], types: list[str], *rows: list[str]) -> str:
    head = ["#separator \\x09", "#set_separator\t,", "#empty_field\t(empty)", "#unset_field\t-",
            "#path\tconn", "#open\t2024-04-19-00-00-00"]  # fmt: skip
    head += ["\t".join(["#fields", *fields]), "\t".join(["#types", *types])]
    return "\n".join([*head, *("\t".join(row) for row in rows), "#close\t2024-04-19-01-00-00", ""])


def run(tmp_path: Path, **files: bytes) -> tuple[anonymizer.Pseudonymised, Path]:
    logs, output = tmp_path / "logs", tmp_path / "out"
    for name, content in files.items():
        path = logs / name.replace("__", "/").replace("_log", ".log").replace("_gz", ".gz")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return anonymizer.pseudonymise(logs, output, Rewriter(SECRET)), output


def everything(folder: Path) -> bytes:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return b"\n".join(
        gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for path in files
    )


@pytest.mark.parametrize("kind", ["string", "set[string]", "vector[string]"])
def test_no_canary_of_any_field_is_written(tmp_path, kind):
    values = [canary(at) for at in range(len(FIELDS))]
    many = [f"{one},x{one}.example" for one in values]
    row = values if kind == "string" else many
    _, output = run(
        tmp_path,
        conn_log=tsv(FIELDS, [kind] * len(FIELDS), row).encode(),
        day__dns_log_gz=gzip.compress(tsv(FIELDS, [kind] * len(FIELDS), row).encode()),
        ssl_log=(json.dumps(dict(zip(FIELDS, values, strict=True))) + "\n").encode(),
        http_log=(json.dumps({name: [one] for name, one in zip(FIELDS, values, strict=True)})
                  + "\n" + json.dumps({"id": {"orig_h": values[0]}, values[1]: 1}) + "\n").encode(),
    )  # fmt: skip
    written = everything(output).lower()
    assert written.count(b"#fields") == 2
    assert b"canary" not in written
    assert b"zwitschert" not in written


def test_what_stands_outside_the_fields_is_not_written_either(tmp_path):
    good = tsv(["ts", "uid"], ["time", "string"], ["1.5", "C1"])
    text = "#separator \\x09\n#note CanaryA\n" + good.partition("\n")[2]
    text = text.replace("1.5\tC1", "1.5\tC1\n1.5\tC1\tCanaryB\nCanaryC")
    done, output = run(tmp_path, conn_log=text.encode() + b"1.5\tCanaryD")
    assert b"Canary" not in everything(output)
    assert (done.written, done.left_out) == (1, 3)


def test_headers_types_and_tree_stay_and_rows_keep_what_is_no_secret(tmp_path):
    fields = [
        "ts",
        "uid",
        "id.orig_h",
        "id.orig_p",
        "proto",
        "user_agent",
        "tunnel_parents",
        "answers",
    ]
    types = ["time", "string", "addr", "port", "enum", "string", "set[string]", "vector[string]"]
    text = tsv(fields, types,
               ["1.500000", "CAbc", "10.0.0.1", "53", "udp", "curl", "Ca,Cb", "10.0.0.1,a.example"],
               ["2.000000", "CAbc", "10.0.0.2", "53", "udp", "-", "(empty)", "-"])  # fmt: skip
    done, output = run(tmp_path, **{"2024__conn_log_gz": gzip.compress(text.encode())})
    lines = gzip.decompress((output / "2024" / "conn.log.gz").read_bytes()).decode().splitlines()
    assert [line for line in lines if line[0] == "#"] == [
        line for line in text.splitlines() if line[0] == "#"
    ]
    first, second = (line.split("\t") for line in lines if line[0] != "#")
    assert first[0] == "1.500000"
    assert first[3:6] == ["53", "udp", "-"]
    assert first[1] == second[1] != "CAbc"
    assert first[2].split(".")[:3] == second[2].split(".")[:3]
    assert len(first[6].split(",")) == 2
    assert first[7].split(",")[0] == first[2]
    assert second[6:] == ["(empty)", "-"]
    assert done.dropped == {"user_agent"}


def test_json_lines_stay_json_lines(tmp_path):
    record = {"ts": 1.5, "uid": "C1", "id.orig_h": "10.0.0.1", "AA": True, "TTLs": [60.0],
              "query": "www.example.org", "uri": "/secret", "orig_bytes": 12}  # fmt: skip
    done, output = run(tmp_path, dns_log=(json.dumps(record) + "\n{broken\n").encode())
    (line,) = (output / "dns.log").read_text().splitlines()
    written = json.loads(line)
    assert (written["ts"], written["AA"], written["TTLs"], written["orig_bytes"]) == (
        1.5, True, [60.0], 12)  # fmt: skip
    assert written["query"].count(".") == 2
    assert "uri" not in written
    assert (done.written, done.left_out) == (1, 1)


def test_fields_that_change_within_a_file_are_followed(tmp_path):
    one = tsv(["ts", "uid"], ["time", "string"], ["1.5", "C1"])
    other = tsv(["uid", "user_agent", "ts"], ["string", "string", "time"], ["C1", "Canary", "2.5"])
    done, output = run(tmp_path, conn_log=(one + other).encode())
    rows = [line for line in (output / "conn.log").read_text().splitlines() if line[0] != "#"]
    assert rows[0].split("\t")[1] == rows[1].split("\t")[0]
    assert rows[1].split("\t")[1:] == ["-", "2.5"]
    assert done.written == 2


def test_the_same_key_gives_the_same_bytes(tmp_path):
    text = tsv(["ts", "uid"], ["time", "string"], ["1.5", "C1"]).encode()
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    outs = [run(tmp_path / name, conn_log_gz=gzip.compress(text))[1] for name in "ab"]
    assert (outs[0] / "conn.log.gz").read_bytes() == (outs[1] / "conn.log.gz").read_bytes()


def test_what_is_no_log_or_is_damaged_is_named_and_not_written(tmp_path):
    good = tsv(["ts"], ["time"], ["1.5"]).encode()
    packed = gzip.compress(good * 500)
    done, output = run(
        tmp_path, conn_log=good, README=b"Canary", dns_log_gz=packed[: len(packed) // 2],
        ssl_log=b"#fields\tts\n1.5\n",
    )  # fmt: skip
    assert [path.name for path in output.rglob("*")] == ["conn.log"]
    assert {path.name for path, _ in done.skipped} == {"README", "dns.log.gz", "ssl.log"}


def test_nothing_is_left_where_no_log_is_found(tmp_path):
    with pytest.raises(InputError, match="holds no Zeek log"):
        run(tmp_path, README=b"hello")
    assert [path.name for path in tmp_path.iterdir()] == ["logs"]


def test_an_output_that_is_there_or_inside_the_logs_is_refused(tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(InputError, match="is there already"):
        anonymizer.check(tmp_path, tmp_path / "out")
    with pytest.raises(InputError, match="inside the logs"):
        anonymizer.check(tmp_path, tmp_path / "deep" / "out")


def test_a_new_key_is_for_its_owner_alone(tmp_path):
    path = tmp_path / "site.key"
    made = key.create(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert key.read(path) == made
    assert len(made) == 32
    with pytest.raises(InputError, match="is there already"):
        key.create(path)


def test_a_key_that_others_may_read_or_that_is_none_is_refused(tmp_path):
    path = tmp_path / "site.key"
    key.create(path)
    path.chmod(0o640)
    with pytest.raises(InputError, match="may be read by others") as caught:
        key.read(path)
    assert "chmod 600" in caught.value.fix
    path.chmod(0o600)
    path.write_text("secret")
    with pytest.raises(InputError, match="64 hexadecimal digits"):
        key.read(path)
    with pytest.raises(InputError, match="cannot be read"):
        key.read(tmp_path / "nowhere")
