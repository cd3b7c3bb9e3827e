from __future__ import annotations

import numpy as np
import pytest

from mods.models import preparation
from mods.series import transforms


def ready(values, *, panes=3, sequence_len=4, steps_ahead=2, delta=True):
    transform = transforms.fit(values, panes=panes, delta=delta)
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
    transform = transforms.Transform(1, (4,), (1.0,), (0.0,), (True,))
    prepared = preparation.prepare(values, transform, sequence_len=4, steps_ahead=10)
    _, _, bases = prepared.inputs(np.array([199]))
    rhythm = bases[0, :, -1]  # the last basis sums the usual changes up to each lead
    expected = values[200:210, 0] - values[199, 0]
    assert np.allclose(rhythm, expected)


def test_the_departing_panes_are_told_from_window_sums():
    panes = np.array([0.0] * 30 + [5, 0, 0, 8, 0])
    sums = np.convolve(panes, np.ones(3))[: len(panes)][:, None]  # .. 5 5 5 8 8
    transform = transforms.Transform(3, (), (1.0,), (0.0,), (True,))
    prepared = preparation.prepare(sums, transform, sequence_len=4, steps_ahead=3)
    _, _, bases = prepared.inputs(np.array([34]))
    # The change +3 at step 33 is 3 + 0.7 * 5 = 6.5 (with 0.9: 7.5) arriving; it leaves at lead 2.
    for keep, leaving in enumerate(([0.0, -6.5, -6.5], [0.0, -7.5, -7.5])):
        common_and_burst = bases[0, :, keep] + bases[0, :, 2 + keep]
        assert np.allclose(common_and_burst, leaving)


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
