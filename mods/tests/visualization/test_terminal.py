import re

import numpy as np
import pandas as pd

from mods.visualization import leads, terminal


def evaluation(count=3):
    rows = [("conn_in", 0.5), ("ssh_in", 1.1)]
    return [
        {"feature": name, "lead": lead, "rel_mae": value + lead / 100}
        for name, value in rows
        for lead in range(1, count + 1)
    ]


def test_scores_say_what_they_are_and_end_with_the_mean():
    lines = terminal.scores(evaluation()).splitlines()
    assert "below 1 is better than persistence" in lines[0]
    assert [line.split() for line in lines[1:]] == [
        ["feature", "1", "2", "3", "mean"],
        ["conn_in", "0.510", "0.520", "0.530", "0.520"],
        ["ssh_in", "1.110", "1.120", "1.130", "1.120"],
        ["mean", "0.810", "0.820", "0.830", "0.820"],
    ]
    assert terminal.scores(pd.DataFrame(evaluation())) == "\n".join(lines)


def test_baselines_stand_below_the_mean():
    rows = [
        {**row, "persistence_mae": 10.0, "slot_median_change_mae": size}
        for row, size in zip(evaluation(1), (8.0, 9.0), strict=True)
    ]
    lines = [line.split("  ")[0] for line in terminal.scores(rows).splitlines()[1:]]
    assert lines == ["feature", "conn_in", "ssh_in", "mean", "(slot median change)"]
    assert terminal.scores(rows).splitlines()[-1].split()[-1] == "0.850"


def test_of_many_features_the_worst_are_shown_and_the_mean_is_of_all():
    rows = [{"feature": f"f{n}", "lead": 1, "rel_mae": n / 100} for n in range(100)]
    said, _, *lines = terminal.scores(rows).splitlines()
    assert said.endswith("; the worst 20 of 100 features: --json tells all")
    assert [line.split()[0] for line in lines] == [*(f"f{n}" for n in range(99, 79, -1)), "mean"]
    assert lines[-1].split()[-1] == "0.495"
    assert len(terminal.scores(rows[:60]).splitlines()) == 63


def test_of_a_long_frame_the_first_rows_are_shown_and_the_rest_is_counted():
    header, *lines = terminal.frame(pd.DataFrame({"lead": range(3096)})).splitlines()
    assert len(lines) == 21 and lines[0].split() == ["0"]
    assert lines[-1] == "... and 3,076 rows more: --json tells all"
    assert len(terminal.frame(pd.DataFrame({"lead": range(60)})).splitlines()) == 61


def test_many_leads_are_shown_at_landmarks_while_the_mean_runs_over_all():
    header, conn_in, *_ = terminal.scores(evaluation(30)).splitlines()[1:]
    assert header.split() == ["feature", "1", "2", "3", "6", "12", "24", "30", "mean"]
    assert conn_in.split()[-1] == "0.655"


def test_score_without_a_value_is_a_dash():
    rows = [*evaluation(1), {"feature": "dns_in", "lead": 1, "rel_mae": None}]
    assert terminal.scores(rows).splitlines()[-2].split() == ["dns_in", "-", "-"]
    assert leads.pivot(rows).loc["mean", "mean"] == np.mean([0.51, 1.11])


def test_table_takes_the_columns_asked_for_and_aligns_numbers_right():
    rows = [{"name": "a", "size": 1200, "skipped": 1}, {"name": "long name", "size": None}]
    assert terminal.table(rows, ["size", "name"]).splitlines() == [
        " size  name",
        "1,200  a",
        "    -  long name",
    ]


def test_table_of_every_kind_of_value():
    row = {
        "times": pd.Timestamp("2019-04-01T10:20:00Z"),
        "nat": pd.NaT,
        "list": ["conn_in", "ssh_in"],
        "flag": True,
        "nan": np.float64("nan"),
    }
    assert re.split(" {2,}", terminal.table([row]).splitlines()[1]) == [
        "2019-04-01 10:20",
        "-",
        "conn_in, ssh_in",
        "yes",
        "-",
    ]
    assert terminal.table([]) == ""


def test_text_of_a_log_cannot_move_the_cursor():
    assert "\x1b" not in terminal.table([{"user_agent": "a\x1b[2J\nb"}])
    assert len(terminal.table([{"user_agent": "a\x1b[2J\nb"}]).splitlines()) == 2
