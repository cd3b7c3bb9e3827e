"""How good a forecast is, always beside persistence ("same as now")."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from mods.series.baselines import persistence
from mods.series.forecast import LEVELS, Forecast

ERROR = "_mae"


def mods_smape(actual: np.ndarray, forecast: np.ndarray) -> float:
    """Symmetric mean absolute percentage error, 0 to 200; 0/0 counts as 0, NaN is left out.

    >>> mods_smape(np.array([0.0, 10.0]), np.array([0.0, 30.0]))
    50.0
    """
    y, f = _known(actual, forecast)
    size = np.abs(y) + np.abs(f)
    return _mean(np.divide(200 * np.abs(y - f), size, out=np.zeros_like(size), where=size > 0))


def mods_r2(actual: np.ndarray, forecast: np.ndarray) -> float:
    """Share of the variance explained: 1 - residual / total sum of squares; NaN without variance.

    >>> mods_r2(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 4.0]))
    0.5
    """
    y, f = _known(actual, forecast)
    total = float(np.sum((y - y.mean()) ** 2)) if len(y) else 0.0
    return 1 - float(np.sum((y - f) ** 2)) / total if total > 0 else float("nan")


def mods_rmse(actual: np.ndarray, forecast: np.ndarray) -> float:
    """Root of the mean squared error."""
    y, f = _known(actual, forecast)
    return float(np.sqrt(_mean((y - f) ** 2)))


def mods_cosine(actual: np.ndarray, forecast: np.ndarray) -> float:
    """Cosine of the angle between the two; .99 for persistence, so useless as a goal."""
    y, f = _known(actual, forecast)
    size = float(np.linalg.norm(y) * np.linalg.norm(f))
    return float(y @ f) / size if size > 0 else float("nan")


def mae(actual: np.ndarray, forecast: np.ndarray) -> float:
    """Mean absolute error.

    >>> mae(np.array([1.0, np.nan, 3.0]), np.array([2.0, 5.0, 3.0]))
    0.5
    """
    y, f = _known(actual, forecast)
    return _mean(np.abs(y - f))


def mase(actual: np.ndarray, forecast: np.ndarray, history: np.ndarray) -> float:
    """MAE relative to the mean absolute step of the history (Hyndman and Koehler 2006)."""
    return _ratio(mae(actual, forecast), _usual_step(history))


def rel_mae(actual: np.ndarray, forecast: np.ndarray, baseline: np.ndarray) -> float:
    """MAE of the forecast by that of a baseline, over the values both are judged on."""
    both = ~np.isnan(forecast) & ~np.isnan(baseline)
    judged = np.where(both, actual, np.nan)
    return _ratio(mae(judged, forecast), mae(judged, baseline))


def evaluate(
    forecast: Forecast,
    series: pd.DataFrame,
    baselines: Mapping[str, Forecast] | None = None,
    *,
    counted: np.ndarray | None = None,
) -> pd.DataFrame:
    """One row per feature and lead: targets, errors, and cover and width of the intervals.

    counted:  boolean (origins, leads), the targets that count; None takes all

    Of those, a target counts where it and the value at its origin are known. A missing forecast
    has twice persistence's error, so that leaving hard ones out never pays; in `mods_r2` and
    `mods_cosine`, which are not means of errors, it is left out. `mase` is relative to the mean
    step of the series up to the first origin. Widths are relative to persistence's MAE, as
    `rel_mae` is; `NAME_mae` is the error of each of the baselines on the same targets.
    """
    actual, naive, judged = truth(forecast, series, counted)
    first = forecast.origins.min()
    with np.errstate(over="ignore", invalid="ignore"):  # squares of 1e200 are NaN, no warning
        usual = [_usual_step(series.loc[:first, name].to_numpy()) for name in forecast.features]
        table = [
            _row(forecast, (actual, naive, judged), (lead, feature), usual[feature], baselines)
            for feature in range(len(forecast.features))
            for lead in range(len(forecast.leads))
        ]
    return pd.DataFrame(table)


def truth(
    forecast: Forecast, series: pd.DataFrame, counted: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What came true, what persistence said, and which targets are judged: (n, k, features) each.

    counted:  boolean (origins, leads), the targets that count; None takes all
    """
    actual = forecast.actual(series)
    naive = persistence(series.loc[:, list(forecast.features)], forecast.origins, 1).values
    naive = np.repeat(naive, actual.shape[1], axis=1)
    judged = ~np.isnan(actual) & ~np.isnan(naive)
    return actual, naive, judged if counted is None else judged & counted[:, :, None]


def errors(actual: np.ndarray, forecast: np.ndarray, floor: np.ndarray) -> np.ndarray:
    """Absolute errors; where there is no forecast, twice persistence's (the floor)."""
    given = np.isfinite(forecast)
    return np.where(given, np.abs(actual - np.where(given, forecast, 0.0)), 2 * floor)


def _row(
    forecast: Forecast,
    truth: tuple[np.ndarray, np.ndarray, np.ndarray],
    place: tuple[int, int],
    usual: float,
    baselines: Mapping[str, Forecast] | None,
) -> dict[str, Any]:
    lead, feature = place
    counted = truth[2][:, lead, feature]
    y, naive = (one[counted, lead, feature] for one in truth[:2])
    f = forecast.values[counted, lead, feature]
    floor = np.abs(y - naive)
    known = np.where(np.isfinite(f), f, np.nan)
    error = errors(y, f, floor)
    size = np.clip(np.abs(y) + np.abs(np.nan_to_num(known)), 1e-9, None)
    row = {
        "feature": forecast.features[feature],
        "lead": int(forecast.leads[lead]),
        "targets": len(y),
        "missing": int((~np.isfinite(f)).sum()),
        "mae": _mean(error),
        "persistence_mae": _mean(floor),
        "rel_mae": _ratio(_mean(error), _mean(floor)),
        "mase": _ratio(_mean(error), usual),
        "mods_smape": _mean(np.minimum(200 * error / size, 200.0)),
        "mods_rmse": float(np.sqrt(_mean(error**2))),
        "mods_r2": mods_r2(y, known),
        "mods_cosine": mods_cosine(y, known),
    }
    row |= _intervals(forecast, (counted, lead, feature), y, floor)
    for name, baseline in (baselines or {}).items():
        if name == persistence.__name__:
            continue
        theirs = errors(y, baseline.values[counted, lead, feature], floor)
        row[f"{name}{ERROR}"] = _mean(theirs)
    return row


def _intervals(
    forecast: Forecast, place: tuple[np.ndarray, int, int], y: np.ndarray, floor: np.ndarray
) -> dict[str, float]:
    """Cover of the intervals at one place, and their width relative to persistence's error."""
    row: dict[str, float] = {}
    for level in LEVELS:
        if level in forecast.lower:
            low, high = forecast.lower[level][place], forecast.upper[level][place]
            row[f"cover_{level}"] = _mean(((y >= low) & (y <= high)).astype(float))
            width = high - low
            row[f"width_{level}"] = _ratio(_mean(width[~np.isnan(width)]), _mean(floor))
    return row


def _usual_step(history: np.ndarray) -> float:
    """Mean |one step difference|; NaN where no two known values follow each other."""
    steps = np.abs(np.diff(history, axis=0))
    return _mean(steps[~np.isnan(steps)])


def _known(actual: np.ndarray, forecast: np.ndarray) -> Iterator[np.ndarray]:
    y, f = np.asarray(actual, float), np.asarray(forecast, float)
    known = ~np.isnan(y) & ~np.isnan(f)
    return iter((y[known], f[known]))


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if values.size else float("nan")


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else float("nan")
