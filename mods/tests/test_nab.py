"""benchmarks.nab scores as NAB does: expected values by hand from its definition."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

corpus = pytest.importorskip("benchmarks.nab.corpus", reason="installed without its benchmarks")
scoring = pytest.importorskip("benchmarks.nab.scoring")

ROWS, WINDOW = 100, (40, 59)
TOP = 2 / (1 + np.exp(-5)) - 1


@pytest.fixture
def labelled():
    times = pd.date_range("2024-03-04", periods=ROWS, freq="5min", tz="UTC")
    return corpus.Labelled("a/one.csv", times, np.zeros(ROWS), (WINDOW,))


def alarms(*rows: int) -> np.ndarray:
    scores = np.zeros(ROWS)
    scores[list(rows)] = 1.0
    return scores


def scored(labelled, *rows: int, profile: str = "standard") -> float:
    return scoring.curve([labelled], [alarms(*rows)]).at(1.0, profile)


def test_an_alarm_at_the_begin_of_the_window_is_perfect(labelled):
    assert scored(labelled, 40) == pytest.approx(100)
    assert scored(labelled, 40, 45, 59) == pytest.approx(100), "further alarms change nothing"


def test_the_earlier_the_better(labelled):
    """At the middle of the window the sigmoid is that of -0.5, at the last row that of -1/20."""
    middle = (2 / (1 + np.exp(-2.5)) - 1) / TOP
    assert scored(labelled, 50) == pytest.approx(100 * (1 + middle) / 2)
    last = (2 / (1 + np.exp(-0.25)) - 1) / TOP
    assert scored(labelled, 59) == pytest.approx(100 * (1 + last) / 2)


def test_no_alarm_is_nothing_and_a_false_one_costs(labelled):
    assert scoring.curve([labelled], [np.zeros(ROWS)]).at(0.5) == 0
    assert scored(labelled, 20) == pytest.approx(100 * -0.11 / 2)
    assert scored(labelled, 20, profile="low_fp") == pytest.approx(100 * -0.22 / 2)
    assert scored(labelled, 20, profile="low_fn") == pytest.approx(100 * -0.11 / 3)


def test_a_false_alarm_shortly_after_the_window_costs_less(labelled):
    near = 2 / (1 + np.exp(5 * 1 / 19)) - 1
    assert scored(labelled, 40, 60) == pytest.approx(100 * (2 + 0.11 * near) / 2)


def test_rows_of_the_probation_do_not_count(labelled):
    assert scored(labelled, 3, 14, 40) == pytest.approx(100)


def test_the_best_threshold_is_found_among_all(labelled):
    scores = np.zeros(ROWS)
    scores[[40, 80, 20]] = [0.9, 0.5, 0.4]
    curve = scoring.curve([labelled], [scores])
    assert curve.best() == 0.9 and curve.at(curve.best()) == pytest.approx(100)
    assert curve.auc_pr > 0.5 * 20 / 85


def test_a_checkout_of_nab_is_read(tmp_path):
    (tmp_path / "labels").mkdir()
    (tmp_path / "data" / "a").mkdir(parents=True)
    windows = {"a/one.csv": [["2024-03-04 00:10:00.000000", "2024-03-04 00:20:00.000000"]]}
    (tmp_path / "labels" / "combined_windows.json").write_text(json.dumps(windows))
    times = pd.date_range("2024-03-04", periods=6, freq="5min").strftime("%Y-%m-%d %H:%M:%S")
    rows = pd.DataFrame({"timestamp": times, "value": range(6)})
    rows.to_csv(tmp_path / "data" / "a" / "one.csv", index=False)
    (found,) = corpus.load(tmp_path)
    assert found.windows == ((2, 4),) and found.values.tolist() == [0, 1, 2, 3, 4, 5]
    assert corpus.half([found, found, found], "a") == [found, found]
