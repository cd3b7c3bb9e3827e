"""A kill at any moment leaves the old or the new state; the next run clears what was left.

MODS_KILLS is how many there are in all (tox -e faults; 200 for a release).
"""

import os
import random
import time

import pytest

from mods.tests.faults.conftest import SHAPES
from mods.tests.faults.writers import seen

KILLS = int(os.environ.get("MODS_KILLS", "20"))
WRITERS = [
    *(f"add {shape}" for shape in SHAPES),
    "trim folders",
    "export folders",
    "export by",
    "anonymize",
]
EACH = -(-KILLS // len(WRITERS))


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", WRITERS)
def test_a_kill_at_any_moment_leaves_the_old_or_the_new_state(writer, name, tmp_path):
    one = writer(name, tmp_path / "place")
    one.reset()
    old = seen(one.files())
    length = timed(one)
    new = seen(one.files())
    assert old != new
    chance = random.Random(name)
    for _ in range(EACH):
        one.reset()
        process, _, begun = one.start()
        begun.wait()
        time.sleep(chance.uniform(0, length * 1.05))
        process.kill()
        process.join()
        there = seen(one.files())
        assert there in (old, new)
        if one.before is not None or there is None:
            assert one.run() == (0, "")
        else:
            assert one.run()[0] in (2, 3)  # it is there already
        assert seen(one.files()) == new and not one.leftovers()


def timed(writer):
    """Seconds from where the work begins."""
    process, told, begun = writer.start()
    begun.wait()
    start = time.monotonic()
    assert told.recv() == (0, "")
    length = time.monotonic() - start
    process.join()
    return length
