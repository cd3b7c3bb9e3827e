"""A real server asked and made to train for MODS_SOAK_MINUTES (1.5) minutes: nothing grows."""

import os

import pytest

run = pytest.importorskip("benchmarks.soak.run", reason="installed without its benchmarks")

MINUTES = float(os.environ.get("MODS_SOAK_MINUTES", "1.5"))

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600 + 120 * MINUTES)]


def test_nothing_grows_and_every_answer_is_as_expected(tmp_path):
    outcome = run.soak(tmp_path, MINUTES)
    assert outcome.faults() == []
    assert sum(outcome.tally.right.values()) > 20
    assert len(outcome.samples) > 10
