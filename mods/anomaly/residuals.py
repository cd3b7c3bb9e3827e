"""What was forecast against what came, step by step, and how large a difference is usual."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mods.errors import SeriesError
from mods.series.forecast import Forecast

LEAD = 6


def lead_of(forecast: Forecast) -> int:
    """The lead whose residual is scored: six steps, or as far as the forecast reaches.

    Windows overlap, so that a forecast one step ahead has already absorbed most of an anomaly.
    """
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


def usual_size(missed: pd.DataFrame) -> pd.Series:
    """The usual size per column; 1 where all are zero.

    The median absolute value; where more than half are exactly zero, the mean.
    """
    size = missed.abs()
    usual = size.median().where(size.median() > 0, size.mean())
    return usual.where(usual > 0, 1.0)
