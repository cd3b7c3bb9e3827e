"""One network for many series: a datapool by subnet, from logs to forecasts of a new subnet."""

import json

import numpy as np
import pandas as pd
import pytest

from mods.config import Config
from mods.errors import DatapoolError, SeriesError, SettingError
from mods.flows import source as sources
from mods.flows.backtest import backtest
from mods.flows.detect import detect, watch
from mods.flows.model import Model
from mods.flows.predict import predict
from mods.flows.prepare import prepare
from mods.flows.train import train
from mods.request import PredictRequest, PrepareRequest, Source, TrainRequest
from mods.tests.flows.test_prepare import put, text

DAYS, PANE = 8, 10
SUBNETS = {"10.0.1.0/24": 3.0, "10.0.2.0/24": 8.0, "10.0.3.0/24": 30.0}
QUERY = "conn|in_count_uid~conn_in|out_count_uid~conn_out"
SMALL = Config(
    data_select_query=QUERY, model_type="MLP", steps_ahead=3, sequence_len=6, blocks=8,
    num_epochs=4, entities=("10.0.1.0/24", "10.0.2.0/24"),
)  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Eight days of three subnets with one rhythm and three sizes; a model of two of them."""
    folder, rng = tmp_path_factory.mktemp("many"), np.random.default_rng(0)
    rows = []
    for number, size in enumerate(SUBNETS.values(), start=1):
        panes = np.arange(DAYS * 144)
        rate = size * (1 + 0.6 * np.sin(2 * np.pi * panes / 144))
        for pane, count in enumerate(rng.poisson(rate)):
            minutes = PANE * pane + rng.uniform(0, PANE, count)
            ends = f"10.0.{number}.7\t1024", "8.8.8.8\t53"
            rows += [(m, "C\t" + "\t".join(ends[:: 1 - 2 * (m * 97 % 1 < 0.5)])) for m in minutes]
    lines = text("conn", [(m, f"{way}\t0.5\t1\t1") for m, way in sorted(rows)])
    put(folder / "logs", "conn.log", lines)
    pool = str(folder / "pool")
    prepare(
        PrepareRequest(str(folder / "logs"), pool, local_networks=("10.0.0.0/8",), by="subnet:24")
    )
    train(SMALL, TrainRequest(model_name="m"), source(folder))
    return folder


def source(place):
    return Source(data=str(place / "pool"), models=str(place / "models"))


def test_one_network_learns_all_and_forecasts_each_in_its_own_units(place):
    model = Model.load("m", str(place / "models"))
    assert model.forecaster.features == (
        "10.0.1.0/24|conn_in", "10.0.1.0/24|conn_out",
        "10.0.2.0/24|conn_in", "10.0.2.0/24|conn_out",
    )  # fmt: skip
    found = predict(PredictRequest("m"), source(place))
    assert set(found.table()["feature"]) == set(model.forecaster.features)
    one = predict(PredictRequest("m", entities=("10.0.2.0/24",)), source(place))
    np.testing.assert_allclose(one.forecast.values, found.forecast.values[:, :, 2:], rtol=1e-5)
    np.testing.assert_allclose(
        one.forecast.upper[95], found.forecast.upper[95][:, :, 2:], rtol=1e-5
    )


def test_a_new_series_is_forecast_without_training(place):
    asked = PredictRequest("m", entities=("all",), time_range="<2023-11-21T12:00,2023-11-22T12:00)")
    tested = backtest(asked, source(place))
    errors = tested.evaluation.groupby("feature")["rel_mae"].mean()
    new = errors[[name.startswith("10.0.3.0/24|") for name in errors.index]]
    assert len(errors) == 6 and (errors < 0.9).all() and len(new) == 2
    assert (tested.evaluation["cover_95"] > 0.85).all()
    table = tested.table()
    assert list(table)[:4] == ["origin", "lead", "feature", "forecast"]


def test_a_new_series_is_watched_by_what_its_kind_usually_misses(place):
    found = detect(PredictRequest("m", entities=("10.0.3.0/24",)), source(place))
    assert len(found.rows) == len(found.series) and np.isfinite(found.rows["anomaly_score"]).all()
    assert len(found.events) <= 6


def test_a_new_series_is_judged_once_its_size_is_known(place):
    model = Model.load("m", str(place / "models"))
    series = sources.series(source(place), Config(**{**plain_config(), "entities": ("all",)}))
    loud = series[[name for name in series if name.startswith("10.0.3.0/24|")]] * 40
    loud.attrs = dict(series.attrs)
    begin = loud.index[0]
    _, forecast = watch(model, loud, loud.index)
    judged = np.isfinite(forecast.values[:, 0]).any(axis=1)
    assert forecast.origins[judged][0] >= loud.index[143] and judged.sum() > 500
    assert model.watching(loud, begin).state() == model.watching(loud, loud.index[144]).state()


def test_what_a_new_series_does_when_judged_sets_no_threshold(place):
    model = Model.load("m", str(place / "models"))
    series = sources.series(source(place), Config(**{**plain_config(), "entities": ("all",)}))
    begin, wild = series.index[400], series.copy()
    wild.iloc[400:, 4:] *= 50
    told, louder = (model.watching(one, begin).state() for one in (series, wild))
    assert told == louder and len(told["scale"]) == 6


def test_entities_that_are_not_there_are_named(place):
    with pytest.raises(DatapoolError, match=r"has no entity '10.9.9.0/24'. It has 10.0.1.0/24"):
        predict(PredictRequest("m", entities=("10.9.9.0/24",)), source(place))
    plain = dict(data_select_query=QUERY, model_type="MLP", blocks=4, num_epochs=1)
    train(Config(**plain), TrainRequest(model_name="one"), source(place))
    with pytest.raises(
        SettingError, match=r"entities: the model is of one series. Train one of many"
    ):
        predict(PredictRequest("one", entities=("all",)), source(place))


def test_an_entity_may_be_asked_for_by_its_folder(place):
    one = predict(PredictRequest("m", entities=("10.0.3.0_24",)), source(place)).forecast
    assert one.features == ("10.0.3.0/24|conn_in", "10.0.3.0/24|conn_out")


def test_a_part_alone_is_told_to_be_given_with_the_whole(place):
    part = place / "pool" / "by" / "10.0.2.0_24"
    with pytest.raises(DatapoolError, match="is the part of 10.0.2.0/24 alone") as caught:
        predict(PredictRequest("m"), Source(data=str(part), models=str(place / "models")))
    assert caught.value.fix == f"Give the whole: --data {place / 'pool'} --entities 10.0.2.0/24"


def test_a_file_may_hold_many_series_too(place, tmp_path):
    config = Config(**{**plain_config(), "entities": ("a",)})
    series = sources.series(source(place), Config(**{**plain_config(), "entities": ("all",)}))
    table = series.iloc[:, :0].copy()
    table["a|x"], table["b|x"] = series["10.0.1.0/24|conn_in"], series["10.0.3.0/24|conn_in"]
    table.to_csv(tmp_path / "many.csv")
    given = Source(data=str(tmp_path / "many.csv"), models=str(tmp_path / "models"))
    train(config, TrainRequest(model_name="f"), given)
    assert predict(PredictRequest("f"), given).forecast.features == ("a|x",)
    assert predict(PredictRequest("f", entities=("b",)), given).forecast.features == ("b|x",)
    with pytest.raises(SeriesError, match=r"has no columns c\|\.\.\. It has a, b"):
        predict(PredictRequest("f", entities=("c",)), given)


def plain_config():
    return dict(data_select_query=QUERY, model_type="MLP", blocks=4, num_epochs=1)


def test_the_network_is_as_wide_for_two_series_as_for_a_hundred(place):
    model = Model.load("m", str(place / "models"))
    state = json.loads(json.dumps(model.forecaster.parts().state))
    assert state["inputs"]["kinds"] == ["conn_in", "conn_out"]
    assert (
        pd.Series(state["transform"]["scale"]).groupby([0, 0, 1, 1]).mean().is_monotonic_increasing
    )


def test_a_limit_of_all_series_is_kept_as_written_and_warns_of_each_new_ones_too(place):
    config = Config(**{**vars(SMALL), "num_epochs": 1})
    given = ("conn_in<1; 10.0.2.0/24|conn_in<1e6",)
    train(config, TrainRequest(model_name="limited", limits=given), source(place))
    kept = Model.load("limited", str(place / "models")).limits
    assert [str(one) for one in kept.given] == ["conn_in<1", "10.0.2.0/24|conn_in<1000000"]
    found = predict(PredictRequest("limited", entities=("all",)), source(place)).warnings
    warned = {one["feature"]: one["source"] for one in found.record() if one["limit"] == 1}
    assert warned == {"10.0.1.0/24|conn_in": "given", "10.0.3.0/24|conn_in": "given"}
