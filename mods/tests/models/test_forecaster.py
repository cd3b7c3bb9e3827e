from __future__ import annotations

import logging
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from mods.errors import ModelError, ResourceError, SeriesError, SettingError
from mods.models import artifact
from mods.models.forecaster import Forecaster
from mods.tests.models.conftest import SMALL, learnable


def test_forecasts_have_the_shape_and_names_that_were_promised(forecaster, series):
    forecast = forecaster.forecast(series)
    assert forecast.values.shape == (1, 3, 2)
    assert forecast.features == ("conn_in", "ssh_in") == forecaster.features
    assert forecast.origins.tolist() == [series.index[-1]]
    assert (str(forecaster.window), forecaster.step) == ("w30m-s10m", pd.Timedelta("10min"))
    for level in (80, 95):
        assert (forecast.lower[level] <= forecast.values).all()
        assert (forecast.values <= forecast.upper[level]).all()
    assert (forecast.lower[95] <= forecast.lower[80]).all()


def test_it_says_what_it_is(forecaster):
    named = "MLP, steps_ahead=3"
    assert repr(Forecaster(model_type="MLP", steps_ahead=3)) == f"<Forecaster {named}, not trained>"
    assert repr(forecaster) == f"<Forecaster {named}, trained on ('conn_in', 'ssh_in')>"


def test_whole_numbers_as_a_csv_gives_them_are_taken(series):
    small = {**SMALL, "model_type": "MLP", "num_epochs": 1}
    whole = series.iloc[:300].astype("int64")
    told = Forecaster(**small).fit(whole).forecast(whole)
    wanted = Forecaster(**small).fit(series.iloc[:300]).forecast(series.iloc[:300])
    assert np.array_equal(told.values, wanted.values)


def test_one_forecast_is_the_last_of_a_backtest(forecaster, series):
    one, all_of_them = forecaster.forecast(series), forecaster.backtest(series)
    assert np.allclose(one.values[0], all_of_them.values[-1], rtol=1e-6)
    assert np.allclose(one.lower[95][0], all_of_them.lower[95][-1], rtol=1e-5)


def test_quantiles_lie_in_order_and_on_the_intervals(forecaster, series):
    asked = (0.9, 0.025, 0.1, 0.5, 0.75, 0.999)
    forecast = forecaster.backtest(series.iloc[600:], quantiles=asked)
    assert list(forecast.quantiles) == sorted(asked)
    assert (np.diff(np.stack(list(forecast.quantiles.values())), axis=0) >= 0).all()
    for one, same in (
        (0.5, forecast.values),
        (0.1, forecast.lower[80]),
        (0.9, forecast.upper[80]),
        (0.025, forecast.lower[95]),
    ):
        assert np.array_equal(forecast.quantiles[one], same)
    columns = list(forecast.at(slice(0, 3)).table())
    assert columns[:4] == ["origin", "lead", "feature", "forecast"]
    assert columns[-6:-3] == ["quantile_0.025", "quantile_0.1", "quantile_0.5"]


def test_intervals_do_not_depend_on_where_a_range_begins(forecaster):
    fresh = learnable(5_000, seed=5)
    early = forecaster.backtest(fresh, fresh.index[3_000:]).at(slice(-200, None))
    late = forecaster.backtest(fresh, fresh.index[-200:])
    assert np.allclose(early.values, late.values, rtol=1e-5)
    for level in (80, 95):
        assert np.allclose(early.upper[level], late.upper[level], rtol=1e-5)


def test_after_an_absurd_value_forecasts_are_themselves_again_soon(forecaster):
    fresh = learnable(600, seed=6)
    stray = fresh.copy()
    stray.iloc[300, 0] = 1e9 * fresh["conn_in"].median()
    usual, after = (one.values[:, :, 0] for one in map(forecaster.backtest, (fresh, stray)))
    settled = 300 + 3 + SMALL["sequence_len"]
    assert np.abs(after - usual)[settled:].max() < 0.1 * fresh["conn_in"].median()


def test_the_future_changes_no_earlier_forecast_or_interval(forecaster, series):
    scrambled = series.copy()
    scrambled.iloc[800:] = np.random.default_rng(3).gamma(1.0, 5000.0, (100, 2))
    scrambled.iloc[850:853] = np.nan
    true, other = forecaster.backtest(series), forecaster.backtest(scrambled)
    close = {"rtol": 1e-5}  # rows of another batch are summed in another order
    assert np.allclose(true.values[:800], other.values[:800], **close)
    for level in (80, 95):
        assert np.allclose(true.lower[level][:800], other.lower[level][:800], **close)
        assert np.allclose(true.upper[level][:800], other.upper[level][:800], **close)
    assert not np.allclose(true.values[800], other.values[800], rtol=0.1)


def test_intervals_cover_what_they_say(forecaster):
    fresh = learnable(2500, seed=5)
    forecast = forecaster.backtest(fresh).at(slice(500, -3))
    actual = forecast.actual(fresh)
    for level in (80, 95):
        inside = (forecast.lower[level] <= actual) & (actual <= forecast.upper[level])
        assert abs(inside.mean() - level / 100) < 0.03


def test_a_gap_in_older_history_leaves_no_origin_out(forecaster, series):
    holed = series.copy()
    holed.iloc[760:770] = np.nan
    forecast = forecaster.backtest(holed.iloc[700:])
    assert len(forecast.origins) == 190
    assert holed.index[765] not in forecast.origins
    assert np.isfinite(forecast.values).all()
    assert np.isfinite(forecast.lower[95]).all()


def test_a_feature_without_a_value_at_the_origin_has_no_forecast(forecaster, series):
    holed = series.copy()
    holed.iloc[750, 1] = np.nan
    forecast = forecaster.backtest(holed, holed.index[[750]])
    assert np.isfinite(forecast.values[0, :, 0]).all()
    assert np.isnan(forecast.values[0, :, 1]).all()
    assert np.isnan(forecast.lower[80][0, :, 1]).all()


def test_the_last_known_step_is_the_origin(forecaster, series):
    ended = series.copy()
    ended.iloc[-4:] = np.nan
    assert forecaster.forecast(ended).origins[0] == series.index[-5]


def test_infinite_values_are_unknown_ones(forecaster, series):
    broken = series.copy()
    broken.iloc[-1] = np.inf
    assert forecaster.forecast(broken).origins[0] == series.index[-2]


def test_short_input_is_joined_to_the_history_the_model_keeps(forecaster, series):
    long = forecaster.backtest(series, series.index[701:710])
    short = forecaster.backtest(series.iloc[700:], series.index[701:710])
    assert np.allclose(long.values, short.values, rtol=1e-6)
    after_a_hole = forecaster.backtest(series.iloc[703:], series.index[705:710])
    assert np.isfinite(after_a_hole.values).all()


def test_input_that_stands_alone_falls_back_and_says_so(forecaster, series, caplog):
    later = series.iloc[-5:].set_axis(series.index[-5:] + pd.Timedelta("70D"))
    with caplog.at_level(logging.WARNING, logger="mods"):
        forecast = forecaster.forecast(later)
    assert np.isfinite(forecast.values).all()
    assert "falls back" in caplog.text


def test_no_later_history_reaches_an_earlier_forecast(forecaster):
    early = learnable(300).set_axis(
        pd.date_range("2024-01-01", periods=300, freq="10min", tz="UTC", name="time")
    )
    trained_later = forecaster.backtest(early)
    assert trained_later.origins[0] == early.index[0]


def test_the_same_seed_gives_the_same_weights(series):
    settings = {**SMALL, "num_epochs": 1, "model_type": "Conv1D"}
    first, second = (Forecaster(**settings, seed=7).fit(series.iloc[:300]) for _ in range(2))
    other = Forecaster(**settings, seed=8).fit(series.iloc[:300])
    for name, array in first.parts().weights.items():
        assert np.array_equal(array, second.parts().weights[name]), name
    assert any(
        not np.array_equal(array, other.parts().weights[name])
        for name, array in first.parts().weights.items()
    )


def test_values_can_be_forecast_instead_of_changes(series):
    settings = {**SMALL, "num_epochs": 8, "model_type": "MLP", "model_delta": False}
    forecaster = Forecaster(**settings).fit(series.iloc[:700])
    forecast = forecaster.backtest(series, series.index[700:-3])
    missed = np.abs(forecast.actual(series) - forecast.values).mean()
    middle = np.abs(forecast.actual(series) - series.iloc[:700].median().to_numpy()).mean()
    assert missed < 0.5 * middle


def test_training_leaves_out_samples_that_straddle_a_gap(series):
    holed = series.iloc[:300].copy()
    holed.iloc[100:110] = np.nan
    settings = {**SMALL, "num_epochs": 1, "model_type": "MLP"}
    whole, fewer = (Forecaster(**settings).fit(one) for one in (series.iloc[:300], holed))
    lost = 10 + 8 + 3 - 1  # origins whose 8 past and 3 future steps touch the hole
    assert whole.metrics["samples"] - fewer.metrics["samples"] == 2 * lost


def test_a_validation_part_of_its_own_is_used(series):
    settings = {**SMALL, "num_epochs": 1, "model_type": "MLP"}
    forecaster = Forecaster(**settings).fit(series.iloc[:300], series.iloc[303:400])
    assert forecaster.parts().weights["tail"].shape[0] == 400
    with pytest.raises(SeriesError, match="Cut both from one series"):
        Forecaster(**settings).fit(series.iloc[300:], series.iloc[:200])


def test_a_constant_feature_stays_where_it_is(series):
    flat = series.iloc[:300].assign(idle=0.0, level=7.0)
    flat.attrs = dict(series.attrs)
    forecaster = Forecaster(**{**SMALL, "num_epochs": 2}, model_type="MLP").fit(flat)
    forecast = forecaster.forecast(flat)
    assert np.allclose(forecast.values[0, :, 2:], [0.0, 7.0], atol=0.1)


def test_counts_are_never_forecast_below_zero(forecaster, series):
    falling = series.copy()
    falling.iloc[-3:] = 0.0
    forecast = forecaster.backtest(falling)
    assert forecast.values.min() >= 0
    assert min(bound.min() for bound in forecast.lower.values()) >= 0


def test_prediction_never_loads_keras(forecaster, series, tmp_path):
    artifact.write(tmp_path / "m.zip", forecaster.parts())
    series.to_pickle(tmp_path / "series.pkl")
    code = (
        "import sys, pandas\n"
        "from mods.models import artifact\n"
        "from mods.models.forecaster import Forecaster\n"
        "model = Forecaster.from_parts(artifact.read(sys.argv[1]))\n"
        "print(model.forecast(pandas.read_pickle(sys.argv[2])).values.shape)\n"
        "print(*{'keras', 'tensorflow', 'jax', 'torch'} & set(sys.modules))"
    )
    paths = [str(tmp_path / name) for name in ("m.zip", "series.pkl")]
    done = subprocess.run(
        [sys.executable, "-c", code, *paths], capture_output=True, text=True, check=True
    )
    assert done.stdout == "(1, 3, 2)\n\n"


def test_without_keras_training_says_what_to_install(series, monkeypatch):
    for name in [name for name in sys.modules if name.startswith("mods.models.network.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "keras", None)
    with pytest.raises(ResourceError, match="pip install tensorflow-cpu keras tf2onnx onnx"):
        Forecaster(**SMALL).fit(series.iloc[:300])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: s.drop(columns="ssh_in"), ["ssh_in", "conn_in, ssh_in"]),
        (lambda s: s.iloc[::2], ["0 days 00:20:00", "0 days 00:10:00"]),
        (lambda s: s.assign(conn_in=np.nan, ssh_in=np.nan), ["none of its 900 steps"]),
    ],
)
def test_a_series_that_does_not_fit_is_refused_by_name(forecaster, series, change, words):
    changed = change(series)
    changed.attrs = {}
    with pytest.raises(SeriesError) as caught:
        forecaster.forecast(changed)
    assert all(word in str(caught.value) for word in words)


def test_another_window_is_refused_and_both_are_named(forecaster, series):
    other = series.copy()
    other.attrs["window"] = "w01h-s10m"
    with pytest.raises(SeriesError, match="w01h-s10m.*w30m-s10m"):
        forecaster.forecast(other)


def test_too_few_steps_are_counted(series):
    with pytest.raises(SeriesError, match=r"steps of the .* part are too few.*at least \d+ steps"):
        Forecaster(**SMALL).fit(series.iloc[:12])


def test_a_feature_without_any_value_is_named(series):
    with pytest.raises(SeriesError, match="idle: has no value"):
        Forecaster(**SMALL).fit(series.assign(idle=np.nan))


def test_an_unfitted_forecaster_and_an_unknown_setting_are_refused(series):
    with pytest.raises(ModelError, match="not trained yet"):
        Forecaster().forecast(series)
    with pytest.raises(SettingError, match="sequence_length"):
        Forecaster(sequence_length=3)


def test_an_origin_outside_the_series_is_refused(forecaster, series):
    with pytest.raises(SeriesError, match="no step 2030"):
        forecaster.backtest(series, pd.DatetimeIndex(["2030-01-01"], tz="UTC"))


class EnoughError(Exception):
    pass


def test_who_watches_is_told_every_epoch_and_may_end_the_training(series):
    told = []

    def watch(epoch, error):
        told.append((epoch, error))
        if epoch == 2:
            raise EnoughError

    forecaster = Forecaster(model_type="MLP", **SMALL)
    before = forecaster.config
    with pytest.raises(EnoughError):
        forecaster.fit(series.iloc[:300], watch=watch)
    assert forecaster.config == before
    assert [epoch for epoch, _ in told] == [1, 2] and all(0 < error < 3 for _, error in told)
    with pytest.raises(ModelError, match="not trained"):
        forecaster.forecast(series)
    seen: list[float] = []
    forecaster.fit(series.iloc[:300], watch=lambda _, error: seen.append(error))
    assert seen == forecaster.history["val_loss"]
