"""What still shows of when a broken log's records were: its name, or what can be read of it."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mods.dataset import lost

DAY = datetime(2024, 4, 19, tzinfo=UTC).timestamp()
HOUR = 3600
TSV = "#separator \\x09\n#path\tconn\n#fields\t_node\tts\n#types\tstring\ttime\n"


@pytest.mark.parametrize(
    ("path", "begin", "end"),
    [
        ("2024-04-19/conn.02:00:00-03:00:00.log.gz", 2, 3),
        ("20240419/conn.23:30:00-00:30:00.log", 23.5, 24.5),
        ("x/dns_20240419_10:00:00-11:00:00+0000.log", 10, 11),
        ("2024-04-19/conn.log", None, None),
        ("2024-99-19/conn.02:00:00-03:00:00.log.gz", None, None),
        ("conn.02:00:00-03:00:00.log.gz", None, None),
    ],
)
def test_a_rotated_log_says_when_it_was_written(path, begin, end):
    expected = None if begin is None else (DAY + begin * HOUR, DAY + end * HOUR)
    assert lost.named(Path(path)) == expected


def test_names_in_local_time_are_shifted_as_those_of_its_neighbours_are():
    known = [
        (
            Path(f"2024-04-19/conn.{hour:02}:00:00-{hour + 1:02}:00:00.log"),
            DAY + (hour - 2) * HOUR + 7,
        )
        for hour in range(5)
    ]
    assert lost.shift([*known, (Path("conn.log"), 5.0)]) == -2 * HOUR
    assert lost.shift([]) == 0


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("conn.log", TSV + f"a\t{DAY + 5}\na\t{DAY}\na\t{DAY + 9}\nb\tx\nc"),
        (
            "conn.json.log",
            f'{{"ts":{DAY + 9}}}\n{{"ts":"2024-04-19T00:00:00Z"}}\n{{"ts":{{}}}}\n{{x',
        ),
        ("conn.log.gz", TSV + f"a\t{DAY + 9}\na\t{DAY}\n" + f"a\t{DAY + 4}\n" * 50_000),
    ],
)
def test_the_times_of_what_can_be_read_are_known(tmp_path, name, text):
    path, data = tmp_path / name, text.encode()
    path.write_bytes(gzip.compress(data)[:-9] if name.endswith("gz") else data)
    assert lost.readable(path) == (DAY, DAY + 9)


@pytest.mark.parametrize("data", [b"", b"\x00\xff" * 99, b"#fields\tx\n1\n", TSV.encode()])
def test_of_what_cannot_be_read_nothing_is_known(tmp_path, data):
    path = tmp_path / "conn.log.gz"
    path.write_bytes(data)
    assert lost.readable(path) is None
    assert lost.readable(tmp_path / "none.log") is None
