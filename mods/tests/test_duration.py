from datetime import timedelta

import pytest

from mods import duration
from mods.errors import UsageError


def test_numbers_with_a_unit_are_lengths_of_time():
    wanted = {"90s": 90, "5m": 300, "12h": 43_200, " 7d ": 604_800, "2w": 1_209_600}
    assert {text: duration.parse(text).total_seconds() for text in wanted} == wanted
    assert duration.parse("1d") == timedelta(days=1)


@pytest.mark.parametrize("text", ["", "7", "d", "0d", "1.5h", "-1d", "7days", "1000000000d"])
def test_anything_else_is_refused_with_how_to_write_it(text):
    with pytest.raises(UsageError, match="is no length of time") as caught:
        duration.parse(text)
    assert "7d" in caught.value.fix
