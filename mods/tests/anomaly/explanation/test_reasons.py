"""What a forecast is made of, in words."""

from __future__ import annotations

from mods.anomaly.explanation import reasons
from mods.models.contributions import PARTS


def test_each_part_of_a_forecast_has_its_words():
    assert tuple(reasons.WORDS) == PARTS
