"""The rows of a file under detection: each is scored by its own value, in the order they came.

Stamps may be irregular, come again or go backward. Each row goes to the nearest step of the model;
the first row of a step makes the series, a later one never changes what was said of earlier rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mods.anomaly import threshold
from mods.anomaly.detector import Detector
from mods.flows.silence import blanked
from mods.request import Source
from mods.series import contract, files
from mods.series.forecast import Forecast
from mods.timerange import TimeRange

MOST_LAYERS = 200


@dataclass(frozen=True, eq=False)
class Rows:
    """A file's rows, their times, the step each goes to, and how many came before it there."""

    stamps: pd.Series
    values: pd.DataFrame
    moments: pd.DatetimeIndex
    place: np.ndarray
    layer: np.ndarray
    series: pd.DataFrame


def read(source: Source, step: pd.Timedelta) -> Rows:
    """The rows of a CSV or Parquet file on the model's steps; SeriesError for what is none."""
    path = str(source.data)
    table = files.rows(path, source.time_column)
    moments = files.moments(table, path)
    contract.same_step(moments, step, path)
    values = table.iloc[:, 1:].set_axis(moments, axis=0).astype(float)
    grid = contract.regular(values, step).index
    place = grid.get_indexer(moments, method="nearest")
    layer = pd.Series(place).groupby(place).cumcount().to_numpy()
    series = pd.DataFrame(np.nan, grid, values.columns)
    series.iloc[place[layer == 0]] = values.to_numpy()[layer == 0]
    series.attrs["source"] = path
    return Rows(table.iloc[:, 0], values, moments, place, layer, contract.check(series))


def scored(
    rows: Rows,
    detector: Detector,
    forecast: Forecast,
    watched: pd.DataFrame,
    *,
    wanted: TimeRange | None,
    mask: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """One row per row of the file (in the range), in its order; a row without a value scores 0.

    mask:  steps (rows) and features (columns) that are taken for unknown
    """
    steps = watched.index.get_indexer(rows.series.index[rows.place])
    asked = np.ones(len(steps), bool) if wanted is None else np.asarray(wanted.holds(rows.moments))
    kept = np.flatnonzero((steps >= 0) & asked)
    layers = np.minimum(rows.layer, MOST_LAYERS)
    parts = []
    for layer in np.unique(layers[kept]):
        mine = kept[layers[kept] == layer]
        other = watched.copy()
        other.iloc[steps[mine]] = rows.values[list(watched.columns)].to_numpy()[mine]
        known = other if mask is None else blanked(other, mask)
        found = detector.scored(known, forecast).iloc[steps[mine]]
        parts.append(found.set_axis(mine, axis=0))
    table: pd.DataFrame = pd.concat(parts).sort_index()
    silent = rows.values[list(watched.columns)].isna().all(axis=1).to_numpy()[table.index]
    table.loc[silent, "anomaly_score"] = 0.0
    table.loc[silent, "feature"] = ""
    fresh = table["fresh"].to_numpy(bool) & ~silent
    table["anomaly"] = _alarms(fresh, rows.moments[table.index])
    table.insert(0, "time", rows.stamps.iloc[table.index].to_numpy())
    return table.reset_index(drop=True)


def _alarms(fresh: np.ndarray, moments: pd.DatetimeIndex) -> np.ndarray:
    """1 on each fresh row that is not within the rest of the alarm raised last before it."""
    alarms = np.zeros(len(fresh), int)
    last: pd.Timestamp | None = None
    for row in np.flatnonzero(fresh).tolist():
        if last is None or abs(moments[row] - last) >= threshold.REST:
            alarms[row], last = 1, moments[row]
    return alarms
