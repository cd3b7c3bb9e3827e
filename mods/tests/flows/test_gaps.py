"""A sensor that falls silent is told from traffic that stops: from the logs to the events."""

import numpy as np
import pandas as pd
import pytest

from mods.config import Config
from mods.features.datapool import Datapool
from mods.flows.backtest import backtest
from mods.flows.detect import detect
from mods.flows.predict import predict
from mods.flows.prepare import prepare
from mods.flows.train import train
from mods.request import PredictRequest, PrepareRequest, Source, TrainRequest
from mods.tests.flows.test_prepare import DAY, IN, put, text

DAYS = 6
QUERY = "conn|in_count_uid~conn_in;ssh|in~ssh_in"
SILENT = pd.Timestamp("2023-11-20T18:00Z"), pd.Timestamp("2023-11-20T22:00Z")
QUIET = pd.Timestamp("2023-11-20T06:00Z"), pd.Timestamp("2023-11-20T10:00Z")
HOUR = pd.Timedelta("1h")


def minutes(rng, per_pane, *without):
    """Times of records in minutes since the first day, none in these stretches."""
    times = np.sort(rng.uniform(0, DAYS * 1440, int(per_pane * DAYS * 144)))
    for begin, end in without:
        first, last = ((t.timestamp() - DAY) / 60 for t in (begin, end))
        times = times[(times < first) | (times >= last)]
    return times


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Six days; on the last, no log has a record for four hours, earlier only ssh falls silent."""
    folder, rng = tmp_path_factory.mktemp("gaps"), np.random.default_rng(1)
    conn = [(m, f"{IN}\t0.5\t1\t1") for m in minutes(rng, 20, SILENT)]
    ssh = [(m, IN) for m in minutes(rng, 30, SILENT, QUIET)]
    put(folder / "logs", "conn.log", text("conn", conn))
    put(folder / "logs", "ssh.log", text("ssh", ssh))
    prepare(
        PrepareRequest(str(folder / "logs"), str(folder / "pool"), local_networks=("10.0.0.0/8",))
    )
    config = Config(
        data_select_query=QUERY,
        model_type="MLP",
        steps_ahead=6,
        sequence_len=6,
        blocks=8,
        num_epochs=3,
    )
    until = TrainRequest(
        model_name="m", train_time_range="<2023-11-15,2023-11-20)", alarms_per_week=3
    )
    train(config, until, source(folder))
    return folder


def source(place):
    return Source(data=str(place / "pool"), models=str(place / "models"))


def test_windows_of_a_silent_sensor_are_missing_and_of_quiet_traffic_zero(place):
    series = Datapool(place / "pool").select(QUERY, leaving=2)
    ends = series.index
    silent = (ends - HOUR >= SILENT[0]) & (ends <= SILENT[1])
    quiet = (ends - HOUR >= QUIET[0]) & (ends <= QUIET[1])
    assert silent.sum() == quiet.sum() == 19
    assert series[silent].isna().all(axis=None), "nothing was seen at all"
    assert (series["ssh_in"][quiet] == 0).all() and (series["conn_in"][quiet] > 50).all()
    assert not series[~silent].isna().any(axis=None)


def test_no_forecast_begins_in_the_silence_and_one_begins_in_the_quiet(place):
    asked = PredictRequest("m", time_range="<2023-11-20,2023-11-21)")
    found = backtest(asked, source(place))
    origins = found.forecast.origins
    inside = (origins - HOUR >= SILENT[0]) & (origins <= SILENT[1])
    assert not inside.any()
    assert ((origins - HOUR >= QUIET[0]) & (origins <= QUIET[1])).sum() >= 18
    table = found.table()
    assert not table["forecast"].isna().any() and set(table["feature"]) == {"conn_in", "ssh_in"}


def test_the_silence_is_an_event_of_its_own_kind_and_the_quiet_is_too_little(place):
    events = detect(PredictRequest("m", time_range="<2023-11-20,2023-11-21)"), source(place)).events
    (gap,) = [one for one in events if one.kind == "missing"]
    assert (gap.start, gap.end) == (SILENT[0] + HOUR, SILENT[1])
    assert gap.direction == "missing" and set(gap.features) == {"conn_in", "ssh_in"}
    stopped = [one for one in events if one.kind != "missing" and one.end >= QUIET[0]]
    assert stopped[0].start <= QUIET[1], [one.record() for one in events]
    assert stopped[0].direction == "too little" and "ssh_in" in stopped[0].features


def test_a_forecast_after_the_silence_is_made_and_what_was_excluded_counts_as_a_gap(place):
    after = PredictRequest("m", time_range="<2023-11-20T22:00,2023-11-20T22:05)")
    assert np.isfinite(predict(after, source(place)).forecast.values).all()
    left_out = "<2023-11-20T04:00,2023-11-20T05:00)"
    asked = PredictRequest(
        "m", time_range="<2023-11-20,2023-11-20T06:00)", time_ranges_excluded=(left_out,)
    )
    origins = backtest(asked, source(place)).forecast.origins
    assert not (
        (origins - HOUR >= "2023-11-20T04:00Z") & (origins - HOUR < "2023-11-20T05:00Z")
    ).any()
