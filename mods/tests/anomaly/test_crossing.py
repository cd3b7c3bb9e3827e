import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from mods.anomaly import crossing, shares
from mods.limit import Limit
from mods.series.forecast import LEVELS, Forecast

STEP = pd.Timedelta("10min")


def forecast(centres, width=1.0, quantiles=()):
    """Normal forecasts of one feature `a`: centres (n, leads), standard deviation `width`."""
    values = np.asarray(centres, float)[..., None]
    origins = pd.date_range("2019-04-01", periods=len(values), freq=STEP, tz="UTC")
    half = {level: width * norm.ppf(0.5 + level / 200) for level in LEVELS}
    return Forecast(
        origins,
        ("a",),
        STEP,
        values,
        lower={level: values - half[level] for level in LEVELS},
        upper={level: values + half[level] for level in LEVELS},
        quantiles={q: values + width * norm.ppf(q) for q in quantiles},
    )


def chance(made, text, **asked):
    return float(crossing.at_lead(made, Limit.parse(text), **asked)[0, 0])


def test_between_the_ends_of_the_intervals_the_probability_is_that_of_a_normal_error():
    for distance in (-1.9, -1.0, 0.0, 0.5, 1.28, 1.9):
        above = chance(forecast([[10.0]]), f"a<{10 + distance}")
        assert above == pytest.approx(norm.sf(distance), abs=0.02)
        assert chance(forecast([[10.0]]), f"a>{10 + distance}") == pytest.approx(1 - above)


def test_beyond_them_the_tail_falls_slower_than_a_normal_one_and_never_ends():
    far = [chance(forecast([[10.0]]), f"a<{10 + distance}") for distance in (2, 3, 4, 8)]
    assert far == sorted(far, reverse=True) and far[-1] > 0
    assert norm.sf(3) < far[1] < 0.01
    # by hand: from .1 at 1.2816 to .025 at 1.96 it falls to a quarter over .6784
    assert far[1] == pytest.approx(0.025 * 4 ** (-(3 - 1.95996) / (1.95996 - 1.28155)), rel=1e-3)


def test_quantiles_that_were_asked_for_are_points_of_the_distribution():
    made = forecast([[10.0]], quantiles=(0.999,))
    made.quantiles[0.999][:] = 30.0
    assert chance(made, "a<30") == pytest.approx(0.001)
    assert 0.001 < chance(made, "a<20") < 0.025


def test_windows_that_share_records_are_one_chance_and_others_chances_of_their_own():
    made = forecast([[10.0, 10.5, 10.2, 9.0, 10.5, 10.0]])
    alone = crossing.at_lead(made, Limit.parse("a<11"))[0]
    one, two = alone[:3].max(), alone[3:].max()
    joint = crossing.by_lead(made, Limit.parse("a<11"), 3)[0]
    assert joint[0] == pytest.approx(alone[0]) and joint[2] == pytest.approx(one)
    assert joint[5] == pytest.approx(1 - (1 - one) * (1 - two))


def test_a_rare_level_is_one_chance_at_all_leads():
    made, limit = forecast([[10.0, 10.5, 10.2, 9.0, 10.5, 10.0]]), Limit("a", True, 10.9)
    series = pd.DataFrame({"a": [9.0]}, made.origins)
    single = crossing.at_lead(made, limit)[0].max()
    for rare, panes in ((True, 6), (False, 3)):
        assert crossing.alone(made, 3, rare=rare) == panes
    (rare,) = crossing.crossings(made, series, [limit], panes=6, probability=0.2)
    (often,) = crossing.crossings(made, series, [limit], panes=3, probability=0.2)
    assert rare.probability == pytest.approx(single)
    assert often.probability > 1.3 * single


@given(st.lists(st.floats(-30, 30), min_size=1, max_size=12), st.integers(1, 7), st.floats(-25, 25))
def test_the_horizon_is_no_safer_than_its_worst_lead_nor_worse_than_all_together(
    path, panes, level
):
    made, limit = forecast([path]), Limit("a", True, level)
    alone, joint = crossing.at_lead(made, limit)[0], crossing.by_lead(made, limit, panes)[0]
    assert (np.diff(joint) >= -1e-12).all()
    assert alone.max() - 1e-9 <= joint[-1] <= min(1.0, alone.sum()) + 1e-9


def test_a_warning_tells_when_the_limit_is_reached_and_whether_it_is_there_now():
    made = forecast([[8.0, 9.0, 12.0, 13.0], [8.0, 8.0, 8.0, 8.0]], width=0.5)
    series = pd.DataFrame({"a": [8.0, 11.5]}, made.origins)
    upper, lower = Limit("a", True, 11.0), Limit("a", False, 11.0)
    first, *rest = crossing.crossings(made, series, [upper, lower], panes=1)
    assert (first.limit, first.lead, first.now) == (lower, 1, True)
    (above,) = [one for one in rest if one.limit == upper]
    assert above.lead == 3 and above.time == made.origins[0] + 3 * STEP and not above.now
    told = above.record()
    assert (told["feature"], told["direction"], told["limit"]) == ("a", "above", 11.0)
    assert told["minutes"] == 30 and told["time"] == "2019-04-01T00:30:00Z"
    assert told["probability"] > 0.97


def test_what_has_no_forecast_is_no_warning():
    made = forecast([[np.nan, np.nan]])
    series = pd.DataFrame({"a": [1.0]}, made.origins)
    assert crossing.crossings(made, series, [Limit("a", True, 0.0)], panes=1) == []


def test_a_forecast_that_is_sure_is_crossed_or_is_not():
    sure = forecast([[10.0]], width=0.0)
    assert [chance(sure, text) for text in ("a<9", "a<11", "a>9", "a>11")] == [1, 0, 0, 1]


def test_the_levels_are_those_that_were_counted():
    rng = np.random.default_rng(0)
    made = forecast(np.full((20_000, 1), 10.0))
    came = 10 + rng.gamma(1.0, 1.0, (20_000, 1, 1)) - 1
    told = shares.measured(made, came, panes=1)["a"]
    below = [float((came < made.lower[95]).mean()), float((came < made.upper[80]).mean())]
    assert [told[0], told[3]] == pytest.approx(below, abs=0.002)
    assert chance(made, "a<12.5", told=told) == pytest.approx((came >= 12.5).mean(), abs=0.01)


def test_few_values_move_the_levels_little():
    made = forecast(np.full((6, 2), 10.0))
    told = shares.measured(made, np.full((6, 2, 1), 99.0), panes=6)["a"]
    assert told == pytest.approx([nominal * 20 / 21 for nominal in shares.NOMINAL], abs=1e-6)
    assert shares.measured(made, np.full((6, 2, 1), np.nan), panes=6)["a"] == list(shares.NOMINAL)
