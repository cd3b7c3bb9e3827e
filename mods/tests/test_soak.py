"""What a soak finds: growth of memory, descriptors and files, in samples written by hand."""

from __future__ import annotations

import dataclasses
import re
import threading
import time

import numpy as np
import pytest

verdict = pytest.importorskip("benchmarks.soak.verdict", reason="installed without its benchmarks")
samples = pytest.importorskip("benchmarks.soak.samples")
questions = pytest.importorskip("benchmarks.soak.questions")
run = pytest.importorskip("benchmarks.soak.run")
clients = pytest.importorskip("benchmarks.soak.clients")
page = pytest.importorskip("benchmarks.soak.page")

WARM = 600


def seen(minutes: int = 30, growth: float = 0.0, descriptors: float = 0.0):
    """A worker that saw-tooths, with MiB and descriptors more per hour after a steep warm-up."""
    rng, found = np.random.default_rng(0), []
    for at in range(0, minutes * 60, 5):
        private = 200 - 100 * np.exp(-at / 100) + growth * at / 3600 + 15 * ((at // 60) % 2)
        held = samples.Held(private + rng.normal(0, 1), int(12 + descriptors * at / 3600), 5)
        found.append(samples.Sample(float(at), {"worker 1": held}, 0, 10.0, resting=True))
    return found


def outcome(**more):
    return run.Outcome(
        **{"samples": seen(), "tally": clients.Tally(), "warm": WARM, "left": [], "replaced": 0}
        | more
    )


def test_memory_that_only_wavers_is_flat():
    assert verdict.faults(seen(), WARM) == []


def test_memory_that_grows_is_told_with_its_slope():
    (told,) = verdict.faults(seen(growth=60), WARM)
    assert told.startswith("worker 1: memory grows by 6")


def test_in_a_short_run_only_much_is_growth():
    assert verdict.faults(seen(2), 40) == []
    (told,) = verdict.faults(seen(2, growth=6_000), 40)
    assert told.startswith("worker 1: memory grew by 1")


def test_descriptors_that_nobody_closes_are_told():
    (told,) = verdict.faults(seen(descriptors=60), WARM)
    assert told == "worker 1: descriptors grew from 22 to 35"


def test_what_an_answer_is_made_of_is_no_growth():
    flat, steep = seen(), seen(growth=600)
    busy = [dataclasses.replace(one, resting=False) for one in steep]
    mixed = sorted([*flat, *busy], key=lambda one: one.seconds)
    assert verdict.faults(mixed, WARM) == []


def test_in_a_break_nobody_asks_and_work_goes_on_after_it():
    breaks, asked, ended = clients.Breaks(), [], threading.Event()

    def ask():
        while not ended.is_set():
            with breaks.work():
                asked.append(1)
                ended.wait(0.001)

    client = threading.Thread(target=ask)
    client.start()
    try:
        with breaks.rest(0.01):
            before = len(asked)
            time.sleep(0.02)
            assert len(asked) == before
        while len(asked) <= before:
            time.sleep(0.001)
    finally:
        ended.set()
        client.join()


def test_whatever_is_not_as_it_should_be_fails():
    tally = clients.Tally()
    asked = questions.Question("range", "GET", "/")
    tally.note(asked, 200)
    tally.note(asked, 500)
    tally.trainings.update(done=2, failed=1)
    found = outcome(tally=tally, left=["temporary/a"], replaced=1).faults()
    assert found == [
        "1 times range: 500, not 200",
        "temporary/a was left",
        "1 trainings failed",
        "1 workers were replaced",
    ]
    assert outcome().faults() == []


def test_clients_ask_all_kinds_and_never_the_same_mistake_twice():
    asked = questions.endless(1, [])
    first = {(one := next(asked)).kind: one for _ in range(21)}
    second = {(one := next(asked)).kind: one for _ in range(21)}
    assert first.keys() == second.keys() and len(first) == 21
    assert first["wrong: model"].path != second["wrong: model"].path
    assert {one.status for one in first.values()} == {200, 404, 405, 415, 422}


def test_page_says_what_was_seen(tmp_path):
    tally = clients.Tally()
    tally.note(questions.Question("range, JSON", "GET", "/"), 200)
    page.write(outcome(tally=tally), tmp_path)
    text = (tmp_path / "soak.md").read_text()
    assert re.search(r"\| worker 1 \| 2\d\d \| 2\d\d \| .* \| 12 to 12 \| 5 to 5 \|", text)
    assert "| range, JSON | 200 | 1 |" in text
    assert text.endswith("Nothing grows.\n")
    assert (tmp_path / "images/soak.png").read_bytes().startswith(b"\x89PNG")
