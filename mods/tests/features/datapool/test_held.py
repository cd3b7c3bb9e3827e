"""What was read of a datapool before is given again, as long as its files stay as they are."""

import os

import numpy as np
import pytest

from mods.features.datapool import held, state


@pytest.fixture
def pool(tmp_path):
    (tmp_path / "conn").mkdir()
    (tmp_path / "conn" / "a.tsv").write_text("1")
    held.keep(10_000)
    yield tmp_path
    held.keep(0)


class Reader:
    """Counts how often it reads an array of so many bytes."""

    def __init__(self, size=80):
        self.times, self.size = 0, size

    def __call__(self):
        self.times += 1
        return np.full(self.size // 8, float(self.times))

    def asked(self, pool, what="series"):
        return held.once(pool, what, self, lambda array: array.nbytes)


def test_the_same_is_read_once_and_again_after_any_change(pool):
    read = Reader()
    assert read.asked(pool) is read.asked(pool)
    (pool / "conn" / "b.tsv").write_text("2")
    assert read.asked(pool)[0] == 2
    os.utime(pool / "conn" / "a.tsv", ns=(1, 1))
    assert read.asked(pool)[0] == 3
    assert read.asked(pool, "another")[0] == 4


def test_there_is_only_so_much_room_and_the_oldest_question_goes(pool):
    large, small = Reader(6_000), Reader(2_000)
    large.asked(pool, "first")
    small.asked(pool, "second")
    large.asked(pool, "first")
    small.asked(pool, "third")
    assert (large.times, small.times) == (1, 2)
    small.asked(pool, "second")
    assert small.times == 3
    kept = set(held._held)
    Reader(80_000).asked(pool, "too large")
    assert set(held._held) == kept  # it drives out nothing, for it is not kept either
    assert sum(size for _, size in held._held.values()) <= 10_000


def test_questions_to_which_there_is_nothing_take_room_too(pool):
    for number in range(100):
        assert held.once(pool, f"leaving {number}", lambda: None, lambda found: 0) is None
    assert 0 < len(held._held) < 100


def test_a_name_that_is_no_text_changes_the_state_as_any_other(pool):
    before = state.of(pool)
    (pool / os.fsdecode(b"\xff.tsv")).write_text("1")
    assert state.of(pool) not in (before, None)


def test_a_process_that_asks_once_keeps_nothing_and_a_huge_pool_is_read_anew(pool, monkeypatch):
    read = Reader()
    monkeypatch.setattr(state, "FILES", 1)
    read.asked(pool)
    read.asked(pool)
    assert read.times == 2
    monkeypatch.undo()
    held.keep(0)
    read.asked(pool)
    read.asked(pool)
    assert read.times == 4
    assert not held._held


def test_an_error_is_not_kept(pool):
    def broken():
        raise OSError

    for _ in range(2):
        with pytest.raises(OSError):
            held.once(pool, "series", broken, len)
