"""One library trains one network on one series and forecasts what comes later.

    python -m benchmarks.peers cut POOL RANGE FILE.npz
    python -m benchmarks.peers mods|neuralforecast|darts LSTM|TCN FILE.npz

The series goes into a file once; its last tenth is forecast, every step an origin, 12 steps ahead,
and scored beside persistence (mean of the features of MAE / MAE). Prints seconds for both.
"""

from __future__ import annotations

import json
import logging
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

LEADS, PAST, UNITS, BATCH = 12, 36, 32, 256
EPOCHS = {"mods": 2, "darts": 4}  # mods is ahead after two; the others gain nothing from more
STEPS = 700


def cut(pool: str, wanted: str, path: str) -> None:
    """The series of a time range, gaps filled by the last value, for all alike."""
    from mods.config import Config
    from mods.flows import source
    from mods.request import Source
    from mods.series import ranges
    from mods.timerange import TimeRange

    series = ranges.held(source.series(Source(data=pool), Config()), TimeRange.parse(wanted))
    np.savez(path, values=series.ffill().bfill().to_numpy(float), names=np.array(list(series)))


def frame(path: str) -> pd.DataFrame:
    """The series, its stamps anew: the peers want no holes."""
    with np.load(path) as held:
        values, names = held["values"], held["names"].tolist()
    index = pd.date_range("2019-01-01", periods=len(values), freq="10min", name="time")
    return pd.DataFrame(values, index, names)


def mods(kind: str, series: pd.DataFrame, begin: int) -> np.ndarray:
    """Forecasts (origins, leads, features) by mods, with its own early stopping."""
    from mods.models.forecaster import Forecaster

    series = series.tz_localize("UTC")
    series.attrs["window"] = "w01h-s10m"
    settings = {"sequence_len": PAST, "steps_ahead": LEADS, "blocks": UNITS, "batch_size": BATCH}
    settings["num_epochs"] = EPOCHS["mods"]
    forecaster = Forecaster(model_type=kind, **settings).fit(series.iloc[:begin])
    return forecaster.backtest(series, series.index[begin - 1 : -LEADS]).values


def neuralforecast(kind: str, series: pd.DataFrame, begin: int) -> np.ndarray:
    """The same by neuralforecast: one global model over the features, scaled by window."""
    from neuralforecast import NeuralForecast
    from neuralforecast.losses.pytorch import MAE
    from neuralforecast.models import LSTM, TCN

    sized = {"encoder_hidden_size": UNITS, "decoder_hidden_size": UNITS}
    quiet = {"enable_progress_bar": False, "logger": False, "enable_checkpointing": False}
    model = {"LSTM": LSTM, "TCN": TCN}[kind](
        h=LEADS, input_size=PAST, max_steps=STEPS, loss=MAE(), scaler_type="robust",
        batch_size=series.shape[1], windows_batch_size=BATCH, random_seed=0, **sized, **quiet,
    )  # fmt: skip
    long = series.melt(ignore_index=False, var_name="unique_id", value_name="y").reset_index()
    long = long.rename(columns={"time": "ds"})
    test = len(series) - begin
    found = NeuralForecast([model], freq="10min").cross_validation(
        long, n_windows=None, test_size=test, step_size=1
    )
    named = [found[found["unique_id"] == name][kind].to_numpy() for name in series]
    return np.stack(named, axis=1).reshape(-1, LEADS, series.shape[1])


def darts(kind: str, series: pd.DataFrame, begin: int) -> np.ndarray:
    """The same by darts: one global model over the features, standardised."""
    from darts import TimeSeries
    from darts.models import BlockRNNModel, TCNModel

    scale, centre = series.iloc[:begin].std(), series.iloc[:begin].mean()
    scaled = (series - centre) / scale
    all_of = [TimeSeries.from_series(scaled[name].astype(np.float32)) for name in series]
    quiet = {"enable_progress_bar": False, "accelerator": "cpu", "enable_model_summary": False}
    shared = {"input_chunk_length": PAST, "output_chunk_length": LEADS, "batch_size": BATCH,
              "random_state": 0, "n_epochs": EPOCHS["darts"],
              "pl_trainer_kwargs": quiet}  # fmt: skip
    model = (
        BlockRNNModel("LSTM", hidden_dim=UNITS, **shared)
        if kind == "LSTM"
        else TCNModel(num_filters=UNITS, kernel_size=2, **shared)
    )
    model.fit([one[:begin] for one in all_of])
    paths = []
    for one, name in zip(all_of, series, strict=True):
        found = model.historical_forecasts(
            one[begin - PAST :], forecast_horizon=LEADS, stride=1, retrain=False,
            last_points_only=False,
        )  # fmt: skip
        paths.append(np.stack([path.values()[:, 0] for path in found]) * scale[name] + centre[name])
    return np.stack(paths, axis=2)


def scored(series: pd.DataFrame, begin: int, forecasts: np.ndarray) -> float:
    """Mean over features and leads of MAE / MAE of persistence; origins from begin - 1 on."""
    values = series.to_numpy()
    at = np.arange(begin - 1, len(values) - LEADS)
    actual = values[at[:, None] + np.arange(1, LEADS + 1)]
    missed = np.abs(forecasts[: len(at)] - actual).mean(axis=0)
    return float((missed / np.abs(values[at][:, None] - actual).mean(axis=0)).mean())


def main(way: str, *words: str) -> None:
    """Run one contender; the last line says what it took."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    if way == "cut":
        cut(*words)
        return
    kind, path = words
    series = frame(path)
    begin = len(series) * 9 // 10
    ways: dict[str, Callable[[str, Any, int], np.ndarray]] = {
        "mods": mods, "neuralforecast": neuralforecast, "darts": darts,
    }  # fmt: skip
    start = time.process_time(), time.perf_counter()
    forecasts = ways[way](kind, series, begin)
    cpu, wall = time.process_time() - start[0], time.perf_counter() - start[1]
    print(json.dumps({"cpu": cpu, "wall": wall, "error": scored(series, begin, forecasts)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
