"""Level shifts: told where days leave their level, silent where they only vary."""

import numpy as np
import pandas as pd

from mods.features.quality import levels
from mods.features.quality.material import Material


def material(days):
    """A column whose windows vary around the level of their day."""
    values = np.repeat(np.asarray(days, float), 144)
    noise = np.random.default_rng(0).normal(1, 0.2, len(values))
    starts = pd.date_range("2019-03-01", periods=len(values), freq="10min", tz="UTC")
    named = pd.MultiIndex.from_tuples([("conn", "in_count_uid")])
    cells = pd.DataFrame((values * noise)[:, None], starts, named)
    return Material(cells, pd.DataFrame(False, starts, named), 6)


def test_a_new_level_is_told_once_with_its_first_day():
    (finding,) = levels.shifts(material([1000] * 12 + [2000] * 10))
    assert finding.begin == pd.Timestamp("2019-03-13", tz="UTC")
    assert finding.end == pd.Timestamp("2019-03-17T23:50", tz="UTC")
    before, after = (float(word) for word in finding.what.split()[1:4:2])
    assert abs(before - 1000) < 50 and abs(after - 2000) < 100
    assert finding.where == "conn in_count_uid" and finding.severity == "warning"


def test_a_change_of_a_tenth_is_no_new_level():
    assert not levels.shifts(material([1000] * 12 + [1100] * 10))


def test_weekends_are_no_new_level():
    week = [1000] * 5 + [300] * 2
    assert not levels.shifts(material(week * 6))


def test_a_burst_and_a_day_without_data_are_no_new_level():
    days = np.full(30, 1000.0)
    days[15], days[20] = 50_000, np.nan
    assert not levels.shifts(material(days))


def test_a_level_of_five_days_is_told():
    days = np.full(40, 30.0)
    days[20:25] = 48
    (finding,) = levels.shifts(material(days))
    assert finding.begin == pd.Timestamp("2019-03-21", tz="UTC")


def test_less_than_twelve_days_tell_nothing():
    assert not levels.shifts(material([1000] * 6 + [5000] * 5))


def test_days_that_vary_by_chance_set_off_hardly_any_alarm():
    rng = np.random.default_rng(0)
    years = [np.exp(rng.normal(8, 0.2, 365)) for _ in range(20)]
    alarms = sum(len(levels.turns(levels.levels(year))) for year in years)
    assert alarms <= 6


def test_days_of_two_columns_are_judged_alone():
    two = material([1000] * 12 + [2000] * 10)
    cells = two.values.copy()
    cells["ssh", "in"] = 7.0
    unknown = pd.DataFrame(False, cells.index, cells.columns)
    assert [one.where for one in levels.shifts(Material(cells, unknown))] == ["conn in_count_uid"]
