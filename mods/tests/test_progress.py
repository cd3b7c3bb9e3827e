"""Long work tells how it stands: a bar on a terminal, lines in the log elsewhere."""

from __future__ import annotations

import io
import logging
import sys

import pytest

from mods import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_elsewhere_than_on_a_terminal_the_log_says_when_it_is_done(monkeypatch, caplog):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with caplog.at_level(logging.INFO), progress.shown("reading", 3, "file") as bar:
        bar.advance()
        bar.advance()
        assert not caplog.messages
        bar.advance(note="conn.log")
    assert caplog.messages == ["reading: 3 of 3 file conn.log"]


def test_the_log_gets_a_line_when_ten_seconds_have_passed(monkeypatch, caplog):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    with caplog.at_level(logging.INFO), progress.shown("reading", 100, "file") as bar:
        for second in range(25):
            now[0] = float(second)
            bar.advance()
    assert caplog.messages == [
        "reading: 11 of 100 file, 0:01:29 left",
        "reading: 21 of 100 file, 0:01:19 left",
    ]


@pytest.mark.parametrize("before", [0, 300])
def test_no_time_is_told_before_there_is_a_pace_and_what_came_before_it_is_not_counted(
    monkeypatch, caplog, before
):
    """Start-up and compilation take a minute, then each step a second; also where it goes on."""
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    with caplog.at_level(logging.INFO), progress.shown("training", before + 100, "step") as bar:
        bar.advance(before)
        for second in (60, 61, 62, 72):
            now[0] = float(second)
            bar.advance(1 if second < 72 else 10)
    told = [line.partition(" step")[2].strip() for line in caplog.messages]
    assert told == ["", ", 0:01:27 left"]


def test_a_terminal_is_told_the_same_time(monkeypatch):
    terminal, now = Terminal(), [0.0]
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    with progress.shown("training", 100, "step") as bar:
        for second in (60, 61, 62, 63):
            now[0] = float(second)
            bar.advance(note="loss 0.5")
            assert ("left" in bar.bar.postfix) == (second == 63)
    assert bar.bar.postfix == "0:01:36 left, loss 0.5"


def test_of_a_whole_number_of_steps_whole_ones_are_told(monkeypatch, caplog):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    with caplog.at_level(logging.INFO), progress.shown("refits", 2, "refit") as bar:
        for _ in range(6):
            now[0] += 11
            bar.advance(1 / 3)
    told = [line.split(" refit")[0] for line in caplog.messages]
    assert told == [f"refits: {n} of 2" for n in (0, 0, 1, 1, 1, 2)]


def test_the_end_is_told_though_the_parts_of_a_step_do_not_sum_up(monkeypatch, caplog):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with caplog.at_level(logging.INFO), progress.shown("refits", 1, "refit") as bar:
        for _ in range(10):
            bar.advance(0.1)  # 0.9999999999999999 in all
    assert caplog.messages == ["refits: 1 of 1 refit"]


def test_a_terminal_gets_a_bar_with_its_note(monkeypatch, caplog):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with caplog.at_level(logging.INFO), progress.shown("reading", 2, "file") as bar:
        bar.advance(2, note="half way")
    assert "reading: 100%" in terminal.getvalue()
    assert "half way" in terminal.getvalue()
    assert not caplog.messages


def test_an_error_passes_through(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    with pytest.raises(KeyError), progress.shown("reading", 2):
        raise KeyError("x")


def test_one_bar_tells_of_the_whole_and_what_goes_on_inside_shows_none(monkeypatch, caplog):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with caplog.at_level(logging.INFO), progress.shown("refits", 1, "refit") as outer:
        with progress.shown("training", 1, "step") as inner:
            inner.advance()
        outer.advance()
    with caplog.at_level(logging.INFO), progress.shown("training", 1, "step") as alone:
        alone.advance()
    assert caplog.messages == ["refits: 1 of 1 refit", "training: 1 of 1 step"]
