import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mods.anomaly.detector import Detector
from mods.errors import ModelError, SeriesError, UsageError
from mods.series.forecast import Forecast

STEP = pd.Timedelta("10min")
DAY, WEEK = 144, 1008


def traffic(weeks, seed=0):
    """Two features with a daily rhythm; each value is the sum of six panes of noise."""
    rng = np.random.default_rng(seed)
    steps = int(weeks * WEEK)
    index = pd.date_range("2019-04-01", periods=steps, freq=STEP, tz="UTC")
    rhythm = 1 + 0.4 * np.sin(2 * np.pi * np.arange(steps) / DAY)
    columns = {}
    for name, size in (("conn_in", 7000), ("ssh_in", 60)):
        panes = size * rng.gamma(40, 1 / 40, steps + 5)
        columns[name] = np.convolve(panes, np.ones(6), "valid") * rhythm
    return pd.DataFrame(columns, index)


def backtest(series, leads=6):
    """Causal forecast: the exponential mean so far, times the known rhythm."""
    rhythm = 1 + 0.4 * np.sin(2 * np.pi * np.arange(len(series) + leads) / DAY)
    level = (series / rhythm[: len(series), None]).ewm(span=DAY).mean().to_numpy()
    values = [level * rhythm[k : k + len(series), None] for k in range(1, leads + 1)]
    return Forecast(series.index, tuple(series.columns), STEP, np.stack(values, axis=1))


@pytest.fixture(scope="module")
def detector():
    calm = traffic(3, seed=1)
    return Detector(alarms_per_week=1).fit(calm, backtest(calm))


def first_alarm(detector, series):
    found = detector.detect(series, backtest(series))
    return [series.index.get_loc(time) for time in found.index[found["anomaly"] == 1]]


def test_outage_is_seen_within_the_hour(detector):
    series = traffic(1, seed=2)
    series.iloc[500:512] *= 0.05
    raised = [at for at in first_alarm(detector, series) if 500 <= at < 512]
    assert raised
    assert raised[0] <= 505
    event = next(
        e for e in detector.events(series, backtest(series)) if e.start >= series.index[500]
    )
    assert event.direction == "too little"
    assert set(event.features) == {"conn_in", "ssh_in"}
    assert event.actual < event.forecast / 5


def test_lasting_rise_below_every_burst_is_found_by_its_level(detector):
    series = traffic(1, seed=3)
    series.iloc[400:700, 0] *= 1.2
    events = detector.events(series, backtest(series))
    event = next(e for e in events if e.start >= series.index[400])
    assert event.start < series.index[472]
    assert (event.score_kind, event.direction, event.features) == (
        "level",
        "too much",
        ("conn_in",),
    )
    assert event.kind == "level shift"


def test_budget_holds_for_all_scores_together(detector):
    series = traffic(40, seed=4)
    found = detector.detect(series, backtest(series))
    assert 0.2 < found["anomaly"].sum() / 40 < 2
    assert len(detector.events(series, backtest(series))) <= found["anomaly"].sum()


def test_shift_of_days_alarms_while_it_begins_and_stays_visible(detector):
    series = traffic(2, seed=4)
    series.iloc[1000:1600, 0] *= 1.5
    found = detector.detect(series, backtest(series))
    raised = np.flatnonzero(found["anomaly"])
    assert ((raised >= 1000) & (raised < 1036)).sum() >= 1
    assert ((raised >= 1100) & (raised < 1600)).sum() <= 2
    quiet = found["anomaly_score"].iloc[200:1000].median()
    assert found["anomaly_score"].iloc[1100:1500].median() > 3 * quiet


def test_earlier_series_makes_a_detector_of_a_short_calm_range_sharp():
    """Five calm days show no rhythm; with weeks before them a rise of a third is soon found."""
    whole = traffic(8, seed=1)
    forecast = backtest(whole)
    calm, before = whole.iloc[-5 * DAY :], whole.iloc[: -5 * DAY]
    live = traffic(1, seed=3)
    live.iloc[400:700, 1] *= 1.33
    fitted = Detector().fit(calm, forecast, (before, forecast))
    assert fitted.budget["alarms_per_week"] == 1
    assert fitted.budget["calm_days"] == pytest.approx(5, abs=0.1)
    assert fitted.budget["calm_alarms_per_week"] < 6
    raised = first_alarm(fitted, live)
    assert any(400 <= at < 430 for at in raised)
    assert (
        fitted.thresholds["ssh_in"]["level"]
        < Detector().fit(calm, forecast).thresholds["ssh_in"]["level"]
    )


def test_reach_is_eight_weeks_of_the_series_but_a_week_of_forecasts(detector):
    assert 56 * DAY < detector.reach < 70 * DAY
    assert WEEK < detector.forecast_reach < 2 * WEEK


def test_detector_of_an_earlier_version_is_loaded_and_says_what_to_do():
    old = {"format": 1, "alarms_per_week": 1.0, "scale": {}, "thresholds": {}}
    detector = Detector.from_state(old)
    assert not detector.usable
    series = traffic(0.1)
    with pytest.raises(ModelError, match=r"earlier version .*Train the model again"):
        detector.detect(series, backtest(series))


def test_rows_are_those_of_the_contract(detector):
    series = traffic(1, seed=5)
    series.iloc[300:330] = np.nan
    series.iloc[600:, 0] *= 3
    found = detector.detect(series, backtest(series))
    assert found.index.equals(series.index)
    assert found.index.name == "time"
    assert found.columns.tolist() == ["anomaly_score", "threshold", "anomaly", "feature"]
    assert np.isfinite(found["anomaly_score"]).all()
    assert (found["anomaly_score"].iloc[[*range(6), *range(300, 330)]] == 0).all()
    assert set(found["feature"]) == {"", "conn_in", "ssh_in"}
    hot = found["anomaly_score"] >= found["threshold"]
    raised = np.flatnonzero(found["anomaly"])
    assert hot.to_numpy()[raised].all()
    assert np.diff(raised).min() >= 36


def test_gap_is_an_event_without_a_score(detector):
    series = traffic(1, seed=5)
    series.iloc[300:330] = np.nan
    gaps = [e for e in detector.events(series, backtest(series)) if e.direction == "missing"]
    assert [(e.start, e.end) for e in gaps] == [(series.index[300], series.index[329])]
    assert gaps[0].score == 0


def test_outage_in_the_calm_range_does_not_hide_the_next_one():
    calm = traffic(2, seed=1)
    clean = Detector(alarms_per_week=1).fit(calm, backtest(calm)).thresholds
    calm.iloc[1000:1030] = np.nan
    calm.iloc[994:1000] *= 0.05
    calm.iloc[1030:1036] *= 0.05
    hurt = Detector(alarms_per_week=1).fit(calm, backtest(calm)).thresholds
    assert hurt["conn_in"]["surprise"] < 1.3 * clean["conn_in"]["surprise"]


def test_future_changes_no_earlier_alarm(detector):
    series = traffic(1, seed=6)
    series.iloc[200:260, 1] *= 2
    before = detector.detect(series, backtest(series)).iloc[:500]
    rng = np.random.default_rng(0)
    series.iloc[500:] = rng.permutation(series.iloc[500:].to_numpy()) * 9
    after = detector.detect(series, backtest(series)).iloc[:500]
    pd.testing.assert_frame_equal(before, after, check_exact=True)


def test_explanation_has_each_feature_with_what_was_expected(detector):
    series = traffic(1, seed=2)
    series.iloc[500:512, 1] *= 4
    table = detector.explain(series, backtest(series))
    assert table.columns.tolist() == ["actual", "forecast", "surprise", "level", "score", "kind"]
    assert len(table) == 2 * len(series)
    row = table.loc[(series.index[508], "ssh_in")]
    assert row["actual"] > 3 * row["forecast"]
    assert row["score"] == row["surprise"] > 1
    assert row["kind"] == "surprise"
    assert table.loc[(series.index[508], "conn_in"), "score"] < 1
    found = detector.detect(series, backtest(series))
    merged = table["score"].groupby("time").max()
    assert (merged >= found["anomaly_score"]).all()
    raised = (found["anomaly"] == 1).to_numpy()
    assert merged[raised].tolist() == found["anomaly_score"][raised].tolist()


def test_state_travels_as_json(detector):
    again = Detector.from_state(json.loads(json.dumps(detector.state())))
    series = traffic(0.5, seed=7)
    pd.testing.assert_frame_equal(
        again.detect(series, backtest(series)), detector.detect(series, backtest(series))
    )
    assert again.state() == detector.state()


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.pop("thresholds"),
        lambda s: s.update(scale={"conn_in": "much"}),
        lambda s: s["scale"].update(conn_in=float("nan")),
        lambda s: s["thresholds"]["ssh_in"].update(level=0),
        lambda s: s.update(alarms_per_week=-1),
        lambda s: s.update(scale=[]),
        lambda s: s.pop("drift"),
        lambda s: s["drift"]["spread"].pop("ssh_in"),
        lambda s: s["drift"]["rhythm"].update(days="many"),
        lambda s: s["drift"]["rhythm"]["tables"].update(every={"ssh_in": [1.0]}),
        lambda s: s.update(step_s=0),
        lambda s: s.update(format=3),
    ],
)
def test_damaged_state_is_refused(detector, change):
    state = json.loads(json.dumps(detector.state()))
    change(state)
    with pytest.raises(ModelError, match=r"Train the model again"):
        Detector.from_state(state)


def test_mistakes_are_told():
    series = traffic(0.3)
    with pytest.raises(UsageError, match="Call fit"):
        Detector().detect(series, backtest(series))
    with pytest.raises(UsageError, match="Give more than 0"):
        Detector(alarms_per_week=0)
    with pytest.raises(SeriesError, match=r"only 14 steps .* Give a longer calm range"):
        Detector().fit(series.iloc[:20], backtest(series.iloc[:20]))
    fitted = Detector().fit(series[["ssh_in"]], backtest(series[["ssh_in"]]))
    with pytest.raises(SeriesError, match=r"conn_in: .*not fitted on.*ssh_in"):
        fitted.detect(series, backtest(series))


def test_feature_without_any_traffic_alarms_at_its_first():
    series = traffic(2).assign(ssh_in=0.0)
    detector = Detector().fit(series, backtest(series))
    live = traffic(1, seed=8).assign(ssh_in=0.0)
    live.iloc[700, 1] = 50.0
    event = next(e for e in detector.events(live, backtest(live)) if "ssh_in" in e.features)
    assert event.start == live.index[700]


@settings(max_examples=10, deadline=None)
@given(
    arrays(
        float,
        st.tuples(st.integers(0, 60), st.just(2)),
        elements=st.one_of(st.floats(), st.sampled_from([0.0, 1e308, -1e308, 5e-324])),
    )
)
def test_scores_are_finite_whatever_comes(detector, values):
    index = pd.date_range("2019-04-01", periods=len(values), freq=STEP, tz="UTC")
    series = pd.DataFrame(values, index, columns=["conn_in", "ssh_in"])
    forecast = Forecast(index, ("conn_in", "ssh_in"), STEP, np.repeat(values[:, None], 6, axis=1))
    found = detector.detect(series, forecast)
    assert len(found) == len(series)
    assert np.isfinite(found["anomaly_score"]).all()
    unknown = ~np.isfinite(values).any(axis=1)
    assert (found["anomaly_score"][unknown] == 0).all()
    for event in detector.events(series, forecast):
        json.dumps(event.record(), allow_nan=False)
