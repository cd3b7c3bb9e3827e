"""What is calm is one rule, in training and in calibration."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest

from mods.anomaly.detector import Detector
from mods.anomaly.marks import Mark
from mods.flows.calm import Lessons, learn, learnt
from mods.flows.model import Model
from mods.flows.silence import Feedback
from mods.tests.conftest import rhythm

BEGIN, SCAN = pd.Timestamp("2024-03-10T00:00Z"), pd.Timestamp("2024-03-12T06:00Z")


@pytest.fixture(scope="module")
def model(shelf):
    """One that has no detector yet, as in training."""
    return dataclasses.replace(Model.load("small", str(shelf)), detector=None)


def lessons(model, *, scan, names=("ssh_in",)):
    """Nine days, the last three as calm range, with a scan in it or without."""
    series = rhythm().rename(columns={"dns": "dns_in_distinct", "ssh": "ssh_in"}).astype(float)
    series.index = (series.index + pd.Timedelta("1h")).rename("time")
    if scan:
        series.loc[SCAN : SCAN + pd.Timedelta("3h"), [*names]] *= 20
    forecast = model.forecaster.backtest(series)
    before = series.loc[: BEGIN - model.forecaster.step]
    return Lessons(series, series.loc[BEGIN:], forecast, series, (before, forecast))


def fitted(model, *, scan, marks=()):
    given = lessons(model, scan=scan)
    detector, unmarked, left_out = learn(
        model, lambda: Detector(1.0), given, Feedback(tuple(marks))
    )
    assert left_out == [one for one in unmarked if one.severity in ("high", "critical")]
    return detector.thresholds["ssh_in"], unmarked


def test_a_severe_event_that_nobody_marked_does_not_blind_a_training(model):
    clean, nothing = fitted(model, scan=False)
    assert not [one for one in nothing if one.severity in ("high", "critical")]
    given = lessons(model, scan=True)
    blind = learnt(model, Detector(1.0), given, Feedback()).thresholds["ssh_in"]
    heeded, (scan, *_) = fitted(model, scan=True)
    assert scan.features[0] == "ssh_in" and scan.severity in ("high", "critical")
    assert blind["surprise"] > 1.5 * clean["surprise"]
    assert heeded["surprise"] < 1.2 * clean["surprise"]


def test_what_somebody_called_a_false_alarm_is_calm_and_what_is_true_is_not(model):
    _, (scan, *_) = fitted(model, scan=True)
    said = Mark(scan.id, "true", scan.start, scan.end, scan.features)
    as_true, left = fitted(model, scan=True, marks=[said])
    assert scan.id not in {one.id for one in left}
    as_false, left = fitted(model, scan=True, marks=[dataclasses.replace(said, verdict="false")])
    assert scan.id not in {one.id for one in left}
    assert as_false["surprise"] > 1.3 * as_true["surprise"]


def test_severe_events_that_leave_nothing_calm_are_learnt_from_and_told(model, caplog):
    given = lessons(model, scan=True, names=["conn_in", "conn_out", "dns_in_distinct", "ssh_in"])
    short = dataclasses.replace(given, calm=given.calm.loc[SCAN - pd.Timedelta("12h") :].iloc[:96])
    short = dataclasses.replace(short, watched=given.series.loc[: short.calm.index[-1]])
    detector, unmarked, left_out = learn(model, lambda: Detector(1.0), short, Feedback())
    assert detector.thresholds and {one.severity for one in unmarked} & {"high", "critical"}
    assert not left_out  # and so nobody is told that they were
    assert "severe events take up the calm range" in caplog.text
