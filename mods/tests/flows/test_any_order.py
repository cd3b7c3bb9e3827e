"""Every aggregate, out of logs that come in any order, over many runs, under any names."""

import os
import random
import shutil

import pytest

from mods.flows.prepare import prepare
from mods.tests.flows.test_increment import content, once, request
from mods.tests.flows.test_prepare import put, text

ORDERS = int(os.environ.get("MODS_ORDERS", "2"))
HOSTS = ("10.0.0.1", "10.0.1.2", "8.8.8.8", "9.9.9.9", "fd00::1", "2a00::7", "FD00::2", "2a00::8")
WANTED = {
    "records": 'aggregate = "count"',
    "failed": 'aggregate = "count"\nwhere = "orig_bytes > 50"',
    "total": 'aggregate = "sum"\ncolumn = "duration"',
    "average": 'aggregate = "mean"\ncolumn = "orig_bytes"',
    "least": 'aggregate = "min"\ncolumn = "orig_bytes"',
    "most": 'aggregate = "max"\ncolumn = "duration"',
    "ports": 'aggregate = "distinct"\ncolumn = "id.resp_p"',
    "p90": 'aggregate = "quantile"\ncolumn = "orig_bytes"\nq = 0.9',
    "share": 'aggregate = "ratio"\nnumerator = "failed"\ndenominator = "records"',
}
DIRECTIONS = 'direction = ["in", "out", "internal", "all"]'
FEATURES = "\n".join(
    f'[[feature]]\nlog = "conn"\nname = "{name}"\n{text}\n{DIRECTIONS}\n'
    for name, text in WANTED.items()
)


def records(chance, hour):
    """Records that began in this hour, some in the one before, as Zeek writes them at their end."""
    rows = []
    for _ in range(chance.randrange(30)):
        minute = max(0, 60 * (hour - chance.choice([0, 0, 0, 1]))) + chance.random() * 60
        ends = f"{chance.choice(HOSTS)}\t1\t{chance.choice(HOSTS)}\t{chance.choice([22, 53, 443])}"
        size, took = chance.choice(["-", "0", str(chance.randrange(99))]), chance.random() * 9
        rows.append((minute, f"C\t{ends}\t{took:.6f}\t{size}\t-"))
    return rows


@pytest.mark.parametrize("seed", range(ORDERS))
def test_any_order_of_arrival_gives_the_same_bytes(tmp_path, seed):
    chance = random.Random(seed)
    (tmp_path / "own.toml").write_text(FEATURES)
    panes = chance.randint(1, 12)
    settings = {
        "features": (str(tmp_path / "own.toml"),),
        "window_slide": f"w{panes * 5}m-s05m",
        "by": chance.choice([None, "subnet:24"]),
        "layout": chance.choice(["folders", "daily", "monthly", "parquet"]),
    }
    whole = tmp_path / "whole"
    ends = [
        (0, "C\t8.8.8.8\t1\t10.0.0.1\t22\t1.0\t1\t1"),
        (599, "C\t8.8.8.8\t1\t10.0.0.1\t22\t1.0\t1\t1"),
    ]
    for hour in range(10):
        rows = records(chance, hour) + (ends if hour == 9 else [])
        put(whole, f"conn.{hour}.log{chance.choice(['', '.gz'])}", text("conn", rows))
    files = sorted(whole.iterdir())
    chance.shuffle(files)
    place, pool = tmp_path / "logs", tmp_path / "pool"
    place.mkdir()
    while files:
        for _ in range(min(len(files), chance.randint(1, 6))):
            path = files.pop()
            shutil.copy(path, place / f"conn.{chance.randrange(10**9)}.log{path.name[10:]}")
        prepare(request(place, pool, **settings))
    assert content(pool) == once(whole, tmp_path, **settings)
