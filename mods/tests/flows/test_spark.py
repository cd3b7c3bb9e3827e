"""Spark computes what DuckDB computes, byte for byte (tox -e spark)."""

import gzip
import random
import re
import shutil
import subprocess
import sys

import pyarrow as pa
import pytest

from mods.dataset import zeek_fields
from mods.dataset.files import PROTOCOLS
from mods.errors import InputError, ResourceError
from mods.flows.prepare import prepare
from mods.request import PrepareRequest

DAY = 1_700_006_400  # 2023-11-15T00:00:00Z
HOSTS = (
    "10.0.1.1", "10.0.2.9", "::ffff:10.0.2.7", "8.8.8.8", "2001:db8::1", "2001:DB8:0:1::2%eth0",
    "2a00:1450::1", "fe80::1", "-", "nonsense",
)  # fmt: skip
VALUES = {
    "addr": HOSTS,
    "bool": ("T", "F", "-", "true"),
    "count": ("0", "7", "1024", "2.5", "7d", "18446744073709551615", "-", "x"),
    "double": ("1.5", "-0.25", "nan", "-"),
    "int": ("-3", "4", "-"),
    "interval": ("0.000001", "1.234567", "3600.5", "-0.5", "-", "1e3", "1.5f", "abc"),
    "port": ("22", "53", "65535", "-"),
}
WORDS = ("-", "(empty)", "a", "A", "b c", r"x\x09y", 'un"balanced', "é", "it's", "S0", "SF", "udp")
NAMES = ("{0}.00:00:00-01:00:00.log.gz", "_[odd] {0}.log", "day/{0}.log")


def log(protocol, rng, rows, drop=()):
    fields = {name: kind for name, kind in zeek_fields.known(protocol).items() if name not in drop}
    lines = ["#separator \\x09", f"#path\t{protocol}"]
    lines += ["\t".join(["#fields", *fields]), "\t".join(["#types", *fields.values()])]
    for _ in range(rows):
        cells = [rng.choice(VALUES.get(kind, WORDS)) for kind in fields.values()]
        cells[0] = rng.choice(["-", "1.5e9999", *[f"{DAY + rng.random() * 7200:.6f}"] * 20])
        cells = {0: cells[:3], 1: [*cells, "more"], 2: [""]}.get(rng.randrange(30), cells)
        lines.append("\t".join(cells))
    return "\n".join([*lines, "#close\t2023-11-15-02-00-00"]) + "\n"


PACKED = {".gz": gzip.compress, ".zst": lambda data: pa.compress(data, "zstd", asbytes=True)}


def put(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(PACKED.get(path.suffix, bytes)(content.encode()))


@pytest.fixture
def logs(tmp_path):
    """All six logs in files with odd names, one without records, one that has lost its end."""
    rng = random.Random(3)
    place = tmp_path / "logs"
    for protocol in PROTOCOLS:
        for name in NAMES:
            put(place / name.format(protocol), log(protocol, rng, 120))
    put(place / "ssh.empty.log", log("ssh", rng, 0))
    put(place / "conn.older.log", log("conn", rng, 60, drop=("local_orig", "history")))
    put(place / "current/conn.log", log("conn", rng, 40)[:-60])
    return place


def request(logs, engine, **settings):
    settings = {"window_slide": "w20m-s10m", "no_panes": True, "master": "local[2]", **settings}
    output = str(logs.parent / f"pool-{engine}")
    return PrepareRequest(logs=str(logs), output=output, engine=engine, **settings)


def files(pool):
    return {path.relative_to(pool): path.read_bytes() for path in pool.rglob("*") if path.is_file()}


def java():
    """The version of the Java that is found first; 0 without one."""
    if shutil.which("java") is None:
        return 0
    said = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False)
    found = re.search(r'version "(\d+)', said.stderr + said.stdout)
    return int(found[1]) if found else 0


needed = [
    pytest.mark.spark,
    pytest.mark.skipif("java() < 17", reason="Java 17 or later is not there"),
    pytest.mark.timeout(600),
]


@pytest.mark.parametrize("engine", [pytest.param("spark", marks=needed)])
@pytest.mark.parametrize(
    "settings",
    [{}, {"features": ("security",), "by": "subnet:24", "local_networks": ("10.0.0.0/8",)}],
)
def test_spark_writes_the_same_datapool(logs, engine, settings):
    ours = prepare(request(logs, "duckdb", **settings))
    theirs = prepare(request(logs, engine, **settings))
    assert ours.logs == theirs.logs and ours.span == theirs.span
    assert min(one.used for one in ours.logs.values()) > 100
    assert files(theirs.output) == files(ours.output)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("conn.log", '{"ts":1.5,"id.orig_h":"10.0.0.1","id.resp_h":"8.8.8.8"}\n', "JSON lines"),
        ("conn.log.zst", log("conn", random.Random(0), 5), "zstd"),
    ],
)
def test_what_spark_does_not_read_is_refused_at_once(tmp_path, name, content, reason):
    put(tmp_path / "logs" / name, content)
    with pytest.raises(InputError, match=f"is {reason}.*Use --engine duckdb") as told:
        prepare(request(tmp_path / "logs", "spark"))
    assert "\n" not in str(told.value) and name in told.value.where
    assert not (tmp_path / "pool-spark").exists()


def test_without_pyspark_the_extra_is_named(tmp_path, monkeypatch):
    put(tmp_path / "logs/ssh.log", log("ssh", random.Random(0), 5))
    monkeypatch.setitem(sys.modules, "pyspark.errors", None)
    with pytest.raises(ResourceError, match=r"pip install 'mods\[spark\]' and Java 17"):
        prepare(request(tmp_path / "logs", "spark"))
