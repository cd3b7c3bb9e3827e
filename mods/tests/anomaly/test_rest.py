import numpy as np
import pandas as pd

from mods.anomaly import rest


def test_level_that_lasts_is_told_once_and_stays_visible():
    shifted = pd.DataFrame({"level": [0.0] * 5 + [1.0, 2.0, 3.0] + [2.5] * 60})
    found = rest.held(shifted, rest.steps(pd.Timedelta("10min")))["level"]
    assert found.iloc[:8].tolist() == [0, 0, 0, 0, 0, 1, 2, 3]
    assert (found.iloc[8:] == 0.4 * 2.5).all()


def test_what_gets_worse_counts_again_and_columns_rest_apart():
    sizes = pd.DataFrame({"level": [5.0, 4.0, 4.0, 6.0], "surprise": [0.0, 3.0, 0.0, 2.0]})
    found = rest.held(sizes, 72)
    assert found["level"].tolist() == [5, 1.6, 1.6, 6]
    assert found["surprise"].tolist() == [0, 3, 0, 0.8]


def test_an_alarm_needs_a_height_that_was_not_reached_before():
    rising = [0.5, 0.9, 1.0, 1.01, 1.02, 1.0, 1.02, 1.5, 1.4, 1.49]
    ratios = pd.DataFrame({"level": rising, "surprise": [0.0] * 8 + [1.2, 0.0]})
    assert np.flatnonzero(rest.alarming(ratios, 72)).tolist() == [2, 7, 8]
    lasting = pd.DataFrame({"level": 9 * (1 - 0.9 ** np.arange(400.0))})
    assert rest.alarming(lasting, 72)[60:].sum() == 0


def test_twelve_hours_later_the_same_size_counts_again():
    memory = rest.steps(pd.Timedelta("1h"))
    assert memory == 12
    sizes = pd.DataFrame({"level": [3.0] + [0.0] * 12 + [2.0]})
    assert rest.held(sizes, memory)["level"].iloc[-1] == 2
    assert rest.held(sizes.iloc[1:].assign(level=np.nan), memory)["level"].isna().all()
