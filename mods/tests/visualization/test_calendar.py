"""The calendar: each day or hour is one cell, and no cell looks better than it is."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from mods.visualization import style
from mods.visualization.calendar import Cell, calendar, cells

WORDS = {1: "missing", 2: "partly missing", 3: "silent", 4: "complete"}
MISSING, PARTLY, SILENT, COMPLETE = WORDS


def states(periods, begin="2019-03-01", **changes):
    index = pd.date_range(begin, periods=periods, freq="10min", tz="UTC")
    told = pd.Series(COMPLETE, index)
    for when, state in changes.items():
        told.loc[when.replace("_", "-")] = state
    return told


def titles(figure):
    return [axis.get_title(loc="left") for axis in figure.axes]


def test_a_day_with_an_outage_is_partly_missing_with_its_share():
    told = states(144 * 31)
    told.loc["2019-03-06T18:00":"2019-03-06T22:00"] = MISSING
    odd = [cell for cell in cells(told, WORDS, hourly=False) if cell.state != "complete"]
    assert odd == [Cell(row=0, column=5, state="partly missing", share=119 / 144)]


def test_a_cell_is_missing_or_silent_only_where_all_of_it_is():
    told = states(144 * 4, **{"2019_03_02": MISSING, "2019_03_03": SILENT})
    told.iloc[-1] = SILENT
    found = cells(told, WORDS, hourly=False)
    assert [cell.state for cell in found] == ["complete", "missing", "silent", "complete"]


def test_a_window_of_another_columns_gap_counts_as_not_whole():
    told = states(6)
    told.iloc[:3] = PARTLY
    (cell,) = cells(told, WORDS, hourly=True)
    assert cell.state == "partly missing" and cell.share == 0.5


def test_months_are_rows_and_days_columns():
    found = cells(states(144 * 60), WORDS, hourly=False)
    assert (found[30].row, found[30].column) == (0, 30)
    assert (found[31].row, found[31].column) == (1, 0)
    across = cells(states(144 * 2, begin="2018-12-31"), WORDS, hourly=False)
    assert [(cell.row, cell.column) for cell in across] == [(0, 30), (1, 0)]


def test_few_days_are_shown_hour_by_hour():
    found = cells(states(144 * 2, begin="2019-03-01T05:00"), WORDS, hourly=True)
    assert (found[0].row, found[0].column) == (0, 5)
    assert (found[-1].row, found[-1].column) == (2, 4)


def test_the_picture_has_a_panel_per_protocol_with_its_share():
    half = states(144 * 40)
    half.iloc[: 144 * 20] = MISSING
    figure = calendar(pd.DataFrame({"conn": states(144 * 40), "$ssh$": half}), WORDS)
    assert isinstance(figure, Figure)
    assert titles(figure) == ["conn: 100 % complete", r"\$ssh\$: 50 % complete"]
    months = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert months == ["2019-03", "2019-04"]
    assert style.ALARM in style.svg(figure) and style.png(figure).startswith(b"\x89PNG")


def test_the_first_twelve_are_shown_and_the_rest_is_counted():
    many = pd.DataFrame({f"p{n}": states(20) for n in range(15)})
    figure = calendar(many, WORDS)
    assert len(figure.axes) == 12
    assert figure.axes[0].get_title(loc="right") == "3 more are not shown"


def test_steps_longer_than_an_hour_have_a_cell_each():
    index = pd.date_range("2019-03-01", periods=4, freq="6h", tz="UTC")
    found = cells(pd.Series(np.array([4, 1, 4, 4]), index), WORDS, hourly=True)
    assert [cell.column for cell in found] == [0, 6, 12, 18]
    assert found[1].state == "missing"
