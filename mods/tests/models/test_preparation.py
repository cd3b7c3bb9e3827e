from __future__ import annotations

import numpy as np
import pytest

from mods.models import inputs, panes, preparation
from mods.series import transforms


def ready(values, *, slides=3, sequence_len=4, steps_ahead=2, delta=True):
    transform = transforms.fit(values, panes=slides, delta=delta)
    return preparation.prepare(
        values, transform, sequence_len=sequence_len, steps_ahead=steps_ahead
    )


@pytest.fixture
def values():
    rng = np.random.default_rng(0)
    return rng.gamma(2.0, 10.0, (200, 2)) + np.sin(np.arange(200) / 4)[:, None] * 9 + 20


def test_inputs_have_the_sizes_they_state(values):
    prepared = ready(values)
    past, facts, bases = prepared.inputs(prepared.rows(np.arange(200)))
    sizes = prepared.sizes
    assert past.shape == (400, 4, sizes.channels)
    assert facts.shape == (400, sizes.facts)
    assert bases.shape == (400, 2, sizes.bases)
    assert {past.dtype, facts.dtype, bases.dtype} == {np.dtype("float32")}


@pytest.mark.parametrize(("slides", "guesses"), [(0, 21), (3, 21 + 4)])
def test_the_guesses_are_as_many_as_the_docs_tell(slides, guesses):
    """docs/how-the-forecast-works.md: with two periods, and where panes tell what leaves."""
    transform = transforms.Transform(6, (6, 144), (1.0,), (0.0,), (1e9,), (True,))
    given = inputs.Inputs(("conn_in",), slides=slides)
    assert preparation.sizes(transform, given, 14, 3).bases == guesses


def test_nothing_at_a_step_knows_a_later_one(values):
    prepared = ready(values)
    changed = values.copy()
    changed[120:] *= 7
    other = preparation.prepare(changed, prepared.transform, sequence_len=4, steps_ahead=2)
    rows = prepared.rows(np.arange(120))
    for before, after in zip(prepared.inputs(rows), other.inputs(rows), strict=True):
        assert np.array_equal(before, after)


def test_beyond_a_period_the_rhythm_goes_on_without_looking_ahead():
    values = np.tile([[1.0], [5.0], [2.0], [9.0]], (60, 1))
    transform = transforms.Transform(1, (4,), (1.0,), (0.0,), (1e9,), (True,))
    prepared = preparation.prepare(values, transform, sequence_len=4, steps_ahead=10)
    _, _, bases = prepared.inputs(np.array([199]))
    rhythm = bases[0, :, -1]  # the last basis sums the usual changes up to each lead
    expected = values[200:210, 0] - values[199, 0]
    assert np.allclose(rhythm, expected)


def test_the_departing_panes_are_told_from_window_sums():
    arrivals = np.array([0.0] * 30 + [5, 0, 0, 8, 0])
    sums = np.convolve(arrivals, np.ones(3))[: len(arrivals)][:, None]  # .. 5 5 5 8 8
    transform = transforms.Transform(3, (), (1.0,), (0.0,), (1e9,), (True,))
    prepared = preparation.prepare(sums, transform, sequence_len=4, steps_ahead=3)
    _, _, bases = prepared.inputs(np.array([34]))
    # The change +3 at step 33 is 3 + 0.7 * 5 = 6.5 (with 0.9: 7.5) arriving; it leaves at lead 2.
    for keep, leaving in enumerate(([0.0, -6.5, -6.5], [0.0, -7.5, -7.5]), start=1):
        common_and_burst = bases[0, :, keep] + bases[0, :, 3 + keep]
        assert np.allclose(common_and_burst, leaving)
    whole = bases[0, :, 0] + bases[0, :, 3]
    assert whole[1] - whole[0] == pytest.approx(-8.0, abs=1.0)


def test_what_usually_arrives_is_summed_over_the_panes_that_come_into_the_window():
    arrivals = np.tile([6.0, 0.0, 0.0, 3.0, 0.0], 200)
    sums = np.convolve(arrivals, np.ones(2), "valid")[:, None]
    transform = transforms.Transform(2, (5,), (1.0,), (0.0,), (1e9,), (True,))
    prepared = preparation.prepare(sums, transform, sequence_len=4, steps_ahead=5)
    _, _, bases = prepared.inputs(np.array([len(sums) - 1]))
    coming = panes.restored(sums, transform, 5).seasons[0][len(sums) :, 0]
    expected = [coming[:1].sum(), *(coming[lead - 2 : lead].sum() for lead in range(2, 6))]
    assert np.ptp(expected) > 5
    assert np.allclose(bases[0, :, -2], expected)


def test_samples_with_gaps_are_left_out_feature_by_feature(values):
    values[50, 0] = np.nan
    prepared = ready(values)
    rows = prepared.whole()
    first = rows[rows < 200]
    assert set(range(3, 198)) - set(first.tolist()) == {48, 49, 50, 51, 52, 53}
    assert len(rows[rows >= 200]) == 195


def test_targets_are_changes_or_distances_to_the_centre(values):
    changes = ready(values)
    rows = np.array([10, 210])
    scale = np.asarray(changes.transform.scale)
    expected = (values[11:13, 1] - values[10, 1]) / scale[1]
    assert np.allclose(changes.paths(rows)[1], expected, rtol=1e-5)
    levels = ready(values, delta=False)
    centre = np.median(values[:, 1])
    assert np.allclose(levels.paths(rows)[1], (values[11:13, 1] - centre) / scale[1], rtol=1e-5)


def test_short_series_and_first_steps_have_inputs_too():
    prepared = ready(np.array([[3.0], [4.0]]))
    for array in prepared.inputs(prepared.rows(np.arange(2))):
        assert np.isfinite(array).all()


@pytest.mark.parametrize("size", [1e9, 1e300, -1e12])
def test_an_absurd_value_is_forgotten_within_a_window_and_the_input(values, size):
    prepared = ready(values)
    stray = values.copy()
    stray[120, 0] = size
    other = preparation.prepare(stray, prepared.transform, sequence_len=4, steps_ahead=2)
    rows = np.arange(120 + 3 + 4, 198)
    for before, after in zip(prepared.inputs(rows), other.inputs(rows), strict=True):
        assert np.abs(before - after).max() < 2.0  # one usual change
