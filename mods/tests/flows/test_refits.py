"""A backtest with refits: trained on what lies before each cut, beside the model as it is saved."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

from mods.cli import main
from mods.errors import SeriesError, UsageError
from mods.flows import course
from mods.flows.backtest import backtest
from mods.flows.refits import known, refit
from mods.request import BacktestRequest, Source

RANGE = "<2024-03-09T00:00,2024-03-10T11:50>"
BEGIN = pd.Timestamp("2024-03-08T23:40Z")  # the first origin: two leads before the first target


def noisy(steps=1152, seed=0):
    """Eight days of a rhythm of four hours."""
    rng = np.random.default_rng(seed)
    times = pd.date_range("2024-03-04", periods=steps, freq="10min", tz="UTC")
    load = 100 + 50 * np.sin(np.arange(steps) * 2 * np.pi / 24) + rng.normal(0, 5, steps)
    return pd.DataFrame({"time": times, "load": load})


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a series, and a model trained on its first four days."""
    folder = tmp_path_factory.mktemp("refits")
    noisy().to_csv(folder / "s.csv", index=False)
    words = [str(folder / "s.csv"), "--models", str(folder), "--model_name", "m"]
    small = ["--model_type", "MLP", "--blocks", "4", "--num_epochs", "2", "--steps_ahead", "2"]
    days = ["--sequence_len", "6", "--train_time_range", "<2024-03-04,2024-03-07>"]
    assert main(["train", *words, *small, *days]) == 0
    return folder


def tried(place, data="s.csv", **asked):
    source = Source(data=str(place / data), models=str(place))
    request = BacktestRequest(model_name="m", time_range=RANGE, **asked)
    tested = backtest(request, source)
    return tested, refit(tested, request)


@pytest.fixture(scope="module")
def daily(place):
    return tried(place, refit="20h")


def test_each_cut_has_a_model_of_its_own_and_all_origins_have_a_forecast(daily):
    fixed, refitted = daily
    assert fixed.first_target() == pd.Timestamp("2024-03-09T00:00Z")
    assert refitted.cuts.tolist() == [BEGIN, BEGIN + pd.Timedelta("20h")]
    forecast = refitted.forecast
    assert forecast.origins.equals(fixed.forecast.origins)
    assert forecast.values.shape == fixed.forecast.values.shape
    assert np.isfinite(forecast.values).all() and np.isfinite(forecast.upper[95]).all()
    assert np.abs(forecast.values - fixed.forecast.values).max() > 0


def test_scrambling_the_future_changes_no_forecast_made_before(place, daily):
    """What comes after a moment is turned around and made a thousand times larger."""
    moment = BEGIN + pd.Timedelta("30h")  # within what the second model forecasts
    table = noisy()
    later = (table["time"] > moment).to_numpy()
    table.loc[later, "load"] = 1_000 * table.loc[later, "load"].to_numpy()[::-1]
    table.to_csv(place / "scrambled.csv", index=False)
    _, scrambled = tried(place, "scrambled.csv", refit="20h")
    _, refitted = daily
    before = np.asarray(refitted.forecast.origins <= moment)
    assert 0 < before.sum() < len(before)
    for one, other in (
        (refitted.forecast.values, scrambled.forecast.values),
        (refitted.forecast.lower[80], scrambled.forecast.lower[80]),
    ):
        np.testing.assert_array_equal(one[before], other[before])
        assert (one[~before] != other[~before]).any()


def test_learnt_from_is_what_lies_before_the_cut_all_of_it_or_the_last_stretch():
    frame = noisy(10).set_index("time")
    cut = frame.index[6]
    assert known(frame, cut, None).index.tolist() == frame.index[:6].tolist()
    assert known(frame, cut, pd.Timedelta("30min")).index.tolist() == frame.index[3:6].tolist()


def test_refits_are_scored_beside_the_fixed_model_and_the_baselines(daily):
    record = daily[1].record()
    beside = record["summary"]["baselines"]
    assert beside["fixed_model"]["mean"] == pytest.approx(
        daily[0].record()["summary"]["mean"], rel=1e-9
    )
    assert set(beside) == {
        "persistence", "fixed_model", "seasonal_naive", "slot_median_change", "theta",
    }  # fmt: skip
    assert record["warnings"] == []
    assert "(fixed model)" in daily[1].text()


def test_errors_over_time_are_told_for_all_of_them(daily):
    errors = course.errors(*daily)
    assert {"refitted", "fixed_model", "persistence", "theta"} < set(errors)
    assert len(errors) > 10 and np.isfinite(errors["refitted"]).all()
    assert (errors["persistence"].dropna() == 1).all()
    rows = course.record(errors)
    assert rows[0]["time"] == "2024-03-09T00:00:00Z"
    assert json.loads(json.dumps(rows, allow_nan=False)) == rows


def test_the_course_takes_the_baselines_that_the_backtest_made(daily):
    fixed = daily[0]
    known = dataclasses.replace(fixed, rivals={"theta": fixed.rivals["theta"]})
    assert list(course.errors(known)) == ["model", "theta"]


def test_a_fixed_model_that_has_seen_the_period_is_told(place, capsys):
    words = ["m", str(place / "s.csv"), "--models", str(place), "--refit", "2d"]
    assert main(["backtest", *words, "--time_range", "<2024-03-07T20:00,2024-03-08T06:00>"]) == 0
    assert (
        "warning: the fixed model was trained on data up to 2024-03-07" in capsys.readouterr().out
    )


def test_too_little_before_the_first_cut_says_so(place):
    source = Source(data=str(place / "s.csv"), models=str(place))
    request = BacktestRequest(model_name="m", time_range="<2024-03-04,2024-03-05>", refit="1d")
    with pytest.raises(SeriesError, match="before it") as caught:
        refit(backtest(request, source), request)
    assert "Begin the time range later" in caught.value.fix


def test_a_span_without_refits_and_a_length_that_is_none_are_refused():
    with pytest.raises(UsageError, match="without --refit"):
        BacktestRequest(model_name="m", refit_span="3d")
    with pytest.raises(UsageError, match="'weekly' is no length of time"):
        BacktestRequest(model_name="m", refit="weekly")


def test_the_command_draws_the_course_and_writes_the_refitted_forecasts(place, tmp_path, capsys):
    picture, table = tmp_path / "course.svg", tmp_path / "f.csv"
    words = ["m", str(place / "s.csv"), "--models", str(place), "--time_range", RANGE]
    files = ["--picture", str(picture), "--output", str(table)]
    span = ["--refit", "2d", "--refit_span", "3d", "--quantiles", "0.1,0.9"]
    assert main(["backtest", *words, *span, *files, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["refits"]["span"], told["picture"]) == ("3d", str(picture))
    assert told["refits"]["summary"]["mean"] > 0 and told["over_time"][0]["refitted"] > 0
    assert "<svg" in picture.read_text()
    forecast = pd.read_csv(table)
    assert list(forecast)[:4] == ["origin", "lead", "feature", "forecast"]
    assert len(forecast) == 2 * 216
    assert (forecast["quantile_0.1"] < forecast["quantile_0.9"]).all()
    assert main(["backtest", *words, "--picture", "course.csv"]) == 2
