"""Training and forecasting with what is known in advance, from a column or a file."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from mods.config import Config
from mods.errors import SeriesError
from mods.flows.backtest import backtest
from mods.flows.detect import detect
from mods.flows.predict import predict
from mods.flows.train import train
from mods.request import PredictRequest, Source, TrainRequest

HOUR = pd.Timedelta("1h")
STEPS = 1200
SMALL = Config(
    model_type="MLP", steps_ahead=3, sequence_len=6, blocks=16, batch_size=32, num_epochs=15
)


def told(steps=STEPS, seed=0):
    """A level that a switch moves, at hours that only the switch knows."""
    rng = np.random.default_rng(seed)
    switch = np.repeat(rng.integers(0, 2, steps // 4 + 4), rng.integers(1, 9, steps // 4 + 4))
    switch = switch[:steps].astype(float)
    times = pd.date_range("2024-01-01T00:00Z", periods=steps, freq=HOUR, name="time")
    return pd.DataFrame(
        {"load": 100 + 50 * switch + rng.normal(0, 1, steps), "switch": switch}, times
    )


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A model that knows the switch, and its data with three steps more of the switch alone."""
    folder = tmp_path_factory.mktemp("known")
    table = told()
    table.loc[table.index[-3:], "load"] = np.nan
    table.to_csv(folder / "data.csv")
    table[["load"]].iloc[:-3].to_csv(folder / "load.csv")
    table[["switch"]].to_csv(folder / "switch.csv")
    source = Source(data=str(folder / "data.csv"), models=str(folder / "models"))
    config = dataclasses.replace(SMALL, known_columns=("switch",))
    train(config, TrainRequest(model_name="m"), source)
    return folder


def source(place, data, **more):
    return Source(data=str(place / data), models=str(place / "models"), **more)


def test_what_is_known_in_advance_is_forecast_by_and_never_forecast(place):
    tested = backtest(
        PredictRequest("m", time_range="<2024-02-10,2024-02-19)"), source(place, "data.csv")
    )
    assert tested.forecast.features == ("load",)
    assert (tested.evaluation["rel_mae"] < 0.35).all(), "a switch nobody can foresee, but is told"


def test_the_steps_ahead_need_their_values_and_the_error_says_which(place):
    found = predict(PredictRequest("m"), source(place, "data.csv"))
    assert found.forecast.origins[0] == pd.Timestamp("2024-02-19T20:00Z")
    want = 100 + 50 * told()["switch"].to_numpy()[-3:]
    np.testing.assert_allclose(found.forecast.values[0, :, 0], want, atol=15)
    short = place / "short.csv"
    pd.read_csv(place / "data.csv").iloc[:-2].to_csv(short, index=False)
    with pytest.raises(
        SeriesError, match=r"switch: is known in advance, but has no value at 2024-02-19 22"
    ):
        predict(PredictRequest("m"), source(place, "short.csv"))
    with pytest.raises(SeriesError, match=r"switch: is a column known in advance, .* --known"):
        predict(PredictRequest("m"), source(place, "load.csv"))


def test_a_file_of_its_own_says_the_same(place):
    inside = predict(PredictRequest("m"), source(place, "data.csv"))
    beside = predict(
        PredictRequest("m"), source(place, "load.csv", known=str(place / "switch.csv"))
    )
    np.testing.assert_allclose(beside.forecast.values, inside.forecast.values, rtol=1e-6)
    other = train(
        SMALL,
        TrainRequest(model_name="n"),
        source(place, "load.csv", known=str(place / "switch.csv")),
    )
    assert other["features"] == ["load"]
    with pytest.raises(SeriesError, match=r"load.csv: has the columns load, none of those"):
        predict(PredictRequest("n"), source(place, "data.csv", known=str(place / "load.csv")))


def test_detection_scores_every_row_and_steps_to_come_are_not_missing(place):
    found = detect(PredictRequest("m"), source(place, "data.csv"))
    assert len(found.rows) == STEPS and (found.rows["anomaly_score"].tail(3) == 0).all()
    assert not [one for one in found.events if one.kind == "missing"]


def test_a_daily_file_holds_for_its_day(place):
    days = pd.date_range("2024-01-01", periods=60, freq="1D", tz="UTC", name="time")
    pd.DataFrame({"open": np.arange(60.0) % 7 < 5}, days).astype(float).to_csv(place / "days.csv")
    given = source(place, "load.csv", known=str(place / "days.csv"))
    config = dataclasses.replace(SMALL, num_epochs=1, calendar=("day", "week"))
    answer = train(config, TrainRequest(model_name="d"), given)
    assert answer["features"] == ["load"]
    assert len(predict(PredictRequest("d"), given).table()) == 3


def test_a_model_that_goes_on_reads_a_file_on_its_own_step(place):
    """Most rows of the newer file are two hours apart, which alone would make another step."""
    table = told(1700, seed=1)
    kept = (np.arange(1700) >= 1200) | (np.arange(1700) % 2 == 0)
    table[kept].to_csv(place / "sparse.csv")
    request = TrainRequest(model_name="newer", init_from="m")
    config = dataclasses.replace(SMALL, num_epochs=1)
    newer = train(config, request, source(place, "sparse.csv"), {"num_epochs"})
    assert newer["epochs"] == 1 and newer["window_slide"] == "w01h-s01h"


def test_where_every_column_is_known_in_advance_none_is_left_to_forecast(place):
    config = dataclasses.replace(SMALL, known_columns=("load", "switch"))
    with pytest.raises(SeriesError, match="no column is left to forecast") as caught:
        train(config, TrainRequest(model_name="none"), source(place, "data.csv"))
    assert caught.value.where == "known_columns"
