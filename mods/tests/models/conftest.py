"""A small series that can be learnt: half-hour windows every ten minutes over a rhythm of 24."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mods.models.forecaster import Forecaster

WINDOW = "w30m-s10m"
SMALL = {
    "sequence_len": 8,
    "steps_ahead": 3,
    "blocks": 8,
    "num_epochs": 4,
    "batch_size": 64,
    "learning_rate": 0.01,
}


def learnable(steps: int = 900, seed: int = 0) -> pd.DataFrame:
    """Two features, window sums of three Poisson panes each."""
    rng = np.random.default_rng(seed)
    pane = np.arange(steps + 2)
    rate = 100 + 60 * np.sin(2 * np.pi * pane / 24)
    sums = {
        name: np.convolve(rng.poisson(rate * size), np.ones(3), "valid")
        for name, size in (("conn_in", 5.0), ("ssh_in", 0.5))
    }
    index = pd.date_range("2024-03-04", periods=steps, freq="10min", tz="UTC", name="time")
    series = pd.DataFrame(sums, index, dtype=float)
    series.attrs["window"] = WINDOW
    return series


@pytest.fixture(scope="session")
def series() -> pd.DataFrame:
    return learnable()


@pytest.fixture(scope="session")
def forecaster(series: pd.DataFrame) -> Forecaster:
    """Trained on the first 700 steps."""
    return Forecaster(model_type="MLP", **SMALL).fit(series.iloc[:700])
