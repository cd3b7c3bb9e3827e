"""What is compared: the trained detector, each of its scores alone, chance, and simple ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

import mods
from mods.anomaly.detector import Detector
from mods.flows import detect, train
from mods.flows.calm import Lessons, learn
from mods.flows.model import Model
from mods.flows.silence import Feedback
from mods.models.forecaster import Forecaster
from mods.request import PredictRequest, Source, TrainRequest

DAY, DAYS_3 = 144, 432
Simple = Callable[[pd.DataFrame], pd.DataFrame]


def fit(data: Path, models: Path, *, epochs: int, steps_ahead: int) -> Forecaster:
    """`mods train` with its default network on the whole training part, saved as `month`."""
    config = mods.Config(num_epochs=epochs, steps_ahead=steps_ahead)
    series = read(data)
    begin, end = (moment.isoformat() for moment in (series.index[0], series.index[-1]))
    request = TrainRequest(model_name="month", train_time_range=f"<{begin},{end}>")
    train.train(config, request, Source(data=str(data), models=str(models)))
    return mods.load(models / "month.zip")[0]


def budgeted(forecaster: Forecaster, data: Path, budget: float) -> Detector:
    """The detector for a budget, learnt as `mods train` does: calm is the last tenth."""
    series = read(data)[list(forecaster.features)]
    forecast, cut = forecaster.backtest(series), len(series) * 9 // 10
    lessons = Lessons(series, series.iloc[cut:], forecast, series, (series.iloc[:cut], forecast))
    model = Model("budget", data, forecaster, None)
    return learn(model, lambda: Detector(budget), lessons, Feedback())[0]


def rows(name: str, data: Path, models: Path) -> pd.DataFrame:
    """`mods detect NAME --data data`."""
    request = PredictRequest(model_name=name)
    return detect.detect(request, Source(data=str(data), models=str(models))).table()


def read(path: Path) -> pd.DataFrame:
    """A CSV of the month."""
    frame = pd.read_csv(path, index_col="time", parse_dates=True)
    return frame.asfreq(frame.index[1] - frame.index[0])


def simple(name: str, data: Path, training: pd.DataFrame) -> np.ndarray:
    """The largest of the features' departures, each in its usual size on the training part."""
    whole = pd.concat([training, read(data)])
    away = SIMPLE[name](whole).abs()
    usual = away.iloc[: len(training)].median()
    return (away / usual).max(axis=1).fillna(0.0).to_numpy()[len(training) :]


def random(names: Mapping[str, Path]) -> dict[str, np.ndarray]:
    """Chance."""
    rng = np.random.default_rng(0)
    return {name: rng.random(len(read(path))) for name, path in names.items()}


SIMPLE: dict[str, Simple] = {
    "persistence residual": lambda x: x.diff(),
    "seasonal naive, day": lambda x: x - x.shift(DAY),
    "EWMA level, 3 days": lambda x: x.ewm(span=DAY // 4).mean() - x.ewm(span=DAYS_3).mean(),
}
