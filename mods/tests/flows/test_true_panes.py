"""What leaves windows is read where the model learnt from it, as far back as it looks."""

import logging
import shutil

import numpy as np
import pytest

from mods.config import Config
from mods.errors import SeriesError
from mods.features.datapool import Datapool, held
from mods.flows import online
from mods.flows import source as sources
from mods.flows.backtest import backtest
from mods.flows.features import features
from mods.flows.model import Model
from mods.flows.predict import predict
from mods.flows.prepare import prepare
from mods.flows.train import train
from mods.request import (
    FeaturesRequest,
    OnlineRequest,
    PredictRequest,
    PrepareRequest,
    Source,
    TrainRequest,
)
from mods.series import known, leaving
from mods.tests.flows.test_prepare import IN, put, text

QUERY = "conn|in_count_uid~conn_in"
DAYS = 6
HIDDEN = "elsewhere"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A pool with panes; the model `told` learnt from them, `untold` before they were there."""
    folder, rng = tmp_path_factory.mktemp("true-panes"), np.random.default_rng(1)
    times = np.sort(rng.uniform(0, DAYS * 1440, DAYS * 1440))
    put(folder / "logs", "conn.log", text("conn", [(m, f"{IN}\t0.5\t1\t1") for m in times]))
    logs, pool = str(folder / "logs"), str(folder / "pool")
    prepare(PrepareRequest(logs, pool, window_slide="w20m-s10m", local_networks=("10.0.0.0/8",)))
    config = Config(
        data_select_query=QUERY,
        window_slide="w20m-s10m",
        model_type="MLP",
        steps_ahead=2,
        sequence_len=4,
        blocks=4,
        num_epochs=1,
    )
    train(config, TrainRequest(model_name="told"), source(folder))
    panes = folder / "pool" / "panes"
    panes.rename(folder / HIDDEN)
    train(config, TrainRequest(model_name="untold"), source(folder))
    (folder / HIDDEN).rename(panes)
    return folder


def source(place, pool="pool"):
    return Source(data=str(place / pool), models=str(place / "models"))


def test_a_model_that_never_learnt_from_panes_reads_none(place):
    read = backtest(PredictRequest("told"), source(place)).series
    assert leaving.there(read)
    read = backtest(PredictRequest("untold"), source(place)).series
    assert not leaving.there(read)


def test_one_origin_reads_as_far_back_as_it_looks_and_forecasts_the_same(place):
    whole = Datapool(place / "pool").select(QUERY, leaving=2)
    model = Model.load("told", str(place / "models"))
    expected = model.forecaster.backtest(whole, whole.index[-1:])
    found = predict(PredictRequest("told"), source(place)).forecast
    np.testing.assert_array_equal(found.values, expected.values)
    np.testing.assert_array_equal(found.upper[95], expected.upper[95])

    plain = Datapool(place / "pool").select(QUERY)
    back = (
        model.forecaster.panes_back() + model.watchful().forecast_reach + model.config.steps_ahead
    )
    later = plain.index[-43:-42] + back * model.forecaster.step
    told = model.informed(plain, source(place), model.config, later)
    known = told[leaving.name("conn_in", 1)].notna().to_numpy()
    assert known[-43:].all() and not known[:-43].any()


@pytest.mark.parametrize("damaged", ["manifest.json.gz", "*.parquet"])
def test_panes_that_cannot_be_read_are_told_and_the_windows_are_forecast(
    place, tmp_path, caplog, damaged
):
    shutil.copytree(place / "pool", tmp_path / "pool")
    broken = list((tmp_path / "pool" / "panes").rglob(damaged))
    assert broken
    for path in broken:
        path.write_bytes(b"no panes at all")
    given = Source(data=str(tmp_path / "pool"), models=str(place / "models"))
    with caplog.at_level(logging.WARNING, "mods"):
        found = predict(PredictRequest("told"), given).forecast
    assert np.isfinite(found.values).all()
    assert "What leaves the windows is not told" in caplog.text


def test_what_leaves_windows_is_no_feature_of_readers_that_did_not_ask(place):
    asked = {"data_select_query": QUERY, "window_slide": "w20m-s10m"}
    rows = online.detect(OnlineRequest(**asked), source(place)).rows
    assert set(rows["feature"]) == {"", "conn_in"}
    ranked = features(FeaturesRequest(source(place).data, **asked)).selection.features
    assert [one.name for one in ranked] == ["conn_in"]
    series = sources.series(source(place), Model.load("told", str(place / "models")).config)
    assert list(series) == ["conn_in"]


def test_a_model_that_wants_a_column_shows_features_alone(place):
    model = Model.load("told", str(place / "models"))
    series = model.informed(
        *(sources.series(source(place), model.config), source(place), model.config),
        Datapool(place / "pool").select(QUERY).index[-2:],
    )
    assert leaving.there(series)
    with pytest.raises(SeriesError, match=r"the series has conn_in\. "):
        known.there(series, ["holiday"])
    other = series.rename(columns={"conn_in": "conn_out"})
    with pytest.raises(SeriesError, match=r"the series has conn_out, the model wants conn_in\. "):
        model.forecaster.features_of(other)


@pytest.fixture
def room():
    """As in a worker of the service."""
    yield lambda: held.keep(2**25)
    held.keep(0)


def test_what_a_worker_keeps_changes_no_answer(place, room):
    days = [None, "<2023-11-17,2023-11-18)", "<2023-11-16T12:00,2023-11-17T01:00)"]
    gap = ("<2023-11-16T18:00,2023-11-16T20:00)",)
    asked = [PredictRequest("told", time_range=one) for one in days]
    asked.append(PredictRequest("told", time_range=days[1], time_ranges_excluded=gap))

    def answers(requests):
        found = [predict(one, source(place)).forecast for one in requests]
        return [np.stack([one.values, one.lower[95], one.upper[95]]) for one in found]

    fresh = answers(asked)
    room()
    again = answers([*asked, *asked[::-1]])
    for before, after in zip([*fresh, *fresh[::-1]], again, strict=True):
        np.testing.assert_array_equal(before, after)
    assert {asked.split()[0] for _, asked, _ in held._held} == {"series", "leaving"}
