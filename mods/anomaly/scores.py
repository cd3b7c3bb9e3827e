"""How far reality is from what was forecast: two signed scores per feature, without look-ahead.

`surprise` is the residual several steps ahead against its usual size: a burst or an outage is seen
at once. `level` is the exponential mean of the same residuals, each clipped: a slow or lasting
departure adds up while one burst cannot. Windows overlap, so that a forecast one step ahead has
already absorbed most of an anomaly; the residual is therefore taken up to six steps ahead.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from mods.errors import SeriesError
from mods.series.forecast import Forecast

KINDS = ("surprise", "level")
LEAD = 6
CLIP = 2.0
MEMORY = 36
SCALE_MEMORY = 1008
SCALE_LEAST = 72
SCALE_FLOOR = 0.1
HIGHEST = 1e6
REACH = SCALE_MEMORY + 16 * MEMORY + LEAD


def lead_of(forecast: Forecast) -> int:
    """The lead whose residual is scored: six steps, or as far as the forecast reaches."""
    return int(min(LEAD, forecast.values.shape[1]))


def expected(forecast: Forecast, index: pd.DatetimeIndex, lead: int) -> pd.DataFrame:
    """What was forecast for each time of `index` `lead` steps before; NaN where nothing was."""
    targets = forecast.origins + lead * forecast.step
    columns = list(forecast.features)
    table = pd.DataFrame(forecast.values[:, lead - 1, :], targets, columns)
    return table[~table.index.duplicated(keep="last")].reindex(index)


def residuals(series: pd.DataFrame, forecast: Forecast) -> pd.DataFrame:
    """Actual minus forecast at each step of the series, NaN where either is not known."""
    absent = [name for name in forecast.features if name not in series.columns]
    if absent:
        raise SeriesError(
            "is forecast but not in the series",
            where=absent[0],
            fix=f"The series has {', '.join(map(str, series.columns))}",
        )
    actual = series[list(forecast.features)].astype(float)
    missed = actual - expected(forecast, pd.DatetimeIndex(series.index), lead_of(forecast))
    return missed.where(np.isfinite(missed))


def undisturbed(series: pd.DataFrame, near: int) -> pd.DataFrame:
    """The series without the steps that lie at most `near` steps from missing data of a feature."""
    absent = series.isna().astype(float)
    around = absent.rolling(2 * near + 1, min_periods=1, center=True).max()
    return series.where(around == 0)


def calm_scale(missed: pd.DataFrame) -> pd.Series:
    """The usual size of a residual per feature; 1 where a feature never missed.

    The median absolute residual; where more than half are exactly zero, the mean.
    """
    size = missed.abs()
    usual = size.median().where(size.median() > 0, size.mean())
    return usual.where(usual > 0, 1.0)


def local_scale(missed: pd.DataFrame, calm: pd.Series) -> pd.DataFrame:
    """The usual size of a residual over the week before each step (the step itself left out).

    It is the calm one until half a day was seen, and never below a tenth of the calm one.
    """
    before = missed.abs().shift(1)
    local = before.rolling(SCALE_MEMORY, min_periods=SCALE_LEAST).median()
    return local.fillna(calm).clip(lower=calm * SCALE_FLOOR, axis=1)


def signed(series: pd.DataFrame, forecast: Forecast, calm: pd.Series) -> pd.DataFrame:
    """Columns (feature, kind), one row per step: above 0 for too much, below for too little.

    NaN where nothing can be scored: no value, no forecast. `calm` is what `calm_scale` gave.
    """
    missed = residuals(series, forecast)
    relative = missed / local_scale(missed, calm)
    found = {
        "surprise": relative.clip(-HIGHEST, HIGHEST),
        "level": _mean(relative.clip(-CLIP, CLIP)).where(relative.notna()),
    }
    table = pd.concat(found, axis=1).swaplevel(axis=1)
    return table[[(name, kind) for name in forecast.features for kind in KINDS]]


def _mean(relative: pd.DataFrame) -> pd.DataFrame:
    """Exponential mean that begins at 0; a step without a value counts as 0."""
    start = pd.DataFrame(0.0, [-1], relative.columns)
    steps = relative.fillna(0.0).set_axis(range(len(relative)))
    mean = pd.concat([start, steps]).ewm(span=MEMORY, adjust=False).mean()
    return mean.iloc[1:].set_axis(relative.index)


def scores(series: pd.DataFrame, forecast: Forecast, calm: pd.Series) -> pd.DataFrame:
    """As `signed`, but sizes: finite and not below 0; 0 in gaps, warm-up and rows without value."""
    return signed(series, forecast, calm).abs().fillna(0.0)
