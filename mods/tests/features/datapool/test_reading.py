import logging
import zipfile

import numpy as np
import pandas as pd
import pytest

import mods
from mods.errors import DatapoolError, QueryError
from mods.features.datapool import archives
from mods.series import contract

DAY = "2019/06/01"


def rows(day, *cells, columns="in out internal", first=0):
    """The text of one file: a line per window of w01h-s10m from `first` slides into the day on."""
    lines = ["\t".join(["window_start", "window_end", *columns.split()])]
    begin = pd.Timestamp(day.replace("/", "-"), tz="UTC")
    for number, row in enumerate(cells, start=first):
        start = begin + pd.Timedelta(minutes=10 * number)
        stamps = [f"{t:%Y-%m-%dT%H:%M:%S.000Z}" for t in (start, start + pd.Timedelta(hours=1))]
        lines.append("\t".join([*stamps, *(cell or '""' for cell in row.split("|"))]))
    return "\n".join(lines) + "\n"


def put(pool, protocol, text, day=DAY, window="w01h-s10m"):
    path = pool / protocol / day / f"{window}.tsv"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


def pack(path, members):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path


@pytest.fixture
def pool(tmp_path):
    """Four windows: ssh is silent in the second, absent in the third; in the fourth nothing is."""
    conn = rows(
        DAY, "7|2.5|", "9|0.5|3", "4||1", "||", columns="in_count_uid in_avg_duration out_count_uid"
    )
    put(tmp_path, "conn", conn)
    put(tmp_path, "ssh", rows(DAY, "5||", "||"))
    return tmp_path


def test_a_window_is_labelled_by_its_end(pool):
    series = mods.Datapool(pool).select("ssh|in~ssh_in")
    assert series.index[0] == pd.Timestamp("2019-06-01T01:00Z")
    assert series.index.name == "time" and series.attrs["window"] == "w01h-s10m"
    assert contract.check(series) is series and contract.step(series) == pd.Timedelta("10min")


def test_nothing_seen_is_missing_but_silence_of_one_protocol_is_zero(pool):
    series = mods.Datapool(pool).select("ssh|in~ssh_in;conn|out_count_uid~conn_out")
    np.testing.assert_equal(series["ssh_in"].to_numpy(), [5, 0, 0, np.nan])
    np.testing.assert_equal(series["conn_out"].to_numpy(), [0, 3, 1, np.nan])


def test_an_average_of_nothing_is_missing(pool):
    series = mods.Datapool(pool).select("conn|in_avg_duration~duration")
    np.testing.assert_equal(series["duration"].to_numpy(), [2.5, 0.5, np.nan, np.nan])


def test_protocols_not_asked_for_still_tell_that_a_window_is_alive(pool):
    put(pool, "dns", rows(DAY, "1||", first=3))
    series = mods.Datapool(pool).select("ssh|in~ssh_in")
    np.testing.assert_equal(series["ssh_in"].to_numpy(), [5, 0, 0, 0])


def test_a_gap_between_days_keeps_the_step_exact(pool):
    put(pool, "ssh", rows("2019/06/02", "8||", first=2), day="2019/06/02")
    series = mods.Datapool(pool).select("ssh|in~ssh_in")
    assert len(series) == 147 and contract.check(series) is series
    assert series["ssh_in"].notna().sum() == 4 and series["ssh_in"].iloc[-1] == 8


def test_a_protocol_without_columns_means_all_of_them(pool):
    names = list(mods.Datapool(pool).select("ssh;conn|in_count_uid~n"))
    assert names == ["ssh_in", "ssh_out", "ssh_internal", "n"]


def test_an_output_name_cannot_come_out_twice(pool):
    with pytest.raises(QueryError, match="'ssh_in' comes out twice"):
        mods.Datapool(pool).select("ssh;conn|in_count_uid~ssh_in")


def test_a_unit_divides_and_truncates_but_missing_stays(pool):
    columns = "in_sum_orig_bytes"
    put(pool, "http", rows(DAY, "2047", "1048576", "", "", columns=columns))
    series = mods.Datapool(pool).select("http|in_sum_orig_bytes~sent_kb|in_sum_orig_bytes~sent_mb")
    np.testing.assert_equal(series["sent_kb"].to_numpy(), [1, 1024, 0, np.nan])
    np.testing.assert_equal(series["sent_mb"].to_numpy(), [0, 1, 0, np.nan])


def test_a_range_selects_by_window_start(pool):
    chosen = "<2019-06-01T00:10:00Z,2019-06-01T00:20:00Z>"
    series = mods.Datapool(pool).select("ssh|in~ssh_in", chosen)
    assert [f"{t:%H:%M}" for t in series.index] == ["01:10", "01:20"]


def test_what_is_excluded_is_missing_not_removed(pool):
    out = ["<2019-06-01T00:00,2019-06-01T00:10)"]
    series = mods.Datapool(pool).select("ssh|in~ssh_in", excluded=out)
    np.testing.assert_equal(series["ssh_in"].to_numpy(), [np.nan, 0, 0, np.nan])


def test_days_outside_the_range_are_not_read(pool, caplog):
    put(pool, "ssh", "not a table", day="2019/06/03")
    assert len(mods.Datapool(pool).select("ssh|in", "<2019-06-01,2019-06-01>")) == 4
    assert not caplog.records


def test_a_range_without_data_names_the_span(pool):
    with pytest.raises(DatapoolError, match="2019-06-01T00:00Z to 2019-06-01T01:30Z"):
        mods.Datapool(pool).select("ssh|in", "<2020,2021)")
    assert mods.Datapool(pool).span() == (
        pd.Timestamp("2019-06-01T00:00Z"),
        pd.Timestamp("2019-06-01T01:30Z"),
    )


def test_unknown_names_are_answered_with_what_there_is(pool):
    there = mods.Datapool(pool)
    assert there.protocols == ("conn", "ssh") and there.columns("ssh") == ("in", "out", "internal")
    with pytest.raises(DatapoolError, match="no protocol 'dns'. It has conn, ssh"):
        there.select("dns|in")
    with pytest.raises(DatapoolError, match="no column 'sideways'. It has in, out, internal"):
        there.select("ssh|sideways")
    with pytest.raises(QueryError, match="merge column 'uid' is no column of ssh"):
        there.select("ssh|in#window_start,uid")
    with pytest.raises(QueryError, match="do not tell windows apart"):
        there.select("ssh|in#out")
    assert len(there.select("ssh|in#window_start")) == 4


def test_of_several_windows_one_has_to_be_named(pool):
    put(pool, "dns", rows(DAY, "1||"), window="w10m-s10m")
    with pytest.raises(DatapoolError, match="several windows: w01h-s10m, w10m-s10m"):
        mods.Datapool(pool)
    assert mods.Datapool(pool, "w01h-s10m").protocols == ("conn", "ssh")
    with pytest.raises(DatapoolError, match="no windows w01h-s01m, but w01h-s10m, w10m-s10m"):
        mods.Datapool(pool, mods.Window(3600, 60))


@pytest.mark.parametrize("name", ["2019-06-01.zip", "2019-06.zip"])
def test_zips_read_like_folders(pool, tmp_path_factory, name):
    members = {str(path.relative_to(pool)): path.read_text() for path in pool.glob("*/*/*/*/*.tsv")}
    alone = pack(tmp_path_factory.mktemp("zips") / name, members)
    query = "conn;ssh"
    wanted = mods.Datapool(pool).select(query)
    pd.testing.assert_frame_equal(mods.Datapool(alone).select(query), wanted)
    pd.testing.assert_frame_equal(mods.Datapool(alone.parent).select(query), wanted)
    assert mods.Datapool(alone).local_networks is None and mods.Datapool(alone).catalogue is None


def test_a_day_in_two_places_is_refused_with_both_named(pool):
    pack(pool / "june.zip", {f"ssh/{DAY}/w01h-s10m.tsv": rows(DAY, "1||")})
    with pytest.raises(DatapoolError) as caught:
        mods.Datapool(pool)
    assert "june.zip:ssh/2019/06/01/w01h-s10m.tsv" in str(caught.value)
    assert f"{pool}/ssh/2019/06/01/w01h-s10m.tsv" in str(caught.value)


BROKEN = {
    "no table": ("\x00\x01binary", "first line"),
    "no stamps": ("in\tout\n1\t2\n", "first line"),
    "a column twice": (rows(DAY, "1|2", columns="in in"), "first line"),
    "a word": (rows(DAY, "one||"), "CSV conversion error"),
    "an infinite value": (rows(DAY, "inf||"), "infinite"),
    "a short line": (rows(DAY, "1|2"), "no table of windows"),
    "another day": (rows("2019/06/02", "1||"), "another day"),
    "a window twice": (rows(DAY, "1||") + rows(DAY, "2||").split("\n")[1] + "\n", "twice"),
    "another length": (rows(DAY, "1||").replace("T01:", "T02:"), "another length"),
    "off the slides": (rows(DAY, "1||").replace(":00:00.000Z", ":01:00.000Z"), "do not start at"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_file_is_left_out_of_the_rest_and_its_day_is_missing(pool, caplog, what):
    text, reason = BROKEN[what]
    put(pool, "dns", text)
    series = mods.Datapool(pool).select("ssh|in~ssh_in")
    np.testing.assert_equal(series["ssh_in"].to_numpy(), [5, 0, 0, np.nan])
    (record,) = caplog.records
    assert record.levelno == logging.WARNING and reason in record.getMessage()
    assert f"{pool}/dns/2019/06/01/w01h-s10m.tsv" in record.getMessage()


def test_a_broken_file_makes_missing_values_not_zeros(pool):
    put(pool, "dns", "broken", day=DAY)
    put(pool, "dns", rows("2019/06/02", "1||"), day="2019/06/02")
    series = mods.Datapool(pool).select("dns|in~dns_in")
    assert series["dns_in"].iloc[:4].isna().all() and series["dns_in"].iloc[-1] == 1


def test_a_column_that_a_file_does_not_have_is_missing_not_zero(pool):
    put(pool, "ssh", rows("2019/06/02", "8|1", columns="in failed"), day="2019/06/02")
    series = mods.Datapool(pool).select("ssh|failed")
    np.testing.assert_equal(series["failed"].to_numpy()[:4], [np.nan, np.nan, 0, np.nan])
    assert series["failed"].iloc[-1] == 1


def test_the_only_broken_file_is_an_error_of_one_line(tmp_path):
    put(tmp_path, "dns", "broken\nin lines")
    with pytest.raises(DatapoolError, match="first line does not name") as caught:
        mods.Datapool(tmp_path).select("dns|in")
    assert "\n" not in str(caught.value)


def test_a_broken_zip_is_named_and_the_other_zips_are_read(pool, caplog):
    (pool / "2019-07.zip").write_bytes(b"PK\x03\x04 cut short")
    assert len(mods.Datapool(pool).select("ssh|in")) == 4
    assert "2019-07.zip: cannot be read" in caplog.text
    with pytest.raises(DatapoolError, match="2019-07.zip: cannot be read"):
        mods.Datapool(pool / "2019-07.zip")


def test_a_flipped_byte_in_a_zip_is_an_error_not_another_value(tmp_path):
    text = rows(DAY, *(f"{n}||" for n in range(100)))
    path = pack(tmp_path / "a.zip", {f"ssh/{DAY}/w01h-s10m.tsv": text})
    damaged = bytearray(path.read_bytes())
    damaged[200] ^= 4
    path.write_bytes(damaged)
    with pytest.raises(DatapoolError, match=r"a\.zip:ssh/2019/06/01/w01h-s10m\.tsv: cannot be"):
        mods.Datapool(path).select("ssh|in")


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    bomb = f"ssh/{DAY}/w01h-s10m.tsv"
    path = pack(tmp_path / "bomb.zip", {bomb: "0" * 3_000_000})
    monkeypatch.setattr(archives, "MAX_FILE", 1_000_000)
    with pytest.raises(DatapoolError, match="unpacks to 3000000 bytes, more than 1000000"):
        mods.Datapool(path).select("ssh|in")
    monkeypatch.setattr(archives, "MAX_TOTAL", 2_000_000)
    with pytest.raises(DatapoolError, match="unpacks to 3000000 bytes, more than 2000000"):
        mods.Datapool(path)
    monkeypatch.setattr(archives, "MAX_MEMBERS", 0)
    with pytest.raises(DatapoolError, match="holds 1 files, more than 0"):
        mods.Datapool(path)


def test_hostile_member_names_are_ignored(tmp_path):
    text = rows(DAY, "1||")
    members = {f"../../ssh/{DAY}/w01h-s10m.tsv": text, f"/ssh/{DAY}/w01h-s10m.tsv": text}
    path = pack(tmp_path / "a.zip", {**members, f"ssh/{DAY}/w01h-s10m.tsv": text})
    assert len(mods.Datapool(path).select("ssh|in")) == 1
    with pytest.raises(DatapoolError, match="holds no windows"):
        mods.Datapool(pack(tmp_path / "b.zip", members))


def test_what_is_no_pool_is_told_with_the_way_to_make_one(tmp_path):
    with pytest.raises(DatapoolError, match="mods prepare LOGS --output"):
        mods.Datapool(tmp_path / "nowhere")
    with pytest.raises(DatapoolError, match="holds no windows.*mods prepare makes them of logs"):
        mods.Datapool(tmp_path)
    (tmp_path / "text.zip").write_text("hello")
    with pytest.raises(DatapoolError, match="not a zip"):
        mods.Datapool(tmp_path / "text.zip")


def test_a_day_without_windows_is_a_day_without_windows(pool):
    put(pool, "ssh", rows("2019/06/02"), day="2019/06/02")
    assert len(mods.Datapool(pool).select("ssh|in")) == 4
    with pytest.raises(DatapoolError, match="no window that starts in"):
        mods.Datapool(pool).select("ssh|in", "<2019-06-02,2019-06-02>")
