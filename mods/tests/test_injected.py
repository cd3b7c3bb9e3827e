"""benchmarks.injected reads a judge's month and counts as it says; by hand from its definition."""

from __future__ import annotations

import numpy as np
import pytest

month = pytest.importorskip("benchmarks.injected.month", reason="installed without its benchmarks")

JUDGE = """
import sys, pathlib
PROB, WEEK = 2, 4

def evaluate(clean, runs, budgets):
    limit = max(clean[PROB:])
    told = {}
    for mag, events, score in runs:
        for kind, first, last in events:
            hit = [i - first for i in range(first, last + 1) if score[i] > limit]
            told.setdefault((mag, kind), []).append(hit[0] if hit else None)
    return [(one, limit, told) for one in budgets]

if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
    folder.mkdir()
    (folder / "events.csv").write_text(
        "mag,rep,kind,start,end\\n1,0,burst,3,4\\n1,1,burst,5,6\\n2,0,ramp,3,6\\n"
    )
"""


@pytest.fixture
def made(tmp_path):
    (tmp_path / "judge.py").write_text(JUDGE)
    return month.export(str(tmp_path / "judge.py"), tmp_path / "data", seed=1, reps=2, mags="1,2")


def scores():
    return {
        "clean": np.array([9.0, 9, 1, 1, 1, 1, 1, 1]),
        "m1_r0": np.array([9.0, 9, 0, 3, 0, 0, 0, 0]),
        "m1_r1": np.array([9.0, 9, 2, 0, 0, 0, 1, 0]),
        "m2_r0": np.array([9.0, 9, 0, 5, 5, 5, 5, 0]),
    }


def test_runs_and_events_are_those_of_the_script(made):
    assert list(made.runs) == ["clean", "m1_r0", "m1_r1", "m2_r0"]
    assert made.events["m1_r1"] == (1.0, [("burst", 5, 6)])


def test_found_is_the_share_of_events_by_magnitude_and_kind(made):
    assert made.found(scores(), 1) == {1.0: 0.5, 2.0: 1.0}
    assert made.kinds(scores(), 1) == {"burst": [0.5], "ramp": [1.0]}


def test_precision_and_alarms_leave_the_probation_out(made):
    """Magnitude 1: hits at ranks 1, 3, 5 and 11, ties in the order of the rows."""
    found = made.auc_pr(scores())
    assert found[2.0] == 1
    assert found[1.0] == pytest.approx((1 / 1 + 2 / 3 + 3 / 5 + 4 / 11) / 4)
    assert made.alarms_per_week(np.array([1, 1, 0, 1, 0, 0, 1, 0])) == pytest.approx(2 / 1.5)
