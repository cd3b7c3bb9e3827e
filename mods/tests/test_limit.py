import pytest

from mods.errors import UsageError
from mods.limit import Limit


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("conn_in<50000", Limit("conn_in", True, 50_000.0)),
        (" ssh_in >= 2.5 ", Limit("ssh_in", False, 2.5)),
        ("temperature>-4", Limit("temperature", False, -4.0)),
        ("10.0.0.0/8|conn_in<1e3", Limit("10.0.0.0/8|conn_in", True, 1_000.0)),
    ],
)
def test_a_limit_says_what_has_to_hold(text, read):
    assert Limit.parse(text) == read
    assert Limit.parse(str(read)) == read


@pytest.mark.parametrize(
    "text",
    ["", "conn_in", "conn_in<", "<5", "conn_in=5", "a<nan", "a<b", "a>inf", "a<-inf", "a<1<2x"],
)
def test_what_is_no_limit_is_refused_with_an_example(text):
    with pytest.raises(UsageError, match="is no limit") as told:
        Limit.parse(text)
    assert "conn_in<50000;ssh_in>2" in str(told.value)
