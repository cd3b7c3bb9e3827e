"""What is compared: mods online, chance, and what costs a line or two. None looks ahead."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd

from benchmarks.nab.corpus import Labelled
from mods.anomaly.online import OnlineDetector

WINDOW = 6400


def mods_online(one: Labelled) -> np.ndarray:
    """`mods detect --online` as it is."""
    frame = pd.DataFrame({"value": one.values}, one.times)
    return OnlineDetector(probation=one.probation).run(frame)["anomaly_score"].to_numpy()


def random(one: Labelled) -> np.ndarray:
    """Chance."""
    return np.random.default_rng(0).random(len(one))


def persistence(one: Labelled) -> np.ndarray:
    """The change since the row before, among all changes so far."""
    return _normal(pd.Series(one.values).diff().fillna(0.0))


def windowed_gaussian(one: Labelled) -> np.ndarray:
    """The value among the last 6,400."""
    return _normal(pd.Series(one.values))


def minimum_maximum(one: Labelled) -> np.ndarray:
    """How far the value lies outside the range so far, in widths of that range."""
    values = one.values
    highest = np.maximum.accumulate(values)[:-1]
    lowest = np.minimum.accumulate(values)[:-1]
    outside = np.maximum(np.maximum(values[1:] - highest, lowest - values[1:]), 0.0)
    excess = np.append(0.0, outside / np.maximum(highest - lowest, 1e-9))
    return excess / (1 + excess)


def _normal(values: pd.Series) -> np.ndarray:
    """One minus the two-sided normal tail of each value, by the mean and spread of those before."""
    before = values.shift(1).rolling(WINDOW, min_periods=30)
    spread = before.std().clip(lower=1e-6)
    distance = ((values - before.mean()) / spread).abs().fillna(0.0)
    # -log10 of the tail, bounded: the tail itself would be 0, and all that is rare alike
    rarity = np.array([-math.log10(max(math.erfc(z / math.sqrt(2)), 1e-300)) for z in distance])
    return 1 - 2 ** (-rarity / 4)


DETECTORS: dict[str, Callable[[Labelled], np.ndarray]] = {
    "mods detect --online": mods_online,
    "running minimum and maximum": minimum_maximum,
    "windowed Gaussian": windowed_gaussian,
    "persistence residual": persistence,
    "random": random,
}
