import numpy as np
import pandas as pd
import pytest

from mods.series import baselines
from mods.series.forecast import Forecast
from mods.series.over_time import relative_errors

STEP = pd.Timedelta("10min")


def walk(steps):
    """Up by one in every step: persistence misses lead k by k."""
    index = pd.date_range("2019-04-01T01:00", periods=steps, freq=STEP, tz="UTC", name="time")
    return pd.DataFrame({"a": np.arange(steps, dtype=float)}, index)


def off_by(frame, origins, size):
    values = frame["a"].reindex(origins).to_numpy()[:, None] + np.arange(1, 3) + size
    return Forecast(pd.DatetimeIndex(origins), ("a",), STEP, values[:, :, None])


def test_each_stretch_has_the_errors_of_its_own_targets():
    frame = walk(30)
    origins = frame.index[4:24]
    good, late = off_by(frame, origins, 0), off_by(frame, origins, 0)
    late.values[10:] += 1  # wrong by one from the eleventh origin on
    forecasts = {"good": good, "late": late, **baselines.all_of(frame, origins, 2)}
    counted = good.reaching(frame.index[6:24])
    told = relative_errors(forecasts, frame, counted, pd.Timedelta("90min"))
    assert told.index.tolist() == frame.index[[6, 15]].tolist()
    assert told["good"].tolist() == [0, 0] and told["persistence"].tolist() == [1, 1]
    # lead 1 misses by 1 of 1 and lead 2 by 1 of 2; in the second stretch one lead 2 is still right
    assert told["late"].tolist() == pytest.approx([0, (1 + (8 / 9) / 2) / 2])


def test_a_stretch_in_which_nothing_is_known_has_no_figure():
    frame = walk(40)
    holed = frame.copy()
    holed.iloc[12:24] = np.nan
    origins = frame.index[2:36]
    counted = off_by(frame, origins, 0).reaching(frame.index[3:36])
    told = relative_errors(
        {"off": off_by(frame, origins, 1)}, holed, counted, pd.Timedelta("60min")
    )
    assert np.isnan(told["off"].to_numpy()).tolist() == [False, False, True, False, False, False]


def test_the_length_of_a_stretch_fits_the_period():
    for steps, length in ((40, "1h"), (144 * 3, "3h"), (144 * 30, "1D"), (144 * 80, "2D")):
        frame = walk(steps + 3)
        made = off_by(frame, frame.index[:steps], 1)
        told = relative_errors({"off": made}, frame, made.reaching(frame.index))
        assert told.index[1] - told.index[0] == pd.Timedelta(length)
