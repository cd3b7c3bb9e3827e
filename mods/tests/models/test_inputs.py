"""What a network gets beside the values: the mask, what is known in advance, what leaves."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mods.config import Config
from mods.models import blanks, departures, inputs, preparation
from mods.models.panes import restored
from mods.series import leaving, transforms

PANES = 4
CONFIG = Config(calendar=("day",), known_columns=("open",))


def series(steps=400, seed=0):
    """Window sums of panes of two features, with a column known in advance and what leaves."""
    rng = np.random.default_rng(seed)
    panes = rng.poisson(50 + 20 * np.sin(np.arange(steps + PANES)[:, None] / 4), (steps + PANES, 2))
    sums = np.cumsum(panes, axis=0)
    index = pd.date_range("2024-01-01", periods=steps, freq="1h", tz="UTC", name="time")
    table = pd.DataFrame(sums[PANES:] - sums[:-PANES], index, ["a", "b"]).astype(float)
    table["open"] = rng.normal(size=steps)
    for slide in range(1, PANES + 1):
        gone = sums[slide : steps + slide] - sums[:steps]
        table[[leaving.name(name, slide) for name in ("a", "b")]] = gone.astype(float)
    return table


def made(table, ahead=3, past=5, config=CONFIG):
    values = table[["a", "b"]].to_numpy()
    transform = transforms.fit(series()[["a", "b"]].to_numpy(), panes=PANES, day=24)
    window = dataclasses.replace(config.window, length=4 * 3600, slide=3600)
    mine = inputs.fit(table, ("a", "b"), dataclasses.replace(config, steps_ahead=ahead), window)
    beside = mine.beside(table, ("a", "b"), inputs.grid(table.index, pd.Timedelta("1h"), ahead))
    prepared = preparation.prepare(
        values, transform, sequence_len=past, steps_ahead=ahead, beside=beside
    )
    return prepared, beside, mine


holes = st.lists(st.tuples(st.integers(0, 399), st.integers(1, 9), st.integers(0, 2)), max_size=8)


@settings(max_examples=25)
@given(holes, st.integers(2, 9), st.integers(1, 6))
def test_no_sample_straddles_a_gap_of_its_feature_or_of_what_has_to_be_known(holes, past, ahead):
    table = series()
    for begin, length, column in holes:
        table.iloc[begin : begin + length, column] = np.nan
    prepared, _, _ = made(table, ahead, past)
    known = table[["a", "b", "open"]].notna().to_numpy()
    wanted = [
        feature * 400 + t
        for feature in (0, 1)
        for t in range(past - 1, 400 - ahead)
        if known[t - past + 1 : t + ahead + 1, feature].all() and known[t : t + ahead + 1, 2].all()
    ]
    assert prepared.whole().tolist() == wanted
    for array in prepared.inputs(prepared.whole()):
        assert np.isfinite(array).all()


def test_the_mask_tells_missing_from_zero_and_from_before_the_begin():
    table = series()
    table.loc[table.index[50:53], "a"] = np.nan
    table.loc[table.index[60:63], "a"] = 0.0
    prepared, _, _ = made(table)
    past = prepared.inputs(np.array([1, 54, 63]))[0]
    assert past[:, :, -1].tolist() == [[1, 1, 1, 0, 0], [1, 1, 1, 0, 0], [0, 0, 0, 0, 0]]
    assert (past[:2, :3, :-1] == 0).all() and (past[2, :, :-1] != 0).any()


def test_what_is_known_in_advance_comes_for_every_lead_and_nothing_later():
    table = series()
    prepared, beside, mine = made(table)
    assert mine.known.width == 5 and beside.known.shape == (403, 5)
    late = table.copy()
    late.loc[late.index[104:], "open"] += 1.0
    for row, same in ((100, True), (101, False)):
        first = prepared.inputs(np.array([row]))
        scaled = made(late)[2].known
        other = made(late)[1].known
        assert scaled.names == ("open",) and (other[:104] != beside.known[:104]).any()
        moved = dataclasses.replace(
            prepared, known=prepared.known + (np.arange(403) >= 104)[:, None]
        )
        second = moved.inputs(np.array([row]))
        assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True)) is same


def test_a_guess_is_what_usually_comes_less_what_leaves():
    panes, steps = 4, 200
    arrived = np.tile([10.0, 30.0], steps)[: steps + panes, None]
    sums = np.cumsum(np.vstack([np.zeros((1, 1)), arrived]), axis=0)
    scaled = sums[panes + 1 :] - sums[1:-panes]
    left = np.stack(
        [sums[k + 1 : k + 1 + steps] - sums[1 : steps + 1] for k in range(1, 5)], axis=2
    )
    transform = dataclasses.replace(transforms.fit(scaled, panes=panes), periods=(8,), scale=(1.0,))
    sums = restored(scaled, transform, 6)
    beside = inputs.plain(1, steps, 6)

    def guesses(left):
        ahead = np.full((6, *left.shape[1:]), np.nan)
        whole = dataclasses.replace(beside, leaving=np.concatenate([left, ahead]))
        return departures.guesses(scaled, sums, whole, transform)

    found = guesses(left)
    truth = np.stack([scaled[100 + k] - scaled[100] for k in range(1, 7)])
    np.testing.assert_allclose(found[100, :, :, 2].T, truth, atol=1e-4)
    blank = left.copy()
    blank[100] = np.nan
    otherwise = departures.without(sums, panes, 6)
    np.testing.assert_allclose(guesses(blank)[100, 0, :, 0], otherwise[100, 0], rtol=1e-5)
    assert guesses(left[:, :, :0]).shape == (200, 1, 6, 0)


def test_blanks_hide_one_hundredth_of_the_past_of_training_alone():
    prepared, beside, _ = made(series(400))
    until = 300
    long = dataclasses.replace(prepared, past=np.repeat(prepared.past, 50, axis=0))
    found = blanks.hidden(long, until, seed=3)
    share = found.past[:, 4 : until + 4, -1].mean()
    assert 0.005 < share < 0.015 and not found.past[:, until + 4 :, -1].any()
    hidden = found.past[..., -1] > 0
    assert (found.past[hidden][:, :-1] == 0).all()
    np.testing.assert_array_equal(found.past[~hidden], long.past[~hidden])
    np.testing.assert_array_equal(blanks.hidden(long, until, seed=3).past, found.past)
    lost = np.isnan(blanks.untold(beside, until, seed=3).leaving).all(axis=(1, 2))
    assert 10 < lost[:until].sum() < 60 and lost[until:400].sum() == 0


def test_a_saved_state_asks_for_no_more_than_its_config_and_window_allow():
    """A file that says a million slides would take gigabytes before it is known to be broken."""
    config, window = dataclasses.replace(CONFIG, steps_ahead=3), CONFIG.window
    mine = made(series())[2].state()
    assert inputs.read(mine, config, window).slides == 3
    clock = {**mine["known"], "calendar": ["day", "day"]}
    others = {**mine["known"], "names": ["shut"]}
    for wrong in ({"slides": 4}, {"slides": -1}, {"known": clock}, {"known": others}):
        with pytest.raises(ValueError, match="inputs are"):
            inputs.read({**mine, **wrong}, config, window)
