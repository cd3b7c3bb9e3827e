import dataclasses

import numpy as np
import pandas as pd
import pytest

from mods.anomaly import injection
from mods.anomaly.injection import BURST, FLAT, KINDS, OUTAGE, RAMP, SHIFT, Anomaly

STEP = pd.Timedelta("10min")
MONTH = 30 * 144


def series(values, **columns):
    index = pd.date_range("2019-04-01", periods=len(values), freq=STEP, tz="UTC", name="time")
    return pd.DataFrame({"conn": np.asarray(values, float), **columns}, index)


def ground(frame, panes=6):
    names = [name for name in frame if "leaving" not in name]
    return injection.ground(frame, names, STEP, panes)


def changed(frame, kind, start, length, magnitude, *, up=True, features=("conn",)):
    one = Anomaly(kind, features, start, start + length + 4, length, magnitude, up)
    return injection.inject(frame, [one], ground(frame))


def test_a_burst_of_one_slide_is_seen_in_six_windows():
    found = changed(series(np.full(30, 600.0)), BURST, 10, 1, 0.5)["conn"].tolist()
    assert found == [600.0] * 10 + [900.0] * 6 + [600.0] * 14


def test_a_burst_of_an_hour_rises_and_leaves_over_an_hour():
    found = changed(series(np.full(30, 600.0)), BURST, 10, 6, 1)["conn"].tolist()
    assert found[9:22] == [600, 700, 800, 900, 1000, 1100, 1200, 1100, 1000, 900, 800, 700, 600]


def test_a_ramp_is_highest_at_its_end():
    found = changed(series(np.full(60, 600.0)), RAMP, 10, 24, 1)["conn"].to_numpy()
    assert (np.diff(found[9:34]) > 0).all() and (np.diff(found[33:40]) < 0).all()
    # the last six panes of the ramp bring 19/24 to 24/24 of a pane of 100 each
    assert found[33] == 600 + round(100 * sum(range(19, 25)) / 24)
    assert (found[39:] == 600).all() and (found[:10] == 600).all()


def test_an_outage_takes_every_feature_down_to_nothing_and_back():
    frame = series(np.full(40, 600.0), dns=np.full(40, 60.0))
    found = changed(frame, OUTAGE, 10, 8, 2, features=("conn", "dns"))
    assert found["conn"].tolist()[9:24] == [
        600, 500, 400, 300, 200, 100, 0, 0, 0, 100, 200, 300, 400, 500, 600
    ]  # fmt: skip
    assert (found["dns"] * 10 == found["conn"]).all()


def test_a_level_shift_multiplies_or_divides():
    frame = series(np.full(60, 600.0))
    assert changed(frame, SHIFT, 10, 30, 1)["conn"].iloc[20] == 1200
    assert changed(frame, SHIFT, 10, 30, 1, up=False)["conn"].iloc[20] == 300


def test_a_flat_line_stays_at_what_was_there_before():
    found = changed(series(np.arange(600.0, 700.0)), FLAT, 10, 30, 1)["conn"].to_numpy()
    assert (found[15:40] == 609).all()
    assert found[45] == 645 and found[10] == round(610 - 1 / 6)


def test_a_flat_line_right_after_a_gap_stays_at_the_first_value_known():
    values = np.arange(600.0, 700.0)
    values[5:10] = np.nan
    found = changed(series(values), FLAT, 10, 30, 1)["conn"].to_numpy()
    assert found[10] == 610 and (found[15:40] == 610).all() and found[45] == 645


def test_what_leaves_the_windows_is_that_of_the_changed_panes():
    panes = np.arange(1.0, 41.0) * 60
    own = pd.DataFrame({"conn": panes}).rolling(6).sum()["conn"]
    columns = {f"conn leaving {k}": panes_out(panes, k) for k in (1, 3, 12)}
    frame = series(own, **columns).iloc[6:]
    here = ground(frame)
    usual = here.usual["conn"]
    one = Anomaly(BURST, ("conn",), 14, 14 + 2 + 4, 2, 1.0, True)
    found = injection.inject(frame, [one], here)
    after = panes.copy()
    after[[20, 21]] += usual / 2
    whole = pd.Series(after).rolling(6).sum().to_numpy()[6:]
    np.testing.assert_allclose(found["conn"], np.round(whole), atol=0.5)
    for k in (1, 3, 12):
        np.testing.assert_allclose(found[f"conn leaving {k}"], panes_out(after, k)[6:], atol=0.5)


def panes_out(panes, slides):
    """What leaves within so many slides: the oldest panes of each window of six."""
    return [sum(panes[max(at - 5, 0) : at + 1][:slides]) for at in range(len(panes))]


def test_every_kind_and_feature_takes_its_turn_a_day_apart():
    frame = series(np.full(MONTH, 600.0), dns=np.full(MONTH, 60.0), quiet=np.zeros(MONTH))
    plans = [injection.plan(ground(frame), 1, np.random.default_rng([0, rep])) for rep in range(8)]
    everything = [one for plan in plans for one in plan]
    assert {one.kind for one in everything} == set(KINDS)
    alone = {one.features for one in everything if one.kind != OUTAGE}
    assert alone == {("conn",), ("dns",)}
    for plan in plans:
        assert plan[0].start >= 18 and plan[-1].end < MONTH
        gaps = [late.start - early.end for early, late in zip(plan, plan[1:], strict=False)]
        assert min(gaps) >= 144


def test_the_same_seed_puts_every_magnitude_at_the_same_places():
    here = ground(series(np.full(MONTH, 600.0)))
    small, large = (injection.plan(here, size, np.random.default_rng(7)) for size in (0.25, 2))
    assert [(one.kind, one.start) for one in small] == [(one.kind, one.start) for one in large]
    flat = [
        (one.length, two.length) for one, two in zip(small, large, strict=True) if one.kind == FLAT
    ]
    assert set(flat) == {(18, 144)}


def test_anomalies_lie_where_the_data_are_known():
    values = np.full(MONTH, 600.0)
    values[1000:1100] = np.nan
    here = ground(series(values))
    for seed in range(20):
        for one in injection.plan(here, 1, np.random.default_rng(seed)):
            assert here.known[one.start : one.end + 1].all()


def test_a_range_without_room_or_without_traffic_gets_none():
    assert injection.plan(ground(series(np.full(20, 5.0))), 1, np.random.default_rng(0)) == []
    assert injection.plan(ground(series(np.zeros(MONTH))), 1, np.random.default_rng(0)) == []


def test_fractions_stay_fractions_and_what_was_below_zero_may_stay_there():
    frame = series(np.tile([0.5, 1.25], 30))
    assert changed(frame, BURST, 10, 1, 0.1)["conn"].iloc[10] == pytest.approx(0.5 + 0.0875)
    cold = series(np.tile([-5.0, 3.5], 30))
    assert changed(cold, OUTAGE, 10, 20, 0.5)["conn"].iloc[24] == -2.5
    here = dataclasses.replace(ground(frame), last=30)
    assert here.steps(100) == 7
