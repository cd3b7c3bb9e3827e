import json
import os
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mods
from mods.errors import DatapoolError, ResourceError, SettingError
from mods.features.datapool import draft, write

HOUR = mods.Window.parse("w01h-s10m")
NETWORKS = ("10.0.0.0/8", "fd00::/8")


def tables(begin="2019-06-01T23:40", count=3, value=7):
    """Windows across midnight: ssh counts, conn with an average and empty cells."""
    starts = pd.date_range(begin, periods=count, freq="10min", tz="UTC", name="window_start")
    ssh = pd.DataFrame({"in": pd.array([value] * count, "Int64")}, starts)
    conn = pd.DataFrame(
        {
            "in_sum_orig_bytes": pd.array([2**60, *[pd.NA] * (count - 1)], "Int64"),
            "in_avg_duration": [0.1, *[np.nan] * (count - 1)],
        },
        starts,
    )
    return {"ssh": ssh, "conn": conn}


def put(path, new=None, window=HOUR, **other):
    wanted = {"layout": "folders", "local_networks": NETWORKS, "catalogue": "1", **other}
    write(path, tables() if new is None else new, window, **wanted)
    return path


def content(pool):
    """Every file of the pool and its bytes."""
    files = (path for path in Path(pool).rglob("*") if path.is_file())
    return {str(path.relative_to(pool)): path.read_bytes() for path in files}


def test_the_bytes_are_those_of_the_reference(tmp_path):
    pool = put(tmp_path / "pool")
    assert (pool / "conn/2019/06/01/w01h-s10m.tsv").read_text() == (
        "window_start\twindow_end\tin_sum_orig_bytes\tin_avg_duration\n"
        "2019-06-01T23:40:00.000Z\t2019-06-02T00:40:00.000Z\t1152921504606846976\t0.1\n"
        '2019-06-01T23:50:00.000Z\t2019-06-02T00:50:00.000Z\t""\t""\n'
    )
    assert (pool / "ssh/2019/06/02/w01h-s10m.tsv").read_text() == (
        "window_start\twindow_end\tin\n2019-06-02T00:00:00.000Z\t2019-06-02T01:00:00.000Z\t7\n"
    )


@pytest.mark.parametrize(
    ("layout", "names"),
    [("daily", ["2019-06-01.zip", "2019-06-02.zip"]), ("monthly", ["2019-06.zip"])],
)
def test_zips_hold_the_same_files(tmp_path, layout, names):
    folders = content(put(tmp_path / "folders"))
    pool = put(tmp_path / "pool", layout=layout)
    assert sorted(path.name for path in pool.iterdir()) == [*names, "datapool.json"]
    packed = {}
    for name in names:
        with zipfile.ZipFile(pool / name) as archive:
            packed |= {member: archive.read(member) for member in archive.namelist()}
    assert packed == {name: body for name, body in folders.items() if name != "datapool.json"}


def test_what_is_written_reads_back(tmp_path):
    there = mods.Datapool(put(tmp_path / "pool", layout="monthly"))
    assert there.local_networks == NETWORKS and there.catalogue == "1"
    series = there.select("ssh|in~ssh;conn|in_avg_duration~duration|in_sum_orig_bytes~sent")
    np.testing.assert_equal(series["ssh"].to_numpy(), [7, 7, 7])
    np.testing.assert_equal(series["duration"].to_numpy(), [0.1, np.nan, np.nan])
    np.testing.assert_equal(series["sent"].to_numpy(), [2**60, 0, 0])


@pytest.mark.parametrize("layout", draft.LAYOUTS)
def test_the_same_windows_give_the_same_bytes_again(tmp_path, layout):
    pool = put(tmp_path / "pool", layout=layout)
    once = content(pool)
    assert content(put(tmp_path / "other", layout=layout)) == once
    assert content(put(pool, layout=layout)) == once
    left = {path.name for path in tmp_path.iterdir()} - {".pool.lock", ".other.lock"}
    assert left == {"pool", "other"}


@pytest.mark.parametrize("layout", draft.LAYOUTS)
def test_later_windows_join_and_the_same_hours_are_replaced(tmp_path, layout):
    pool = put(tmp_path / "pool", layout=layout)
    later = tables("2019-06-01T23:50", count=4, value=9)
    later["conn"] = later["conn"].iloc[:1]
    put(pool, later, layout="folders")
    series = mods.Datapool(pool).select("ssh|in~ssh;conn|in_sum_orig_bytes~sent")
    np.testing.assert_equal(series["ssh"].to_numpy(), [7, 9, 9, 9, 9])
    np.testing.assert_equal(series["sent"].to_numpy(), [2**60, 2**60, 0, 0, 0])


def test_a_pool_holds_several_windows(tmp_path):
    pool = put(tmp_path / "pool", layout="daily")
    put(pool, window=mods.Window.parse("w10m-s10m"), layout="daily")
    assert json.loads((pool / "datapool.json").read_text())["windows"] == ["w01h-s10m", "w10m-s10m"]
    assert mods.Datapool(pool, "w10m-s10m").span()[1] == pd.Timestamp("2019-06-02T00:10Z")
    assert mods.Datapool(pool, HOUR).span()[1] == pd.Timestamp("2019-06-02T01:00Z")


def test_other_networks_or_another_catalogue_are_refused_with_both_named(tmp_path):
    pool = put(tmp_path / "pool")
    before = content(pool)
    with pytest.raises(DatapoolError, match="local networks 10.0.0.0/8, fd00::/8, not 10.1.0.0/16"):
        put(pool, local_networks=("10.1.0.0/16",))
    with pytest.raises(DatapoolError, match="the catalogue 1, not 2"):
        put(pool, catalogue="2")
    put(pool, local_networks=NETWORKS[::-1])
    assert content(pool) == before


def test_a_pool_that_does_not_say_its_networks_is_left_alone(tmp_path):
    pool = put(tmp_path / "pool")
    (pool / "datapool.json").unlink()
    with pytest.raises(DatapoolError, match=r"no datapool\.json"):
        put(pool)
    (pool / "datapool.json").write_text("{}")
    with pytest.raises(DatapoolError, match=r"datapool\.json: cannot be read"):
        put(pool)


def test_other_columns_in_a_day_shared_with_old_windows_are_refused(tmp_path):
    pool = put(tmp_path / "pool")
    before = content(pool)
    new = {"ssh": tables("2019-06-02T00:10")["ssh"].rename(columns={"in": "inward"})}
    with pytest.raises(DatapoolError, match="other columns than the new windows"):
        put(pool, new)
    assert content(pool) == before


def test_a_failure_leaves_the_old_pool_as_it_was(tmp_path, monkeypatch):
    pool = put(tmp_path / "pool")
    (pool / "notes.txt").write_text("mine")
    before = content(pool)

    def full(*_args):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(draft, "store", full)
        with pytest.raises(ResourceError, match="No space left on device. Free some space"):
            put(pool, tables(value=9))
    assert content(pool) == before
    put(pool, tables(value=9))
    assert (pool / "notes.txt").read_text() == "mine"
    assert {path.name for path in tmp_path.iterdir()} == {"pool", ".pool.lock"}


def test_a_pool_cut_off_between_the_two_renames_comes_back(tmp_path):
    pool = put(tmp_path / "pool")
    pool.rename(tmp_path / ".pool-1234.old")
    (tmp_path / ".pool-1234.tmp").mkdir()
    put(pool, tables("2019-06-05"))
    assert mods.Datapool(pool).span()[0] == pd.Timestamp("2019-06-01T23:40Z")
    assert {path.name for path in tmp_path.iterdir()} == {"pool", ".pool.lock"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_told(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(ResourceError, match="Permission denied"):
        put(tmp_path / "pool")
    tmp_path.chmod(0o700)


def test_what_cannot_be_a_pool_is_refused(tmp_path):
    with pytest.raises(SettingError, match="Give folders, daily, monthly"):
        put(tmp_path / "pool", layout="yearly")
    with pytest.raises(DatapoolError, match="no window to write"):
        put(tmp_path / "pool", {"ssh": tables()["ssh"].iloc[:0]})
    with pytest.raises(DatapoolError, match="ssh: has 2019-06-01 23:40:00.* twice"):
        put(tmp_path / "pool", {"ssh": pd.concat([tables()["ssh"]] * 2)})
    with pytest.raises(DatapoolError, match="not in UTC"):
        put(tmp_path / "pool", {"ssh": tables()["ssh"].tz_localize(None)})
    (tmp_path / "file").write_text("")
    with pytest.raises(DatapoolError, match="is a file"):
        put(tmp_path / "file")
    with pytest.raises(ResourceError, match="cannot be written"):
        put(tmp_path / "file" / "pool")
    assert {path.name for path in tmp_path.iterdir()} <= {"file", ".file.lock"}
