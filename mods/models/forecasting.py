"""Forecasting: a series and a trained model become forecasts with intervals, origin by origin."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mods.models import inputs, intervals, preparation, runtime
from mods.models.prepared import Prepared
from mods.models.trained import Trained
from mods.series.forecast import LEVELS, Forecast


def forecasts(
    trained: Trained,
    series: pd.DataFrame,
    at: np.ndarray,
    sequence_len: int,
    *,
    batch_size: int,
    quantiles: tuple[float, ...] = (),
) -> Forecast:
    """Forecasts from the steps `at` (positions) of a series that holds the history as well.

    The intervals learn from the errors of the origins before, so these are forecast too, as far
    back as they count.
    """
    leads = trained.spread.shape[1]
    warm = max(int(at.min()) - _warm_up(trained), 0)
    steps = np.arange(warm, int(at.max()) + 1)
    values, centres = _centres(trained, series, steps, sequence_len, batch_size)
    missed = np.abs(_ahead(values, leads) - centres)
    missed[_partial(np.isnan(values), trained.window.panes, leads)] = np.nan
    wanted = dict.fromkeys([*LEVELS, *map(intervals.level, quantiles)])
    half = intervals.widths(missed, trained.spread, at - warm, wanted)
    middle = centres[at - warm]

    def edge(level: float, sign: float) -> np.ndarray:
        return trained.transform.clipped(middle + sign * half[level])

    return Forecast(
        pd.DatetimeIndex(series.index[at]),
        trained.features,
        trained.step,
        middle,
        lower={level: edge(level, -1) for level in LEVELS},
        upper={level: edge(level, 1) for level in LEVELS},
        quantiles={one: edge(intervals.level(one), np.sign(one - 0.5)) for one in quantiles},
    )


def reach(trained: Trained, sequence_len: int) -> int:
    """How many steps before an origin its forecast and the intervals around it may rest on."""
    return _warm_up(trained) + preparation.reach(trained.transform, sequence_len)


def _warm_up(trained: Trained) -> int:
    return intervals.WARM_UP + 2 * int(trained.spread.shape[1])


def _centres(
    trained: Trained, series: pd.DataFrame, steps: np.ndarray, sequence_len: int, batch_size: int
) -> tuple[np.ndarray, np.ndarray]:
    """The values at these steps of the series (n, features), mended, and their forecasts."""
    leads = trained.spread.shape[1]
    cut = max(int(steps[0]) - preparation.reach(trained.transform, sequence_len), 0)
    told = series.iloc[cut : int(steps[-1]) + 1]
    values = told.loc[:, list(trained.features)].to_numpy(float)
    grid = inputs.grid(told.index, trained.step, leads)
    beside = trained.inputs.beside(series, trained.features, grid)
    prepared = preparation.prepare(
        values,
        trained.transform,
        beside=beside,
        sequence_len=sequence_len,
        steps_ahead=leads,
        since=int(steps[0]) - cut,
    )
    paths = _paths(trained, prepared, steps - cut, batch_size)
    paths[beside.unknown(steps - cut, leads)] = np.nan
    mended = trained.transform.mended(values)[steps - cut]
    return mended, _trusted(trained, mended, trained.transform.undo(paths, mended))


def _trusted(trained: Trained, last: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """The forecasts (n, leads, features), drawn to the last values as far as they are doubted."""
    held = last[:, None]
    return np.asarray(np.where(trained.trust < 1, held + trained.trust * (centres - held), centres))


def _paths(trained: Trained, prepared: Prepared, steps: np.ndarray, batch_size: int) -> np.ndarray:
    """The network's answers (n, leads, features), NaN where the value at the origin is unknown."""
    rows = prepared.rows(steps)
    known = np.isfinite(prepared.scaled[:, steps]).reshape(-1)
    paths = np.full((len(rows), prepared.steps_ahead), np.nan)
    paths[known] = runtime.answers(trained.answers, prepared, rows[known], batch_size)
    by_feature = paths.reshape(len(prepared.scaled), len(steps), prepared.steps_ahead)
    return np.moveaxis(by_feature, 0, 2)


def _partial(absent: np.ndarray, panes: int, leads: int) -> np.ndarray:
    """Errors (n, leads, features) that teach nothing: of or from a window that began in a gap.

    Only gaps before it count: what comes later must not change what is known at an origin.
    """
    seen = np.pad(np.cumsum(absent, axis=0), ((panes + 1, 0), (0, 0)))
    near = seen[panes + 1 :] > seen[: len(absent)]
    ahead = np.concatenate([near, np.zeros((leads, near.shape[1]), bool)])
    steps = np.arange(len(near))[:, None]
    return np.asarray(near[:, None] | ahead[steps + np.arange(1, leads + 1)])


def _ahead(values: np.ndarray, leads: int) -> np.ndarray:
    """What came after each step (n, leads, features), NaN where it has not come yet."""
    unknown = np.full((leads, values.shape[1]), np.nan)
    steps = np.arange(len(values))[:, None]
    return np.asarray(np.concatenate([values, unknown])[steps + np.arange(1, leads + 1)])
