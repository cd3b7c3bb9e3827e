import numpy as np
import pandas as pd
from matplotlib.text import Text

from mods.visualization import tuning
from mods.visualization.style import png


def trials(count=30):
    rng = np.random.default_rng(0)
    errors = 0.66 + 0.2 * rng.exponential(0.3, count) * np.linspace(1.5, 0.4, count)
    states = np.where(np.arange(count) % 5 == 4, "pruned", "complete")
    table = pd.DataFrame({"trial": range(count), "state": states, "error": errors})
    table.loc[[3, 7], ["state", "error"]] = ["failed", np.nan]
    table.loc[2, "error"] = 4.0
    return table


def words(figure):
    return {text.get_text() for text in figure.findobj(Text)}


def test_history_shows_every_trial_with_an_error_and_the_best_so_far():
    table = trials()
    figure = tuning.history(table)
    assert {"finished", "pruned", "best so far", "trial"} <= words(figure)
    (axis,) = figure.axes
    best = next(line for line in axis.lines if line.get_label() == "best so far")
    done = table[table["state"] == "complete"]
    assert best.get_ydata().tolist() == done["error"].cummin().tolist()
    assert axis.get_title(loc="right") == (
        f"best: {done['error'].min():.4f} in trial {done.loc[done['error'].idxmin(), 'trial']}"
    )
    far = next(line for line in axis.lines if line.get_label() == "far above")
    assert 2 in far.get_xdata() and axis.get_ylim()[1] < 4


def test_history_of_pruned_trials_alone_or_of_none_is_drawn():
    assert png(tuning.history(trials().query("state == 'pruned'")))
    assert png(tuning.history(trials(9).iloc[:0]))


def test_importance_has_a_bar_per_setting_with_its_share():
    figure = tuning.importance({"learning_rate": 0.62, "blocks": 0.3, "x_$y$": 0.08})
    assert {"62 %", "30 %", "8 %", "learning_rate", r"x_\$y\$"} <= words(figure)
