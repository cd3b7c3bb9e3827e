import numpy as np
import pandas as pd
from matplotlib.text import Text

from mods.visualization.over_time import errors_over_time
from mods.visualization.style import png


def errors(days=20):
    times = pd.date_range("2019-04-01", periods=days, freq="1D", tz="UTC", name="time")
    wave = 0.65 + 0.08 * np.sin(np.arange(days))
    return pd.DataFrame(
        {"refitted": wave, "fixed_model": wave + np.arange(days) / 100, "persistence": 1.0,
         "seasonal_naive": wave * 2.2, "slot_median_change": wave + 0.2, "theta": wave + 0.25},
        times,
    )  # fmt: skip


def words(figure):
    return {text.get_text() for text in figure.findobj(Text)}


def test_models_baselines_persistence_and_refits_are_drawn():
    told = errors()
    figure = errors_over_time(told, told.index[::7])
    named = {"refitted", "fixed model", "persistence", "seasonal naive", "theta", "refit"}
    assert named <= words(figure)
    assert "targets from, UTC, a day at a time" in words(figure)
    (axis,) = figure.axes
    lines = {line.get_label(): line for line in axis.lines}
    assert lines["fixed model"].get_ydata().tolist() == told["fixed_model"].tolist()
    assert sum(len(line.get_xdata()) == 2 for line in axis.lines) == 1 + 3
    assert axis.get_ylim()[1] < 2.1


def test_one_stretch_and_unknown_errors_do_not_break_the_picture():
    assert png(errors_over_time(errors(1)[["persistence", "theta"]].assign(model=0.7)))
    blank = errors(5)
    blank.loc[blank.index[2], :] = np.nan
    assert png(errors_over_time(blank))
