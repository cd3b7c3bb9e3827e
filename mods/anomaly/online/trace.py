"""Trace: what online detection expected of each row before it came, to explain its events by."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mods.anomaly.online.detector import OnlineDetector
from mods.anomaly.online.events import rarity, usual_step
from mods.anomaly.online.feature import KINDS
from mods.series.forecast import LEVELS, Forecast


def trace(detector: OnlineDetector, frame: pd.DataFrame) -> Forecast:
    """Run a fresh detector over a frame again; forecasts of one step, NaN during probation.

    Of stamps that come again the last row counts. The bounds of what was never below 0 are not.
    """
    names = tuple(map(str, frame))
    values = np.full((len(frame), 1, len(names)), np.nan)
    lower, upper = ({level: values.copy() for level in LEVELS} for _ in range(2))
    for row, (time, seen) in enumerate(zip(frame.index, frame.to_numpy(float), strict=True)):
        for place, name in enumerate(names):
            hoped = detector.outlook(time, name, LEVELS)
            if hoped is None:
                continue
            values[row, 0, place] = hoped.value
            for level, (low, high) in hoped.bands.items():
                lower[level][row, 0, place], upper[level][row, 0, place] = low, high
        detector.update(time, dict(zip(names, seen.tolist(), strict=True)))
    counts = (frame.cummin().shift(1).ffill() >= 0).to_numpy()[:, None]
    for one in (values, *lower.values(), *upper.values()):
        one[counts & (one < 0)] = 0.0
    step = usual_step(pd.DatetimeIndex(frame.index))
    whole = Forecast(pd.DatetimeIndex(frame.index) - step, names, step, values, lower, upper)
    once = ~frame.index.duplicated(keep="last")
    return whole.at(np.flatnonzero(once)[frame.index[once].argsort()])


def scores(found: pd.DataFrame, series: pd.DataFrame, hoped: Forecast) -> pd.DataFrame:
    """By (time, feature) as `Detector.explain` tells it: the score is in thresholds.

    found:  rows of `OnlineDetector.run`, by time, each once; a row tells of one feature alone
    """
    limits = [max(rarity(one), 1e-9) for one in found["threshold"]]
    sizes = np.array([rarity(one) for one in found["anomaly_score"]]) / limits
    parts = {}
    for place, name in enumerate(hoped.features):
        mine = (found["feature"] == name).to_numpy()
        kinds = {k: np.where(mine & (found["kind"] == k), sizes, 0.0) for k in KINDS}
        seen = {"actual": series[name].to_numpy(float), "forecast": hoped.values[:, 0, place]}
        best = {"score": np.where(mine, sizes, 0.0), "kind": np.where(mine, found["kind"], "")}
        parts[name] = pd.DataFrame({**seen, **kinds, **best}, series.index)
    return pd.concat(parts, names=["feature", "time"]).swaplevel().sort_index(level="time")
