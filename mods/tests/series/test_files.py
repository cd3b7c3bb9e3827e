import gzip

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mods.errors import SeriesError
from mods.series import contract, files

ROWS = "time,a,note,b\n2019-06-01T00:00:00Z,1,x,0.5\n2019-06-01 00:10:00,2,,\n"


def csv(path, text):
    path.write_text(text)
    return path


def test_a_csv_becomes_a_series(tmp_path):
    series = files.read(csv(tmp_path / "a.csv", ROWS))
    assert contract.check(series) is series and list(series) == ["a", "b"]
    assert series.index[1] == pd.Timestamp("2019-06-01T00:10Z") and "window" not in series.attrs
    np.testing.assert_equal(series.to_numpy(), [[1, 0.5], [2, np.nan]])


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path):
    series = files.read(csv(tmp_path / "a.csv", "\ufeff" + ROWS))
    pd.testing.assert_frame_equal(series, files.read(csv(tmp_path / "b.csv", ROWS)))


def test_parquet_and_packed_and_tab_separated_files_read_the_same(tmp_path):
    wanted = files.read(csv(tmp_path / "a.csv", ROWS))
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(ROWS.encode()))
    csv(tmp_path / "a.tsv", ROWS.replace(",", "\t"))
    csv(tmp_path / "bom.csv", "\ufeff" + ROWS)
    wanted.to_parquet(tmp_path / "a.parquet")
    wanted.reset_index().to_parquet(tmp_path / "b.parquet")
    for name in ("a.csv.gz", "a.tsv", "a.parquet", "b.parquet", "bom.csv"):
        pd.testing.assert_frame_equal(files.read(tmp_path / name), wanted, check_freq=False)


@pytest.mark.parametrize("name", ["time", "timestamp", "window_end", "ts"])
def test_the_time_column_goes_by_its_name(tmp_path, name):
    path = csv(tmp_path / "a.csv", ROWS.replace("time", name))
    assert list(files.read(path)) == ["a", "b"]


@pytest.mark.parametrize("packed", ["", ".gz"])
def test_spreadsheets_write_semicolons_and_decimal_commas(tmp_path, packed):
    path = tmp_path / f"a.csv{packed}"
    text = b"time;a;b\n2024-01-01 00:00;1,5;7\n2024-01-01 00:10;-2;8\n"
    path.write_bytes(gzip.compress(text) if packed else text)
    series = files.read(path)
    assert series["a"].tolist() == [1.5, -2.0] and series["b"].tolist() == [7.0, 8.0]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.tsv", "time\ta\n2024-01-01\t1,234\n2024-01-02\t5\n"),
        ("a.csv", "time;a;b\n2024-01-01;1,234;5.5\n2024-01-02;2;1.5\n"),
    ],
)
def test_a_comma_beside_tabs_or_decimal_points_is_no_decimal_comma(tmp_path, name, text):
    with pytest.raises(SeriesError, match="'1,234' in row 1 of a is no number"):
        files.read(csv(tmp_path / name, text))


def test_semicolons_and_tabs_go_with_decimal_points_too(tmp_path):
    for separator in ";\t":
        path = tmp_path / "a.csv"
        path.write_text(ROWS.replace(",", separator))
        assert files.read(path).equals(files.read(csv(tmp_path / "b.csv", ROWS)))


def test_the_time_column_can_be_named_and_stamps_are_no_features(tmp_path):
    text = "ts,when,a\n1,2019-06-01T00:00+02:00,5\n2,2019-06-01T01:00+02:00,6\n"
    series = files.read(csv(tmp_path / "a.csv", text), "when")
    assert list(series) == ["a"] and series.index[0] == pd.Timestamp("2019-05-31T22:00Z")


def test_truth_values_are_read_as_one_and_zero(tmp_path):
    text = (
        "time,open,gaps,mixed\n"
        "2019-06-01,True,,true\n2019-06-02,False,true,1\n2019-06-03,True,FALSE,0.5\n"
    )
    clean = "\n".join(line.rpartition(",")[0] for line in text.splitlines())
    series = files.read(csv(tmp_path / "a.csv", clean))
    np.testing.assert_equal(series.to_numpy(), [[1, np.nan], [0, 1], [1, 0]])
    series.astype({"open": bool}).to_parquet(tmp_path / "a.parquet")
    assert files.read(tmp_path / "a.parquet")["open"].tolist() == [1, 0, 1]
    with pytest.raises(SeriesError, match="'true' in row 1 of mixed is no number"):
        files.read(csv(tmp_path / "b.csv", text))


def test_epoch_seconds_are_times(tmp_path):
    series = files.read(csv(tmp_path / "a.csv", "ts,a\n1559347200.5,1\n1559347201.5,2\n"))
    assert series.index[0] == pd.Timestamp("2019-06-01T00:00:00.5Z")


def test_days_without_dashes_and_epoch_milliseconds_are_times(tmp_path):
    series = files.read(csv(tmp_path / "a.csv", "time,a\n20220101,1\n20220102,2\n"))
    assert series.index.tolist() == [pd.Timestamp(day, tz="UTC") for day in ("2022", "2022-01-02")]
    series = files.read(csv(tmp_path / "b.csv", "ts,a\n1559347200500,1\n1559347201500,2\n"))
    assert series.index[0] == pd.Timestamp("2019-06-01T00:00:00.5Z")
    series = files.read(csv(tmp_path / "c.csv", "ts,a\n20229901,1\n20229902,2\n"))
    assert series.index[0] == pd.Timestamp("1970-08-23T03:25:01Z")


def test_rows_that_are_longer_by_empty_cells_are_read_as_they_are_named(tmp_path):
    wanted = files.read(csv(tmp_path / "a.csv", ROWS))
    for number, text in enumerate([ROWS.replace("\n", ",\n"), f"{ROWS}2019-06-01 00:20,,,,,\n"]):
        given = text.replace("b,\n", "b\n", 1)
        series = files.read(csv(tmp_path / f"{number}.csv", given))
        pd.testing.assert_frame_equal(series[:2], wanted, check_freq=False)


def test_a_column_that_is_left_out_is_named(tmp_path, caplog):
    text = "time,a,host,mixed\n" + "".join(
        f"2019-06-0{day},{day},web,{cell}\n" for day, cell in enumerate("xy5z", 1)
    )
    with caplog.at_level("INFO", logger="mods"):
        assert list(files.read(csv(tmp_path / "a.csv", text))) == ["a"]
    told = {
        record.getMessage().partition("column ")[2]: record.levelname for record in caplog.records
    }
    assert told == {
        "host is left out: 4 of its 4 values are no numbers": "INFO",
        "mixed is left out: 3 of its 4 values are no numbers": "WARNING",
    }


def test_what_comes_twice_or_late_is_sorted_told_and_not_invented(tmp_path, caplog):
    text = "time,a\n" + "".join(
        f"2019-06-01T00:{minute}:00Z,{number}\n"
        for number, minute in enumerate(["00", "10", "20", "10", "40", "50"])
    )
    series = files.read(csv(tmp_path / "a.csv", text))
    np.testing.assert_equal(series["a"].to_numpy(), [0, 3, 2, np.nan, 4, 5])
    assert "1 stamps come again (the last row counts), 1 go backward" in caplog.text


def test_rows_keep_their_order_and_the_text_of_their_stamps(tmp_path):
    text = "timestamp,a\n2019-06-01 00:10,1\n2019-06-01 00:00,\n2019-06-01 00:10,3\n"
    table = files.rows(csv(tmp_path / "a.csv", text))
    assert table["timestamp"].tolist() == [
        "2019-06-01 00:10",
        "2019-06-01 00:00",
        "2019-06-01 00:10",
    ]
    np.testing.assert_equal(table["a"].to_numpy(), [1, np.nan, 3])
    assert files.moments(table)[1] == pd.Timestamp("2019-06-01T00:00Z")
    epoch = files.rows(csv(tmp_path / "b.csv", "ts,a\n1559347200.500,1\n"))
    assert epoch["ts"].tolist() == ["1559347200.500"]


def test_a_text_that_is_not_utf8_does_no_harm_to_the_numbers(tmp_path):
    (tmp_path / "a.csv").write_bytes(ROWS.encode().replace(b"x", b"\xff\xfe"))
    assert files.read(tmp_path / "a.csv")["a"].tolist() == [1, 2]


def test_an_infinite_value_is_missing_and_told(tmp_path, caplog):
    series = files.read(csv(tmp_path / "a.csv", ROWS.replace("0.5", "inf")))
    assert series["b"].isna().all() and "1 infinite values of b" in caplog.text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "cannot be read: No columns"),
        ("time,a\n", "holds no rows"),
        ("a,b\n1,2\n", "no time column time or timestamp or window_end or ts, but a, b"),
        ("time,a\n2019-06-01,x\n2019-06-02,y\n", "no numeric column"),
        ("time,a\nmonday,1\n2019-06-02,2\n", "'monday' in row 1 of time is no time"),
        ("time,a\n2019-06-01,1\n,2\n", "in row 2 of time is no time"),
        ("ts,a\n1,1\n1e300,2\n", "'1e300' in row 2 of ts is no time|'1' in row 1"),
        ("time,a\n2019-06-01,1\n2019-06-02,2\n2019-06-03,x\n", "'x' in row 3 of a is no number"),
        ("time,a\n2019-06-01,1\n", "1 rows have no step"),
        ("time,a\n2019-06-01,1\n2019-06-01,2\n", "no step"),
        ("time,a\n2019-06-01,1\n2019-06-02,2,3,4\n", "row 2 has more cells than the header, "),
        ("time,a\n2019-06-01,1,\n2019-06-02,2,3\n", "row 2 has more cells than the header, "),
        ("time,a\n2019-06-01,1,5\n2019-06-02,2,3\n", "row 1 has more cells.*, which names 2"),
        ("time,a\n2019-06-01,1" + ",1" * 99, "cannot be read: .* in line 2"),
        ("time,a\n2019-06-01,\xff\n\0", "cannot be read|no numeric|no time"),
    ],
)
def test_each_bad_file_is_one_line(tmp_path, text, reason):
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(SeriesError, match=reason) as caught:
        files.read(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_what_is_no_parquet_or_no_file(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(SeriesError, match="cannot be read"):
        files.read(tmp_path / "a.parquet")
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(ROWS.encode())[:-12])
    with pytest.raises(SeriesError, match="cannot be read"):
        files.read(tmp_path / "a.csv.gz")
    with pytest.raises(SeriesError, match="no such file"):
        files.read(tmp_path / "nowhere.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(SeriesError, match="cannot be read"):
        files.read(tmp_path / "folder.csv")
    with pytest.raises(SeriesError, match="no time column when.*--time_column"):
        files.read(csv(tmp_path / "a.csv", ROWS), "when")


def test_whole_numbers_beyond_what_a_float_holds_are_missing(tmp_path, caplog):
    rows = (
        f"time,a,b\n2019-06-01T00:00Z,{10**400},1\n2019-06-01T00:10Z,2,2\n2019-06-01T00:20Z,3,3\n"
    )
    (tmp_path / "a.csv").write_text(rows)
    read = files.read(tmp_path / "a.csv")
    assert read["a"].isna().tolist() == [True, False, False]
    assert "1 infinite values of a" in caplog.text


def test_stamps_beyond_the_calendar_name_their_row(tmp_path):
    times = [0, 10**15]
    table = pa.table({"time": pa.array(times, pa.timestamp("ms", "UTC")), "a": [1.0, 2.0]})
    pq.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(SeriesError, match="row 2 of time lies beyond the year 9999"):
        files.read(tmp_path / "a.parquet")
