"""Notes in the log and in an answer."""

import io
import logging

from mods import notes


def test_what_an_answer_is_warned_of_twice_stands_once_in_it_and_in_the_log():
    written = io.StringIO()
    log = logging.Logger("own")
    log.addHandler(logging.StreamHandler(written))
    for _ in range(2):
        with notes.collected() as told:
            notes.warn(log, "%d steps are few", 3)
            notes.warn(log, "%d steps are few", 3)
        assert told == ["3 steps are few"]
    assert written.getvalue().splitlines() == ["3 steps are few"] * 2
