import numpy as np
import pandas as pd
import pytest

import mods
from mods.config import Config
from mods.errors import DatapoolError, InputError, SeriesError
from mods.features.datapool import write
from mods.flows import source
from mods.request import Source

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
    chosen = "<2019-06-01T00:10,2019-06-01T00:30)"
    series = source.series(Source(data=str(pool)), config, chosen, ["<2019-06-01T00:20,2020)"])
    np.testing.assert_equal(series["ssh_in"].to_numpy(), [1, np.nan])
    one_zip = Source(data=str(pool / "2019-06-01.zip"))
    assert len(source.series(one_zip, config)) == 6
    with pytest.raises(DatapoolError, match="no windows w10m-s10m, but w01h-s10m"):
        source.series(Source(data=str(pool)), Config(window_slide="w10m-s10m"))


def test_a_file_is_selected_by_its_stamps(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("when,a\n" + "".join(f"2019-06-01T00:{m}0,{m}\n" for m in range(6)))
    where = Source(data=str(path), time_column="when")
    chosen = "<2019-06-01T00:10,2019-06-01T00:30)"
    series = source.series(where, Config(), chosen, ["<2019-06-01T00:20,2020)"])
    np.testing.assert_equal(series["a"].to_numpy(), [1, np.nan])
    assert len(source.series(where, Config())) == 6
    with pytest.raises(SeriesError, match=r"a\.csv: no step lies in <2020,2021\). It reaches from"):
        source.series(where, Config(), "<2020,2021)")


def test_without_data_the_default_datapool_is_read(pool, monkeypatch):
    monkeypatch.setenv("APP_INPUT_OUTPUT_BASE_DIR", str(pool.parent.parent))
    assert len(source.series(Source(), Config(data_select_query=QUERY))) == 6


def test_a_missing_datapool_is_told_how_to_make_one(tmp_path):
    with pytest.raises(InputError, match="mods prepare LOGS --output .*nowhere"):
        source.series(Source(data=str(tmp_path / "nowhere")), Config())


def test_a_folder_is_a_datapool_whatever_its_name(tmp_path):
    (tmp_path / "pool.csv").mkdir()
    assert not source.is_table(tmp_path / "pool.csv")
    assert source.is_table(tmp_path / "a.CSV") and source.is_table("a.parquet")
    assert not source.is_table("2019-06.zip")
