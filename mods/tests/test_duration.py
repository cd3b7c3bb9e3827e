from datetime import timedelta

import pytest

from mods import duration
from mods.errors import UsageError
from mods.request import BacktestRequest, TuneRequest


def test_numbers_with_a_unit_are_lengths_of_time():
    wanted = {"90s": 90, "5m": 300, "12h": 43_200, " 7d ": 604_800, "2w": 1_209_600}
    assert {text: duration.parse(text).total_seconds() for text in wanted} == wanted
    assert duration.parse("1d") == timedelta(days=1)


@pytest.mark.parametrize("text", ["", "7", "d", "0d", "1.5h", "-1d", "7days", "1000000000d"])
def test_anything_else_is_refused_with_how_to_write_it(text):
    with pytest.raises(UsageError, match="is no length of time") as caught:
        duration.parse(text)
    assert "7d" in caught.value.fix


@pytest.mark.parametrize(
    ("request_of", "named"),
    [
        (BacktestRequest, {"model_name": "m", "refit": "1x"}),
        (BacktestRequest, {"model_name": "m", "refit": "7d", "refit_span": "1x"}),
        (TuneRequest, {"timeout": "3"}),
    ],
)
def test_a_setting_that_is_no_duration_is_named(request_of, named):
    with pytest.raises(UsageError, match="is no length of time") as caught:
        request_of(**named)
    assert caught.value.where == list(named)[-1]
