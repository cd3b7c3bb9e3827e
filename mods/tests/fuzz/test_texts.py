"""Parsers of text under random and nearly right input."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mods.tests.fuzz.conftest import CASES
from mods.tests.fuzz.targets import SEEDS, TARGETS, check

pytestmark = pytest.mark.fuzz
ALPHABETS = {
    "query": "connsh_dik|;~#, \t\n'\"-`.\x00é",
    "time_range": "<>[](),0123456789-:T Z+.WQ\n\x00é",
    "tsv_header": "#separatofildypth\\x09\t\n\r ,()-\x00é[]",
    "json_header": '{}[]":,\\0123456789eE+-.truefalsn ts_path\n\x00éu',
}


def nearly(name: str) -> st.SearchStrategy[str]:
    """Pieces of right texts, put together and torn apart."""
    seeds = st.sampled_from(SEEDS[name])
    noise = st.text(alphabet=ALPHABETS[name], max_size=8)
    cut = st.tuples(seeds, st.integers(0, 200), st.integers(0, 200), noise)
    torn = cut.map(lambda it: it[0][: it[1]] + it[3] + it[0][it[1] + it[2] % 7 :])
    return st.lists(torn, min_size=1, max_size=3).map("".join)


@pytest.mark.parametrize("name", list(TARGETS))
def test_only_our_errors_come_out(name):
    texts = st.one_of(
        nearly(name), st.text(alphabet=ALPHABETS[name]), st.text(), st.text(max_size=300)
    )

    @settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(texts)
    def run(text: str) -> None:
        check(name, text)

    run()
