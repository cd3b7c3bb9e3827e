"""The study outlives whoever runs it: resumed, settled after a kill, shared by processes."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from mods.errors import ResourceError, SeriesError
from mods.settings import Span

pytest.importorskip("optuna")

from mods.tuning import owners  # noqa: E402
from mods.tuning import study as studies  # noqa: E402
from mods.tuning.search import Search, run  # noqa: E402

SPACE = {"blocks": (8, 16, 32), "learning_rate": Span(0.001, 0.1, log=True)}
FIRST = {"blocks": 16, "learning_rate": 0.01}
SCRIPT = """
import sys, time
from pathlib import Path
from mods.tests.tuning.test_study import FIRST, SPACE, bowl
from mods.tuning import study as studies
from mods.tuning.search import Search, run
path, trials, wait = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])

def slow(params, watch):
    print("began", flush=True)
    time.sleep(wait)
    return bowl(params, watch)

study = studies.opened(path, "s", FIRST)
run(study, Search(path, SPACE, slow, trials, 2, lambda share, note: None), lambda: True)
"""


def bowl(params, watch):
    """Best at 16 blocks and a rate of 0.03; told in two epochs."""
    error = abs(params["blocks"] - 16) / 10 + abs(params["learning_rate"] - 0.03) + 0.5
    watch(1, error + 0.1)
    watch(2, error)
    return error


def search(path, objective=bowl, trials=6, told=lambda share, note: None):
    return Search(path, SPACE, objective, trials, 2, told)


def states(study):
    return [row["state"] for row in studies.rows(study)]


def test_the_first_trial_tries_the_settings_as_they_are_and_the_best_comes_first(tmp_path):
    path, told = tmp_path / "deep" / "s.db", []
    study = studies.opened(path, "s", FIRST)
    wanted = search(path, told=lambda share, note: told.append((share, note)))
    assert run(study, wanted, lambda: True) == 6
    rows = studies.rows(study)
    assert {name: rows[0][name] for name in FIRST} == FIRST
    best = studies.finished(study)[0]
    assert best.value == min(row["error"] for row in rows if row["state"] == "complete")
    assert sum(share for share, _ in told) == pytest.approx(6)
    assert told[-1][1] == f"best {best.value:.4f} (trial {best.number})"


def test_a_study_that_is_there_is_gone_on_with_as_it_would_have_been(tmp_path):
    whole = studies.opened(tmp_path / "a.db", "s", FIRST)
    run(whole, search(tmp_path / "a.db", trials=14), lambda: True)
    for trials in (5, 14):
        part = studies.opened(tmp_path / "b.db", "s", FIRST)
        run(part, search(tmp_path / "b.db", trials=trials), lambda: True)
    told = [[{**row, "seconds": 0} for row in studies.rows(one)] for one in (whole, part)]
    assert told[0] == told[1]
    assert run(part, search(tmp_path / "b.db", trials=14), lambda: True) == 0


def test_a_trial_that_stays_behind_is_pruned(tmp_path):
    study = studies.opened(tmp_path / "s.db", "s", FIRST)

    def worse(params, watch):
        """Every trial is worse than the ones before."""
        error = 1.0 + len(studies.rows(study))
        for epoch in range(1, 6):
            watch(epoch, error)
        return error

    run(study, search(tmp_path / "s.db", worse, 8), lambda: True)
    assert states(study) == ["complete"] * 5 + ["pruned"] * 3
    assert studies.rows(study)[-1]["epochs"] < 5


def test_no_trial_begins_when_the_time_is_over(tmp_path):
    study, left = studies.opened(tmp_path / "s.db", "s", FIRST), iter([True, True, False])
    assert run(study, search(tmp_path / "s.db"), lambda: next(left)) == 2


def test_the_same_settings_are_not_tried_twice(tmp_path):
    calls = []

    def counted(params, watch):
        calls.append(params["blocks"])
        return bowl({**params, "learning_rate": 0.03}, watch)

    study = studies.opened(tmp_path / "s.db", "s", {"blocks": 8})
    small = Search(tmp_path / "s.db", {"blocks": (8, 16)}, counted, 8, 2, lambda *_: None)
    run(study, small, lambda: True)
    assert sorted(calls) == [8, 16] and states(study) == ["complete"] * 8


def test_an_interrupted_trial_is_marked_as_failed_and_tried_again(tmp_path):
    study = studies.opened(tmp_path / "s.db", "s", FIRST)

    def interrupted(params, watch):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(study, search(tmp_path / "s.db", interrupted), lambda: True)
    assert states(study) == ["fail"] and studies.begun(study) == 0
    run(study, search(tmp_path / "s.db", trials=1), lambda: True)
    rows = studies.rows(study)
    assert [row["state"] for row in rows] == ["fail", "complete"]
    assert {name: rows[1][name] for name in FIRST} == FIRST


def test_settings_that_fail_are_passed_over_and_only_failures_are_an_error(tmp_path):
    study = studies.opened(tmp_path / "s.db", "s", FIRST)

    def picky(params, watch):
        if params["blocks"] != 16:
            raise SeriesError("too few steps", where="series")
        return bowl(params, watch)

    run(study, search(tmp_path / "s.db", picky), lambda: True)
    assert "fail" in states(study) and "complete" in states(study) and len(states(study)) == 6

    def never(params, watch):
        raise SeriesError("too few steps", where="series")

    empty = studies.opened(tmp_path / "e.db", "s", FIRST)
    with pytest.raises(SeriesError, match="too few steps"):
        run(empty, search(tmp_path / "e.db", never), lambda: True)
    assert states(empty) == ["fail"] * 3


def started(path, trials, wait):
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", SCRIPT, str(path), str(trials), str(wait)],
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_kill_in_the_middle_loses_no_trial(tmp_path):
    """The finished trial stays, the one that ran is marked as failed, its settings come next."""
    path = tmp_path / "s.db"
    study = studies.opened(path, "s", FIRST)
    run(study, search(path, trials=1), lambda: True)
    process = started(path, 9, 60)
    assert process.stdout.readline() == "began\n"
    assert studies.settle(study, path) == 0  # it lives: its trial is its own
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert states(study) == ["complete", "running"]
    again = studies.opened(path, "s", FIRST)
    assert states(again) == ["complete", "fail"]
    run(again, search(path, trials=3), lambda: True)
    rows = studies.rows(again)
    assert [row["state"] for row in rows] == ["complete", "fail", "complete", "complete"]
    assert [rows[2][name] for name in SPACE] == [rows[1][name] for name in SPACE]
    assert owners.living(path) == set()


def test_processes_share_a_study(tmp_path):
    path = tmp_path / "s.db"
    both = [started(path, 8, 0.05) for _ in range(2)]
    began = [process.communicate(timeout=120)[0].count("began") for process in both]
    assert [process.returncode for process in both] == [0, 0]
    study = studies.opened(path, "s", FIRST)
    rows = studies.rows(study)
    assert sum(began) == len(rows) and len(rows) in (8, 9)
    assert all(row["state"] in ("complete", "pruned") for row in rows)
    assert len({row["learning_rate"] for row in rows}) == len(rows)


def test_a_file_that_is_no_study_is_refused(tmp_path):
    (tmp_path / "s.db").write_text("no database, but long enough to be taken for one" * 20)
    with pytest.raises(ResourceError, match="no study that can be opened") as caught:
        studies.opened(tmp_path / "s.db", "s", FIRST)
    assert "--study" in caught.value.fix


def test_what_the_error_depends_on_is_told_from_four_trials_on(tmp_path):
    study = studies.opened(tmp_path / "s.db", "s", FIRST)
    run(study, search(tmp_path / "s.db", trials=3), lambda: True)
    assert studies.importances(study) == {}
    run(study, search(tmp_path / "s.db", trials=12), lambda: True)
    shares = studies.importances(study)
    assert set(shares) == set(SPACE) and sum(shares.values()) == pytest.approx(1)
    assert shares["blocks"] > shares["learning_rate"]


@pytest.mark.parametrize("name", ["what?.db", "a#b.db", "100%25 {x} ü.db"])
def test_a_study_lies_where_its_path_says_whatever_is_in_it(tmp_path, name):
    study = studies.opened(tmp_path / name, "s", FIRST)
    run(study, search(tmp_path / name, trials=1), lambda: True)
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == [name]
    assert studies.begun(studies.opened(tmp_path / name, "s", FIRST)) == 1
