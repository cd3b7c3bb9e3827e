import json

import numpy as np
import pandas as pd

from mods.anomaly.events import Event, join, missing

STEP = pd.Timedelta("10min")
START = pd.Timestamp("2019-04-01T00:00:00Z")


def at(step):
    return START + step * STEP


def ratios(**columns):
    table = {tuple(name.split("__")): values for name, values in columns.items()}
    length = len(next(iter(table.values())))
    return pd.DataFrame(table, pd.date_range(START, periods=length, freq=STEP))


def test_points_less_than_the_rest_apart_are_one_event():
    found = join(ratios(ssh_in__surprise=[0, 1, 0, 0, 3, 0, 0, 0, 0, 2]), rest=4, lead=6)
    assert [(e.start, e.peak, e.end, e.score) for e in found] == [
        (at(1), at(4), at(4), 3.0),
        (at(9), at(9), at(9), 2.0),
    ]


def test_event_names_its_features_the_strongest_first_and_its_direction():
    table = ratios(
        conn_in__surprise=[0, -1.5, -2, 0],
        conn_in__level=[0, 0.2, 0.3, 0.4],
        ssh_in__surprise=[0, 0.9, 0.9, 0],
        dns_in__level=[np.nan, 1.2, -4, np.nan],
    )
    (event,) = join(table, rest=36, lead=6)
    assert event.features == ("dns_in", "conn_in")
    assert (event.direction, event.score_kind, event.score) == ("too little", "level", 4.0)
    assert (event.start, event.end) == (at(1), at(2))


def test_what_an_event_is_was_forecast_before_it_began():
    """A burst that leaves surprises the forecasts that have seen it; it stays a burst."""
    (event,) = join(ratios(conn_in__surprise=[0, 2, 3, 1, -9, 0]), rest=36, lead=3)
    assert (event.direction, event.peak, event.score) == ("too much", at(2), 3.0)
    assert event.end == at(4)


def test_quiet_scores_make_no_event():
    assert join(ratios(conn_in__level=[0.99, -0.99, np.nan]), rest=36, lead=6) == []
    assert join(ratios(conn_in__level=[]), rest=36, lead=6) == []


def test_missing_stretches_are_told_once_for_all_features_that_share_them():
    nan = np.nan
    frame = pd.DataFrame(
        {"conn_in": [nan, 1, nan, nan, 4, 5, 6], "ssh_in": [nan, nan, nan, nan, 4, nan, 6]},
        pd.date_range(START, periods=7, freq=STEP),
    )
    found = missing(frame, STEP)
    assert [(e.start, e.end, e.features) for e in found] == [
        (at(2), at(3), ("conn_in",)),
        (at(5), at(5), ("ssh_in",)),
    ]
    assert {e.direction for e in found} == {"missing"}


def test_absent_rows_are_missing_too():
    frame = pd.DataFrame({"conn_in": [1.0, 2.0]}, [at(0), at(3)])
    (event,) = missing(frame, STEP)
    assert (event.start, event.end) == (at(1), at(2))
    assert missing(frame.iloc[:0], STEP) == []


def test_record_is_json_with_utc_times():
    event = Event(at(1), at(2), at(1), 1.5, ("ssh_in",), "too much", "burst", 10.0, None, "level")
    assert json.loads(json.dumps(event.record())) == {
        "start": "2019-04-01T00:10:00Z",
        "end": "2019-04-01T00:20:00Z",
        "peak": "2019-04-01T00:10:00Z",
        "score": 1.5,
        "features": ["ssh_in"],
        "direction": "too much",
        "kind": "burst",
        "actual": 10.0,
        "forecast": None,
        "score_kind": "level",
        "severity": "low",
        "severity_score": 36,
    }


def test_record_tells_mark_and_silence_where_there_are_any():
    event = Event(at(1), at(1), at(1), 1.0, ("a",), "missing", "missing", id="7f", mark="true")
    told = event.record()
    assert (told["id"], told["mark"]) == ("7f", "true") and "silenced" not in told
