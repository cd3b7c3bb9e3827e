from dataclasses import dataclass

from matplotlib.figure import Figure

from mods.limit import Limit
from mods.visualization import limits
from mods.visualization.limits import Line


@dataclass
class Told:
    rows: list
    asked: float = 0.5
    likeliest: tuple | None = None

    def record(self):
        return self.rows


def row(**more):
    told = {"feature": "conn_in", "direction": "above", "limit": 50_000.0, "source": "given"}
    told |= {"probability": 0.834, "time": "2019-03-21T01:30:00Z", "minutes": 40.0, "now": False}
    return told | more


def test_a_warning_is_a_line_that_says_where_when_and_how_sure():
    lines = limits.text(Told([row(), row(now=True, direction="below", limit=2.0)])).splitlines()
    assert lines[2] == "limits likely to be crossed (probability 0.5 or more):"
    assert lines[4].split("  ")[:2] == ["conn_in", "above 50,000"]
    assert "83 %" in lines[4] and "2019-03-21 01:30" in lines[4] and "40 min" in lines[4]
    assert "below 2" in lines[5] and "is there now" in lines[5]


def test_of_many_warnings_the_first_are_shown_and_of_none_the_likeliest_limit():
    assert "... and 30 more" in limits.text(Told([row()] * 50))
    told = limits.text(Told([], likeliest=(Limit("ssh_in", False, 2.0), 0.031)))
    assert told.endswith("the likeliest is ssh_in below 2 with 3 %")
    assert limits.text(Told([])) == ""


def test_a_far_limit_does_not_flatten_the_series_unless_it_is_warned_of():
    def top(level, *, warned):
        axis = Figure().subplots()
        axis.set_ylim(0, 100)
        limits.draw(axis, [Line(Limit("a", True, level), warned)])
        return len(axis.lines), axis.get_ylim()[1]

    assert top(1_000.0, warned=False) == (0, 100)
    assert top(120.0, warned=False) == (1, 127)
    assert top(1_000.0, warned=True) == (1, 1_007)
