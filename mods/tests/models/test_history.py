from __future__ import annotations

import numpy as np
import pandas as pd

from mods.models import history

STEP = pd.Timedelta("10min")


def steps(begin: str, count: int) -> pd.DataFrame:
    index = pd.date_range(begin, periods=count, freq="10min", tz="UTC", name="time")
    return pd.DataFrame({"a": np.arange(float(count))}, index)


def test_what_follows_is_joined_and_a_short_hole_stays_a_gap():
    whole = history.joined(steps("2024-03-04", 6), steps("2024-03-04 01:20", 2), STEP, allowed=3)
    assert whole["a"].fillna(-1).tolist() == [0, 1, 2, 3, 4, 5, -1, -1, 0, 1]


def test_the_series_counts_where_both_have_a_step():
    whole = history.joined(steps("2024-03-04", 6), steps("2024-03-04 00:30", 2), STEP, allowed=3)
    assert whole["a"].tolist() == [0, 1, 2, 0, 1]


def test_a_long_hole_or_other_phase_leaves_the_series_alone():
    kept = steps("2024-03-04", 6)
    for begin in ("2024-03-04 02:00", "2024-03-04 01:05", "2024-03-03"):
        series = steps(begin, 2)
        assert history.joined(kept, series, STEP, allowed=3) is series
