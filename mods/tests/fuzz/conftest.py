"""How much is fuzzed: MODS_FUZZ_CASES texts per parser; of logs and guided runs, a share of it."""

from __future__ import annotations

import os

import pytest

CASES = int(os.environ.get("MODS_FUZZ_CASES", "2000"))


@pytest.fixture
def cases() -> int:
    return CASES
