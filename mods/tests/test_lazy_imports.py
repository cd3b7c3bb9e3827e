"""Asking for help costs nothing: neither Keras nor pandas nor TensorFlow nor numpy is loaded."""

from __future__ import annotations

import subprocess
import sys

import pytest

from mods.tests.conftest import rhythm

HEAVY = ("keras", "tensorflow", "jax", "onnxruntime", "pandas", "numpy", "pyarrow", "duckdb",
         "ibis", "sqlglot", "sklearn", "matplotlib", "deepaas")  # fmt: skip


def loaded(code: str, *words: str) -> set[str]:
    """Which heavy packages a fresh interpreter has loaded after the code."""
    heavy = f"[name for name in {HEAVY!r} if name in sys.modules]"
    ask = f"\nimport sys; print('loaded', *{heavy}, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", code + ask, *words], capture_output=True, text=True, check=True
    )
    return set(done.stderr.splitlines()[-1].split()[1:])


RUN = """
import sys
from mods.cli import main
try:
    code = main(sys.argv[1:])
except SystemExit as stop:
    code = stop.code
assert not code, code
"""


def test_the_probe_sees_what_is_loaded():
    assert "numpy" in loaded("import numpy")


@pytest.mark.parametrize(
    "module", ["mods", "mods.settings", "mods.config", "mods.request", "mods.cli", "mods.paths"]
)
def test_importing_loads_nothing_heavy(module):
    assert loaded(f"import {module}") == set()


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["train", "--help"]])
def test_help_loads_nothing_heavy(words):
    assert loaded(RUN, *words) == set()


def test_features_and_records_never_load_a_network():
    assert not {"keras", "tensorflow"} & loaded("import mods.dataset.demo_traffic, mods.features")


def test_a_forecast_of_a_file_loads_neither_an_engine_nor_what_trains(shelf, tmp_path):
    file, names = tmp_path / "load.csv", ["conn_in", "conn_out", "dns_in_distinct", "ssh_in"]
    rhythm().set_axis(names, axis=1).rename_axis("time").to_csv(file)
    found = loaded(RUN, "predict", "small", str(file), "--models", str(shelf))
    assert "numpy" in found
    assert not {"ibis", "duckdb", "sqlglot", "keras", "tensorflow"} & found


def test_the_package_runs_as_a_module():
    done = subprocess.run(
        [sys.executable, "-m", "mods", "--help"], capture_output=True, text=True, check=True
    )
    assert "prepare" in done.stdout
    assert done.stderr == ""


def test_the_public_names_are_found_and_listed():
    import mods

    assert "Datapool" in dir(mods)
    with pytest.raises(AttributeError, match="no attribute 'Nonsense'"):
        mods.Nonsense  # noqa: B018
