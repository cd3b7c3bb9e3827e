import numpy as np
import pandas as pd

from mods.visualization import detection

ROWS = pd.DataFrame(
    [
        (0.0, "outage", 0.5, 4, 1, 130.0, 0.1),
        (0.0, "outage", 2.0, 4, 4, 20.0, 0.1),
        (0.0, "ramp", 0.5, 2, 0, np.nan, 0.4),
        (0.0, "ramp", 2.0, 2, 1, 5.0, 0.4),
        (7.0, "outage", 0.5, 4, 4, 10.0, 0.1),
    ],
    columns=["budget", "kind", "magnitude", "events", "found", "delay_minutes", "random"],
)


def test_a_table_per_budget_tells_share_and_delay_beside_chance():
    first, second = detection.tables(ROWS, 1.2, 1.0).split("\n\n")
    assert "at its own threshold (1.2 alarms a week on the clean data, 1 asked)" in first
    lines = [line.split() for line in first.splitlines()[1:]]
    assert lines[0] == ["kind", "x", "0.5", "x", "2"]
    assert lines[1] == ["outage", "25", "(2:10)", "100", "(0:20)"]
    assert lines[2] == ["ramp", "0", "50", "(0:05)"]
    assert lines[3] == ["all", "17", "83"]
    assert lines[4] == ["(random)", "20", "20"]
    assert "at 7 alarms a week" in second


def test_areas_stand_beside_those_of_chance():
    table = pd.DataFrame({"magnitude": [0.5, 2.0], "auc_pr": [0.4, 0.9], "random": [0.2, 0.21]})
    assert [line.split() for line in detection.areas(table).splitlines()] == [
        ["AUC-PR", "x", "0.5", "x", "2"],
        ["detector", "0.40", "0.90"],
        ["(random)", "0.20", "0.21"],
    ]


def test_the_heat_map_has_a_panel_per_budget_and_names_every_kind():
    figure = detection.heat_map(ROWS, 1.2, 1.0)
    own, other = (axis for axis in figure.axes if axis.get_visible())
    assert [label.get_text() for label in own.get_yticklabels()] == [
        "outage",
        "ramp",
        "all",
        "(random)",
    ]
    assert "100 %  0:20" in [text.get_text() for text in own.texts]
    assert other.get_title(loc="left") == "7 alarms a week"
