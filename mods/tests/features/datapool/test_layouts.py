"""A pool is the same in every layout: the same cells, the same bytes when it comes back."""

import zipfile

import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet
import pytest

import mods
from mods.errors import DatapoolError, SettingError, UsageError
from mods.features.datapool import draft, export, parquet, write

HOUR = mods.Window.parse("w01h-s10m")
LAYOUTS = ("folders", "daily", "monthly", "parquet")
QUERY = "conn;ssh|in~ssh_in;sip"


def tables(begin="2019-05-31T20:00", count=40):
    """Windows across the end of a month, with every kind of cell the reference writes."""
    rng = np.random.default_rng(1)
    starts = pd.date_range(begin, periods=count, freq="10min", tz="UTC", name="window_start")
    sent = pd.Series(rng.integers(0, 2**62, count)).astype("Int64").mask(rng.random(count) < 0.2)
    mean = np.where(rng.random(count) < 0.2, np.nan, rng.lognormal(-3, 8, count))
    mean[:4] = [3.0, 1e-7, 1e22, 0.1]
    conn = pd.DataFrame(
        {"in_sum_orig_bytes": sent.to_numpy(), "in_avg_duration": mean}, index=starts
    ).astype({"in_sum_orig_bytes": "Int64"})
    ssh = pd.DataFrame({"in": pd.array(range(count), "Int64")}, starts)
    # a whole column, and whole rows, without a value
    sip = pd.DataFrame({"in_count_uid": pd.array([pd.NA] * 3, "Int64")}, starts[5:8])
    return {
        "conn": conn,
        "ssh": ssh,
        "sip": sip.assign(**{"in_distinct_`id.orig_h`": sip.iloc[:, 0]}),
    }


def put(path, new=None, layout="folders"):
    write(path, new or tables(), HOUR, layout=layout, local_networks=("10.0.0.0/8",), catalogue="1")
    return path


def texts(pool):
    """Every file of the reference's layout in a pool, also inside its zips."""
    found = {str(path.relative_to(pool)): path.read_bytes() for path in pool.rglob("*.tsv")}
    for path in pool.rglob("*.zip"):
        with zipfile.ZipFile(path) as archive:
            found |= {name: archive.read(name) for name in archive.namelist()}
    return found


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_reads_as_the_same_series(tmp_path, layout):
    wanted = mods.Datapool(put(tmp_path / "folders")).select(QUERY)
    there = mods.Datapool(put(tmp_path / "pool", layout=layout))
    pd.testing.assert_frame_equal(there.select(QUERY), wanted)
    assert there.columns("conn") == ("in_sum_orig_bytes", "in_avg_duration")
    assert there.local_networks == ("10.0.0.0/8",)


@pytest.mark.parametrize("first", LAYOUTS)
@pytest.mark.parametrize("second", LAYOUTS)
def test_there_and_back_is_the_same_byte_for_byte(tmp_path, first, second):
    made = put(tmp_path / "made")
    assert export(made, tmp_path / "first", first) == 5
    export(tmp_path / "first", tmp_path / "second", second)
    export(tmp_path / "second", tmp_path / "back", "folders")
    assert texts(tmp_path / "back") == texts(made)
    assert (tmp_path / "back/datapool.json").read_text() == (made / "datapool.json").read_text()


def test_parquet_made_by_prepare_is_parquet_made_by_export(tmp_path):
    made = put(tmp_path / "made", layout="parquet")
    export(put(tmp_path / "folders"), tmp_path / "parquet", "parquet")
    for path in made.rglob("*.parquet"):
        assert path.read_bytes() == (tmp_path / "parquet" / path.relative_to(made)).read_bytes()


def test_others_read_the_parquet_as_it_lies(tmp_path):
    pool = put(tmp_path / "pool", layout="parquet")
    day = pd.read_parquet(pool / "conn/2019/05/31/w01h-s10m.parquet")
    assert str(day["window_start"].iloc[0]) == "2019-05-31 20:00:00+00:00"
    assert list(day) == ["window_start", "window_end", "in_sum_orig_bytes", "in_avg_duration"]
    con = duckdb.connect()
    ssh = f"read_parquet('{pool}/ssh/**/*.parquet')"
    counted = con.execute(f'select count(*), sum("in"), count(window_end) from {ssh}').fetchone()
    assert counted == (40, 780, 40)
    # one schema in all files of a protocol, also where a file has no value at all
    schema = f"parquet_schema('{pool}/s*/**/*.parquet')"
    kinds = con.execute(f"select distinct type from {schema} where type is not null").fetchall()
    assert kinds == [("INT64",)]
    empty = pd.read_parquet(pool / "sip/2019/05/31/w01h-s10m.parquet")
    assert empty["in_count_uid"].isna().all()


def test_a_big_sum_is_kept_to_the_last_digit(tmp_path):
    starts = pd.date_range("2019-06-01", periods=2, freq="10min", tz="UTC", name="window_start")
    big = pd.DataFrame({"in_sum_orig_bytes": pd.array([2**62 + 1, pd.NA], "Int64")}, starts)
    put(tmp_path / "parquet", {"conn": big}, "parquet")
    export(tmp_path / "parquet", tmp_path / "folders", "folders")
    assert (
        f"\t{2**62 + 1}\n".encode() in texts(tmp_path / "folders")["conn/2019/06/01/w01h-s10m.tsv"]
    )


@pytest.mark.parametrize("old", LAYOUTS)
@pytest.mark.parametrize("new", LAYOUTS)
def test_new_windows_join_old_ones_of_another_layout(tmp_path, old, new):
    whole = {name: table for name, table in tables().items() if name != "sip"}
    put(tmp_path / "once", whole)
    early = {name: table.iloc[:30] for name, table in whole.items()}
    late = {name: table.iloc[20:] for name, table in whole.items()}
    put(tmp_path / "pool", early, old)
    put(tmp_path / "pool", late, new)
    pd.testing.assert_frame_equal(
        mods.Datapool(tmp_path / "pool").select("conn;ssh"),
        mods.Datapool(tmp_path / "once").select("conn;ssh"),
    )
    export(tmp_path / "pool", tmp_path / "back", "folders")
    assert texts(tmp_path / "back") == texts(tmp_path / "once")


def test_a_day_as_text_and_as_parquet_is_refused_with_both_named(tmp_path):
    pool = put(tmp_path / "pool", layout="parquet")
    put(tmp_path / "other")
    day = "ssh/2019/05/31/w01h-s10m"
    (pool / f"{day}.tsv").write_bytes((tmp_path / f"other/{day}.tsv").read_bytes())
    with pytest.raises(DatapoolError, match="lies in two places") as caught:
        mods.Datapool(pool)
    assert f"{day}.tsv" in str(caught.value) and f"{day}.parquet" in str(caught.value)


def test_export_refuses_what_is_there_and_what_is_broken(tmp_path):
    pool = put(tmp_path / "pool")
    with pytest.raises(UsageError, match="is there already"):
        export(pool, pool, "parquet")
    with pytest.raises(SettingError):
        put(tmp_path / "other", layout="cubes")
    (pool / "ssh/2019/05/31/w01h-s10m.tsv").write_text("broken")
    with pytest.raises(DatapoolError, match="first line does not name"):
        export(pool, tmp_path / "out", "parquet")
    assert not (tmp_path / "out").exists() and not list(tmp_path.glob(".out*"))


def test_a_damaged_parquet_file_is_missing_not_wrong(tmp_path):
    pool = put(tmp_path / "pool", layout="parquet")
    wanted = mods.Datapool(pool).select("ssh|in~n")["n"]
    path = pool / "ssh/2019/06/01/w01h-s10m.parquet"
    sound, rng = path.read_bytes(), np.random.default_rng(0)
    for _ in range(300):
        damaged = bytearray(sound)
        damaged[rng.integers(len(sound))] ^= 1 << rng.integers(8)
        path.write_bytes(damaged)
        try:
            seen = mods.Datapool(pool).select("ssh|in~n")["n"].reindex(wanted.index)
        except DatapoolError:
            continue
        assert (seen.isna() | (seen == wanted)).all()


def test_a_parquet_file_of_too_many_rows_is_refused_unread(tmp_path, monkeypatch):
    pool = put(tmp_path / "pool", layout="parquet")
    path = pool / "ssh/2019/06/01/w01h-s10m.parquet"
    monkeypatch.setattr(parquet, "MAX_ROWS", 15)
    with pytest.raises(DatapoolError, match="holds 16 rows"):
        parquet.load(path.read_bytes(), path)
    assert pyarrow.parquet.read_metadata(path).num_rows == 16


def test_the_layouts_that_may_be_asked_for_are_those_that_can_be_written():
    from mods.request import LAYOUTS as OFFERED

    assert draft.LAYOUTS == OFFERED == LAYOUTS


@pytest.mark.parametrize("layout", LAYOUTS)
def test_pools_of_entities_come_along_and_are_not_taken_for_the_whole(tmp_path, layout):
    pool = put(tmp_path / "pool", layout="monthly")
    put(pool / "by/10.1.0.0_16", {"ssh": tables()["ssh"]}, "monthly")
    assert mods.Datapool(pool).protocols == ("conn", "sip", "ssh")
    assert export(pool, tmp_path / "out", layout) == 7
    assert mods.Datapool(tmp_path / "out/by/10.1.0.0_16").protocols == ("ssh",)
    export(tmp_path / "out", tmp_path / "back", "monthly")
    for path in pool.rglob("*.zip"):
        assert (tmp_path / "back" / path.relative_to(pool)).read_bytes() == path.read_bytes()
