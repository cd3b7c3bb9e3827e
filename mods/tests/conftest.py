"""What several rooms' tests share: a small datapool with a rhythm, and a model trained on it."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, settings

# The same cases every time: a run that fails can be repeated, a loaded machine fails none. Other
# cases are what the environment `fuzz` is for.
settings.register_profile(
    "steady",
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
settings.load_profile("steady")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

WINDOW = "w01h-s10m"
DAYS = 9


def rhythm(days: int = DAYS, seed: int = 0) -> pd.DataFrame:
    """Window sums of Poisson panes whose rate follows the hour; rows are window starts."""
    rng = np.random.default_rng(seed)
    pane = np.arange(days * 144 + 5)
    rate = 100 + 60 * np.sin(2 * np.pi * pane / 144) + 30 * np.sin(2 * np.pi * pane / 36)
    sums = {
        name: np.convolve(rng.poisson(rate * size), np.ones(6), "valid").astype(int)
        for name, size in (("conn_in", 5.0), ("conn_out", 2.0), ("dns", 0.3), ("ssh", 0.5))
    }
    starts = pd.date_range("2024-03-04", periods=days * 144, freq="10min", tz="UTC")
    return pd.DataFrame(sums, starts.rename("window_start"))


@pytest.fixture(scope="session")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine days of the default query's columns, in the folder layout."""
    from mods.features.datapool import write
    from mods.window import Window

    counts = rhythm().astype("Int64")
    tables = {
        "conn": counts[["conn_in", "conn_out"]].set_axis(["in_count_uid", "out_count_uid"], axis=1),
        "dns": counts[["dns"]].set_axis(["in_distinct_query"], axis=1),
        "ssh": counts[["ssh"]].set_axis(["in"], axis=1),
    }
    place = tmp_path_factory.mktemp("pool") / "features"
    window = Window.parse(WINDOW)
    write(place, tables, window, layout="folders", local_networks=(), catalogue="test")
    return place


@pytest.fixture(scope="session")
def shelf(pool: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder that holds one trained model, `small`."""
    from mods.config import Config
    from mods.flows.train import train
    from mods.request import Source, TrainRequest

    place = tmp_path_factory.mktemp("models")
    config = Config(model_type="Conv1D", steps_ahead=3, sequence_len=12, blocks=4, num_epochs=3)
    train(config, TrainRequest(model_name="small"), Source(data=str(pool), models=str(place)))
    return place


@pytest.fixture(autouse=True)
def _loud():
    """A test that runs a command quietly leaves the log as it was: others read what it says."""
    log = logging.getLogger("mods")
    before = log.level
    yield
    log.setLevel(before)
