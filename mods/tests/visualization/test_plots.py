import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from mods.series.forecast import Forecast
from mods.visualization import plots, style

STEP = pd.Timedelta("10min")
LEADS = 6


def series(names=("conn_in", "ssh_in"), steps=300):
    index = pd.date_range("2019-04-01", periods=steps, freq=STEP, tz="UTC")
    wave = 40_000 + 10_000 * np.sin(np.arange(steps) / 23)
    return pd.DataFrame({name: wave * (at + 1) for at, name in enumerate(names)}, index)


def forecast(frame, leads=LEADS):
    values = np.repeat(frame.to_numpy(float)[:, None, :], leads, axis=1)
    lower = {80: values * 0.9, 95: values * 0.8}
    upper = {80: values * 1.1, 95: values * 1.2}
    return Forecast(frame.index, tuple(frame.columns), STEP, values, lower, upper)


def evaluation(names=("conn_in", "ssh_in"), leads=LEADS):
    rows = [(name, lead) for name in names for lead in range(1, leads + 1)]
    table = pd.DataFrame(rows, columns=["feature", "lead"])
    return table.assign(mae=7.0, rel_mae=0.7, persistence_mae=10.0, seasonal_naive_mae=14.0)


def words(figure):
    return {text.get_text() for text in figure.findobj(Text)}


def test_forecast_band_shows_history_forecast_both_bands_and_what_came_true():
    frame = series()
    figure = plots.forecast_band(forecast(frame), frame, origin=-10)
    assert len(figure.axes) == 2
    assert {"seen", "came true", "forecast", "80 % interval", "95 % interval"} <= words(figure)
    ahead = next(line for line in figure.axes[0].lines if line.get_label() == "forecast")
    assert len(ahead.get_xdata()) == LEADS


def test_last_forecast_of_one_step_without_bands_is_still_seen():
    frame = series(steps=100)
    plain = forecast(frame, leads=1)
    figure = plots.forecast_band(
        Forecast(plain.origins, plain.features, STEP, plain.values), frame, history=20
    )
    assert "came true" not in words(figure)
    assert "80 % interval" not in words(figure)
    drawn = next(line for line in figure.axes[0].lines if line.get_label() == "forecast")
    assert drawn.get_marker() == "o"


def test_intervals_of_a_single_step_are_seen_as_bars():
    frame = series(("conn_in",), steps=100)
    ahead = forecast(frame, leads=1)
    axis = plots.forecast_band(ahead, frame).axes[0]
    bars = {one.get_label(): one for one in axis.collections}
    assert set(bars) == {"80 % interval", "95 % interval"}
    for level in (80, 95):
        bar = bars[f"{level} % interval"]
        assert bar.get_linewidth()[0] > 0
        ends = bar.get_segments()[0][:, 1]
        assert ends.tolist() == [one[level][-1, 0, 0] for one in (ahead.lower, ahead.upper)]


def test_backtest_band_puts_the_forecast_at_the_time_it_was_made_for():
    frame = series()
    figure = plots.backtest_band(forecast(frame), frame, lead=3, days=1)
    assert "forecast 3 steps ahead" in words(figure)
    made = next(line for line in figure.axes[0].lines if "ahead" in str(line.get_label()))
    assert len(made.get_xdata()) == 144
    assert made.get_ydata()[-1] == frame["conn_in"].iloc[-1]
    last = np.datetime64(frame.index[-1].tz_localize(None) + 3 * STEP)
    assert made.get_xdata()[-1] == last


def test_error_by_lead_has_persistence_and_baselines_in_each_panel():
    figure = plots.error_by_lead(evaluation())
    assert {"conn_in", "ssh_in", "persistence", "seasonal naive", "this model"} <= words(figure)
    model = next(x for x in figure.axes[0].lines if x.get_label() == "this model")
    assert model.get_ydata().tolist() == [0.7] * LEADS
    naive = next(x for x in figure.axes[0].lines if x.get_label() == "seasonal naive")
    assert naive.get_ydata() == pytest.approx([1.4] * LEADS)


def test_infinite_or_absent_errors_do_not_break_the_picture():
    table = evaluation()
    table.loc[table["feature"] == "ssh_in", "rel_mae"] = np.nan
    table.loc[0, ["rel_mae", "persistence_mae"]] = [np.inf, 0.0]
    assert plots.png(plots.error_by_lead(table))


def test_anomalies_are_shaded_in_the_panels_of_their_features_only():
    frame = series()
    found = pd.DataFrame(
        {"anomaly_score": 0.2, "threshold": 1.0, "anomaly": 0, "feature": ""}, frame.index
    )
    found.loc[frame.index[100], ["anomaly_score", "anomaly", "feature"]] = [9.0, 1, "ssh_in"]
    events = [
        SimpleNamespace(
            start=frame.index[100],
            end=frame.index[100],
            features=("ssh_in",),
            direction="too much",
        ),
        SimpleNamespace(
            start=frame.index[200],
            end=frame.index[220],
            features=("conn_in", "ssh_in"),
            direction="missing",
        ),
    ]
    figure = plots.anomalies_on_series(frame, found, events)
    conn, ssh, score = figure.axes
    assert [patch.get_label() for patch in conn.patches] == ["no data"]
    assert [patch.get_label() for patch in ssh.patches] == ["event", "no data"]
    assert ssh.patches[0].get_width() > 0
    assert [line.get_label() for line in ssh.lines] == ["reality", "alarm"]
    assert score.get_ylim()[1] > 9
    assert [float(tick) for tick in score.get_yticks()] == [0, 1, 2, 5, 10]


def test_learning_curve_marks_the_best_epoch():
    figure = plots.learning_curve({"loss": [3, 2, 1, 0.5], "val_loss": [3, 1.5, 2, 2.5]})
    assert "best: 1.5 in epoch 2" in words(figure)
    assert plots.svg(plots.learning_curve({"loss": [1.0]}))


def test_gaps_and_constant_series_are_drawn():
    frame = series()
    frame["ssh_in"] = 0.0
    frame.iloc[50:80] = np.nan
    for figure in (
        plots.backtest_band(forecast(frame), frame),
        plots.forecast_band(forecast(frame), frame),
    ):
        assert plots.png(figure).startswith(b"\x89PNG")


def test_many_features_are_cut_with_a_word_about_it():
    names = [f"dns_{at}" for at in range(15)]
    figure = plots.forecast_band(forecast(series(names)), series(names))
    assert len(figure.axes) == style.MOST_PANELS
    assert "3 more features are not shown" in words(figure)


@pytest.mark.parametrize("name", ["$x^{$", "</text><script>alert(1)</script>", "a\x1b[2Jb", "_x"])
def test_hostile_feature_name_is_drawn_as_text(name):
    frame = series((name, "other"))
    picture = plots.svg(plots.forecast_band(forecast(frame), frame))
    assert "<script" not in picture
    assert plots.png(plots.error_by_lead(evaluation((name, "other"))))


def test_axes_tell_thousands_shortly():
    frame = series()
    figure = plots.backtest_band(forecast(frame), frame)
    plots.png(figure)
    ticks = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert "40k" in ticks
    assert "window end, UTC" in words(figure)


def test_feature_without_any_value_is_an_empty_panel():
    frame = series(steps=80)
    frame["ssh_in"] = np.nan
    empty = pd.DataFrame(
        {"anomaly_score": 0.0, "threshold": 1.0, "anomaly": 0, "feature": ""}, frame.index
    )
    for figure in (
        plots.backtest_band(forecast(frame), frame),
        plots.forecast_band(forecast(frame), frame),
        plots.anomalies_on_series(frame, empty),
        plots.anomalies_on_series(frame.iloc[:1], empty.iloc[:1]),
    ):
        assert plots.png(figure).startswith(b"\x89PNG")


def test_drawing_leaves_the_global_state_of_pyplot_alone():
    code = "import sys, mods.visualization.report; sys.exit('matplotlib.pyplot' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
