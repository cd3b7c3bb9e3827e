"""The engine: its limits are checked, its traces removed."""

import gc
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import pytest

from mods.errors import InputError, ResourceError, SettingError
from mods.features.engines import duckdb as engine


@pytest.mark.parametrize("memory", ["lots", "4", "-1GB", "80%", "4GB; DROP TABLE x", ""])
def test_what_is_no_amount_of_memory_is_refused(memory):
    with pytest.raises(SettingError, match=r"no amount of memory.*as in 4GB"):
        engine.connect(memory)


def test_time_is_utc_and_the_spill_folder_goes_with_the_connection():
    with engine.connected("200MB") as con:
        settings = "current_setting('TimeZone'), current_setting('temp_directory')"
        zone, folder = con.con.sql(f"SELECT {settings}").fetchall()[0]
        assert zone == "UTC" and Path(folder).parent == Path(tempfile.gettempdir())
        assert Path(folder).is_dir()
    assert not Path(folder).exists()
    gc.collect()


def test_what_a_killed_process_spilled_goes_with_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    code = (
        "import os, signal, tempfile; from mods.features.engines import duckdb\n"
        f"tempfile.tempdir = {str(tmp_path)!r}\n"
        "with duckdb.connected(): os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode < 0
    assert len(list(tmp_path.iterdir())) == 1
    with engine.connected():
        assert len(list(tmp_path.iterdir())) == 1
    assert not list(tmp_path.iterdir())


def test_failures_of_the_engine_become_one_line_of_ours():
    full = engine.explain(duckdb.OutOfMemoryException("too much\ndetails"), "/logs")
    assert isinstance(full, ResourceError) and "--memory" in full.fix
    other = engine.explain(duckdb.ConversionException("bad value\ndetails"), "/logs")
    assert isinstance(other, InputError) and "bad value" in str(other)
    assert "details" not in str(full) + str(other)


def test_the_engine_gets_what_the_process_leaves_of_the_memory():
    with engine.connected("4GB") as con:
        limit = con.con.sql("SELECT current_setting('memory_limit')").fetchall()[0][0]
    number, unit = limit.split()
    given = float(number) * {"MiB": 2**20, "GiB": 2**30}[unit]
    left = 4e9 - engine.resident() - engine.BESIDE
    assert 1e9 <= given <= 4e9 - engine.BESIDE and abs(given - max(left, 1e9)) < 3e8
