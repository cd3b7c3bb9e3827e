import numpy as np
import pandas as pd
import pytest

import mods
from mods.config import Config
from mods.errors import DatapoolError, InputError, SeriesError
from mods.features.datapool import write
from mods.flows import source
from mods.request import Source
from mods.series import ranges

QUERY = "ssh|in~ssh_in"


@pytest.fixture
def pool(tmp_path):
    starts = pd.date_range("2019-06-01", periods=6, freq="10min", tz="UTC", name="window_start")
    ssh = pd.DataFrame({"in": pd.array(range(6), "Int64")}, starts)
    networks = ("10.0.0.0/8",)
    where = tmp_path / "data" / "features"
    window = mods.Window.parse("w01h-s10m")
    write(where, {"ssh": ssh}, window, layout="daily", local_networks=networks, catalogue="1")
    return where


def test_a_datapool_is_selected_by_query_window_and_range(pool):
    config = Config(data_select_query=QUERY)
    left_out = ["<2019-06-01T00:10,2019-06-01T00:30)"]
    series = source.series(Source(data=str(pool)), config, excluded=left_out)
    np.testing.assert_equal(series["ssh_in"].to_numpy(), [0, np.nan, np.nan, 3, 4, 5])
    one_zip = Source(data=str(pool / "2019-06-01.zip"))
    assert len(source.series(one_zip, config)) == 6
    with pytest.raises(DatapoolError, match="no windows w10m-s10m, but w01h-s10m"):
        source.series(Source(data=str(pool)), Config(window_slide="w10m-s10m"))


def test_a_file_is_selected_by_its_stamps(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("when,a\n" + "".join(f"2019-06-01T00:{m}0,{m}\n" for m in range(6)))
    where = Source(data=str(path), time_column="when")
    series = source.series(where, Config(), excluded=["<2019-06-01T00:10,2019-06-01T00:20)"])
    np.testing.assert_equal(series["a"].to_numpy(), [0, np.nan, 2, 3, 4, 5])
    assert len(source.series(where, Config())) == 6
    with pytest.raises(SeriesError, match=r"a\.csv: no step lies in <2020,2021\). It reaches from"):
        ranges.held(series, "<2020,2021)")


def test_without_data_the_default_datapool_is_read(pool, monkeypatch):
    monkeypatch.setenv("APP_INPUT_OUTPUT_BASE_DIR", str(pool.parent.parent))
    assert len(source.series(Source(), Config(data_select_query=QUERY))) == 6


def test_a_missing_datapool_is_told_how_to_make_one(tmp_path):
    with pytest.raises(InputError, match="mods prepare LOGS --output .*nowhere"):
        source.series(Source(data=str(tmp_path / "nowhere")), Config())


def test_the_default_datapool_is_made_without_naming_its_place(tmp_path, monkeypatch):
    monkeypatch.setenv("APP_INPUT_OUTPUT_BASE_DIR", str(tmp_path))
    with pytest.raises(InputError, match=r"mods prepare LOGS\.$"):
        source.series(Source(), Config())


def test_a_folder_is_a_datapool_whatever_its_name(tmp_path):
    (tmp_path / "pool.csv").mkdir()
    assert not source.is_table(tmp_path / "pool.csv")
    assert source.is_table(tmp_path / "a.CSV") and source.is_table("a.parquet")
    assert not source.is_table("2019-06.zip")


def test_a_file_calls_its_steps_by_its_own_stamps(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("time,a\n" + "".join(f"2019-06-01T00:{m}0:0{m}Z,{m}\n" for m in range(6)))
    where = Source(data=str(path))
    series = source.series(where, Config(), step=pd.Timedelta("10min"))
    called = source.stamps(where, series.index, pd.Timedelta("10min"))
    assert [f"{stamp:%M:%S}" for stamp in called] == [f"{m}0:0{m}" for m in range(6)]


def test_what_is_no_data_is_not_called_a_broken_zip(tmp_path):
    (tmp_path / "a.txt").write_text("hello")
    with pytest.raises(InputError, match="neither a datapool nor a CSV"):
        source.series(Source(data=str(tmp_path / "a.txt")), Config())
