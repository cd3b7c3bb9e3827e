"""Only files that can hold records of the hours asked for are opened."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mods.dataset import files
from mods.dataset.hours import Hours
from mods.errors import LogError

DAY = datetime(2024, 3, 5, tzinfo=UTC)


def head(stamps: list[datetime]) -> bytes:
    rows = "".join(
        f"{at.timestamp():.6f}\tC{n}\t10.0.0.1\t10.0.0.2\n" for n, at in enumerate(stamps)
    )
    return (
        "#separator \\x09\n#path\tconn\n#fields\tts\tuid\tid.orig_h\tid.resp_h\n"
        f"#types\ttime\tstring\taddr\taddr\n{rows}#close\t2024\n"
    ).encode()


def hourly(folder: Path, hour: int, *, sound: bool, behind: float = 0) -> Path:
    """The log of an hour, named in a zone that many hours behind UTC; a broken one is garbage."""
    named = DAY + timedelta(hours=hour)
    after = named + timedelta(hours=1)
    path = folder / f"{named:%Y-%m-%d}" / f"conn.{named:%H:%M:%S}-{after:%H:%M:%S}.log.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    at = named + timedelta(hours=behind, minutes=1)
    path.write_bytes(gzip.compress(head([at])) if sound else b"no gzip at all")
    return path


def span(first: int, last: int) -> tuple[float, float]:
    return tuple((DAY + timedelta(hours=hour)).timestamp() for hour in (first, last))


def test_logs_outside_the_hours_are_not_opened(tmp_path):
    """Each of them is broken: to open one would be an error."""
    inside = [hourly(tmp_path, hour, sound=True) for hour in (9, 10, 11, 12)]
    for hour in (0, 5, 7, 8, 13, 14, 23):
        hourly(tmp_path, hour, sound=False)
    with pytest.raises(LogError):
        files.find(tmp_path, ["conn"])
    hours = Hours([span(9, 12)])
    found = files.find(tmp_path, ["conn"], among=hours.among)
    assert [one.path for one in found.logs] == inside
    assert set(hours.opened) <= set(inside)


def test_a_sensor_that_names_its_logs_in_local_time_is_understood(tmp_path):
    for hour in range(24):
        hourly(tmp_path, hour, sound=True, behind=5)
    hours = Hours([span(15, 16)])
    found = files.find(tmp_path, ["conn"], among=hours.among)
    assert [one.path.name[5:7] for one in found.logs] == ["10", "11"]
    assert hours.begin == span(5, 5)[0]


def test_a_folder_of_a_day_counts_where_that_day_can_and_other_files_by_their_first_record(
    tmp_path,
):
    for day in (1, 4, 5, 9):
        path = tmp_path / f"2024-03-{day:02}" / "conn.log"
        path.parent.mkdir()
        path.write_bytes(head([datetime(2024, 3, day, 12, tzinfo=UTC)]))
    (tmp_path / "conn.log").write_bytes(head([DAY - timedelta(days=90)]))
    (tmp_path / "later").mkdir()
    (tmp_path / "later" / "conn.log").write_bytes(head([DAY + timedelta(days=90)]))
    found = files.find(tmp_path, ["conn"], among=Hours([span(12, 14)]).among)
    kept = [str(one.path.relative_to(tmp_path)) for one in found.logs]
    assert kept == ["2024-03-04/conn.log", "2024-03-05/conn.log", "conn.log"]
