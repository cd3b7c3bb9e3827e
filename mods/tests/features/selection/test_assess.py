"""A series of hand-made features: the ranking says of each what it is."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from mods.errors import ResourceError, SeriesError
from mods.features.selection import Selection, assess, extra

DAY = 144
DAYS = 14


def windows(panes: np.ndarray) -> np.ndarray:
    """Hourly sums every ten minutes."""
    return np.convolve(panes, np.ones(6), "valid")


def frame(**columns: np.ndarray) -> pd.DataFrame:
    steps = len(next(iter(columns.values())))
    times = pd.date_range("2024-03-04 01:00", periods=steps, freq="10min", tz="UTC", name="time")
    series = pd.DataFrame(columns, times, dtype=float)
    series.attrs["window"] = "w01h-s10m"
    return series


def traffic(days: int = DAYS) -> pd.DataFrame:
    """Features of which each shows one thing."""
    rng = np.random.default_rng(0)
    pane = np.arange(days * DAY + 5)
    daily = windows(rng.poisson(100 + 60 * np.sin(2 * np.pi * pane / DAY)))
    other = windows(rng.poisson(100 + 60 * np.sin(2 * np.pi * pane / 36)))
    return frame(
        daily=daily,
        other=other,
        copy=2 * daily + rng.normal(size=len(daily)),
        both=daily + other,
        noise=windows(rng.poisson(100, len(pane))),
        rare=windows(rng.poisson(0.02, len(pane))),
        walk=rng.normal(size=len(daily)).cumsum(),
        same=np.full(len(daily), 7.0),
        missing=np.full(len(daily), np.nan),
    )


@pytest.fixture(scope="module")
def chosen() -> Selection:
    return assess(traffic())


def why(selection: Selection, name: str) -> tuple[str, str]:
    found = next(one for one in selection.features if one.name == name)
    return found.verdict, found.why


def test_a_daily_rhythm_is_kept_for_it(chosen):
    verdict, words = why(chosen, "daily")
    assert verdict == "keep"
    assert "strong daily rhythm (144 slides); predictable" in words
    assert "strong 6 h rhythm (36 slides); predictable" in why(chosen, "other")[1]


def test_of_two_that_say_the_same_the_first_is_kept(chosen):
    verdict, words = why(chosen, "copy")
    assert verdict == "drop"
    assert words.startswith("duplicate of daily (r=.9")


def test_a_sum_of_two_follows_from_them(chosen):
    assert why(chosen, "both") == ("drop", "follows from other and daily (R2=1)")


def test_noise_is_weak(chosen):
    verdict, words = why(chosen, "noise")
    assert verdict == "weak"
    assert words.startswith("its past tells nothing")


def test_a_rare_count_asks_for_a_longer_window(chosen):
    verdict, words = why(chosen, "rare")
    assert verdict == "sparse"
    assert "of the windows (intermittent): a window of 24 h holds some 9 times of 10" in words


def test_a_random_walk_is_forecast_by_its_change(chosen):
    verdict, words = why(chosen, "walk")
    assert verdict == "keep"
    assert "long memory" in words
    assert "its level wanders" in words
    assert "model_delta" in words


def test_what_never_changes_and_what_is_never_known_are_dropped(chosen):
    assert why(chosen, "same") == ("drop", "constant: 7 everywhere")
    assert why(chosen, "missing") == ("drop", "no value at all")


def test_the_best_come_first_and_each_comes_once(chosen):
    names = [one.name for one in chosen.features]
    assert sorted(names) == sorted(traffic().columns)
    verdicts = [one.verdict for one in chosen.features]
    assert verdicts == sorted(verdicts, key=["keep", "weak", "sparse", "drop"].index)
    scores = [one.score for one in chosen.of("keep")]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= one.score <= 1 for one in chosen.features)


def test_groups_and_rank(chosen):
    assert ["daily", "copy"] in chosen.groups
    assert chosen.rank == 6  # daily, other, copy, noise, rare, walk; both is their sum
    assert chosen.across.loc["daily", "daily"] > 0


def test_the_record_is_plain_json(chosen):
    record = json.loads(json.dumps(chosen.record(), allow_nan=False))
    assert record["keep"] == len(chosen.of("keep"))
    assert record["lead"] == 6
    same = next(one for one in record["features"] if one["feature"] == "same")
    assert (same["verdict"], same["score"], same["vif"]) == ("drop", 0.0, None)
    daily = next(one for one in record["features"] if one["feature"] == "daily")
    assert daily["rhythm"] == DAY
    assert daily["adi"] == 1.0


def test_the_same_series_gives_the_same_ranking():
    series = traffic(3)
    assert assess(series).record() == assess(series).record()


def test_gaps_change_no_verdict():
    series = traffic()[["daily", "other", "noise", "copy"]]
    series.iloc[800:860] = np.nan
    series.loc[series.index[100:110], "daily"] = np.nan
    found = assess(series)
    assert found.gaps == 60
    assert [why(found, name)[0] for name in series.columns] == ["keep", "keep", "weak", "drop"]
    assert "known" in found.record()["features"][0]


def test_hardly_known_features_are_named():
    series = traffic(3)[["daily"]].assign(late=np.nan)
    series.iloc[-12:, 1] = np.arange(12.0)
    assert why(assess(series), "late") == ("drop", "only 12 of 432 steps have a value")


@pytest.mark.parametrize("steps", [30, 31, 60, 100])
def test_a_short_series_is_ranked_without_a_warning(steps):
    """Warnings are errors here."""
    found = assess(traffic(3).iloc[:steps])
    assert len(found.features) == 9
    assert json.dumps(found.record(), allow_nan=False)


def test_a_window_longer_than_the_series():
    series = traffic(3).iloc[:100]
    series.attrs["window"] = "w01d-s10m"
    assert len(assess(series).features) == 9


def test_nothing_worth_measuring_is_no_error():
    found = assess(traffic(3)[["same", "missing"]])
    assert found.of("drop") == list(found.features)
    assert (found.top, found.groups, found.rank) == ([], [], None)


def test_one_feature_alone():
    found = assess(traffic(3)[["daily"]])
    assert found.rank == 1
    assert [one.name for one in found.features] == ["daily"]


def test_a_file_without_windows_is_ranked_on_its_own_step():
    series = traffic(3)
    del series.attrs["window"]
    assert assess(series).record()["lead"] == 1


def test_too_few_steps_say_how_many_are_needed():
    with pytest.raises(SeriesError, match="29 steps are too few") as caught:
        assess(traffic(1).iloc[:29])
    assert "30" in caught.value.fix


def test_without_statsmodels_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "statsmodels.tsa", None)
    with pytest.raises(ResourceError, match="not installed") as caught:
        extra.stattools()
    assert "mods[features]" in caught.value.fix
