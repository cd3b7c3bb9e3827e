"""SIGKILL while an analyst marks events: the old mark or the new one, and all the others.

MODS_KILLS is how many there are in all, 50 at least (tox -e faults; 200 for a release).
"""

import json
import os
import random
import time

import pytest

from mods.anomaly.marks import Mark
from mods.models import feedback
from mods.tests.faults.conftest import MARK, MARKS
from mods.tests.faults.test_kills import timed
from mods.tests.faults.writers import Writer

KILLS = max(50, int(os.environ.get("MODS_KILLS", "0")))


def told(model):
    """The verdict on each event, by its id, in the order they were given first."""
    return {one.id: one.verdict for one in map(Mark.of, feedback.read(model)["marks"])}


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_kill_while_marking_loses_no_mark(writer, tmp_path):
    one = writer(MARK, tmp_path / "models")
    one.reset()
    model = tmp_path / "models" / one.beside[0].name
    length = timed(one)
    one.reset()
    known, chance, ends = told(model), random.Random(7), {"old": 0, "new": 0}
    for kill in range(KILLS):
        name = f"{kill % MARKS:012x}"
        verdict = "false" if known[name] == "true" else "true"
        words = ("events", "week", "--models", model.parent, "--mark", name, "--as", verdict)
        process, _, begun = Writer(words, one.target).start()
        begun.wait()
        time.sleep(chance.uniform(0, length * 1.05))
        process.kill()
        process.join()
        there = told(model)
        assert process.exitcode or there[name] == verdict  # what was answered is kept
        assert there in (known, known | {name: verdict})
        ends["old" if there == known else "new"] += 1
        known = there
    assert min(ends.values()) > 0, ends  # the kills came before, in and after the writing
    assert one.run() == (0, "") and not one.leftovers()
    assert told(model) == known | {f"{MARKS // 2:012x}": "false"}
    assert json.loads(one.target.read_text())["format"] == feedback.FORMAT
