"""Blocks of panes: bits in numbers against plain sets of numbers."""

import ibis
from hypothesis import given, settings
from hypothesis import strategies as st

from mods.features import blocks
from mods.features.engines import duckdb as engine

ENGINE = engine.connect("500MB")
PANES = st.sets(st.integers(0, 299), min_size=1, max_size=12)


def held(panes):
    rows = ibis.memtable([{"pane": pane} for pane in panes], schema={"pane": "int64"})
    by_block = rows.group_by(block=blocks.start(rows.pane))
    return by_block.agg(panes=blocks.either(blocks.bit(rows.pane))).rename(pane="block")


def panes(rows):
    return {row["pane"] for row in ENGINE.to_pyarrow(blocks.apart(rows)).to_pylist()}


@settings(max_examples=15, deadline=None)
@given(PANES, st.integers(0, 320))
def test_panes_come_out_as_they_went_in_and_can_be_cut(there, begin):
    assert panes(held(there)) == there
    assert panes(blocks.since(held(there), begin)) == {pane for pane in there if pane >= begin}


@settings(max_examples=15, deadline=None)
@given(PANES, st.sampled_from([1, 2, 3, 6, 59, 60, 61, 119, 121, 200]))
def test_windows_with_any_of_the_panes_are_found(there, reach):
    rows, words = held(there), [f"w{place}" for place in range(5)]
    wide = rows.agg(
        **{
            word: blocks.either((rows.pane == 60 * place).ifelse(rows.panes, 0))
            for place, word in enumerate(words)
        }
    )
    (row,) = ENGINE.to_pyarrow(blocks.reaching(wide, words, reach)).to_pylist()
    found = {
        60 * place + bit
        for place, word in enumerate(words)
        for bit in range(60)
        if row[word] >> bit & 1
    }
    expected = {window for pane in there for window in range(pane - reach + 1, pane + 1)}
    assert found == {window for window in expected if window >= 0}
