from __future__ import annotations

import json

import numpy as np
import pytest

from mods.series import transforms

VALUES = np.array([[10.0, -4.0], [12.0, -2.0], [8.0, -6.0], [np.nan, -4.0], [10.0, -4.0]])


def test_scale_and_centre_by_hand():
    transform = transforms.fit(VALUES)
    assert transform.scale == (3.0, 2.0)
    assert transform.centre == (10.0, -4.0)
    assert transform.never_negative == (True, False)


def test_undo_brings_paths_back_and_counts_stay_at_or_above_zero():
    transform = transforms.fit(VALUES)
    path = np.array([[[1.0, 1.0], [-9.0, -9.0]]])
    assert transform.undo(path, np.array([[10.0, -4.0]])).tolist() == [[[13.0, -2.0], [0.0, -22.0]]]


def test_without_delta_forecasts_are_added_to_the_centre():
    transform = transforms.fit(VALUES, delta=False)
    path = np.zeros((2, 1, 2))
    undone = transform.undo(path, np.array([[99.0, 99.0], [np.nan, 99.0]]))
    assert undone[0].tolist() == [[10.0, -4.0]]
    assert np.isnan(undone[1, 0, 0])


def test_the_state_travels_as_json():
    transform = transforms.fit(VALUES, panes=6, day=144)
    assert transforms.read(json.loads(json.dumps(transform.state()))) == transform


@pytest.mark.parametrize(
    "change",
    [
        {"scale": [0.0, 1.0]},
        {"scale": [1.0]},
        {"panes": 0},
        {"periods": [0]},
        {"centre": [1, 1e999]},
    ],
)
def test_an_impossible_state_is_refused(change):
    state = {**transforms.fit(VALUES).state(), **change}
    with pytest.raises(ValueError, match="impossible"):
        transforms.read(state)


def test_a_constant_feature_has_a_scale():
    assert transforms.fit(np.array([[7.0, 0.0], [7.0, 0.0]])).scale == (7.0, 1.0)


def test_gaps_hold_the_last_value_and_the_start_before_it():
    values = np.array([[np.nan], [2.0], [np.nan], [np.nan], [5.0]])
    assert transforms.filled(values, np.array([1.0])).ravel().tolist() == [1, 2, 2, 2, 5]


def test_the_leaky_recursion_remembers_what_came_a_window_ago():
    change = np.array([1.0, 2, 0, 0, 0, 4])[:, None]
    kept = transforms.leaky(change, lag=2, keep=0.5).ravel().tolist()
    assert kept == [1, 2, 0.5, 1, 0.25, 4.5]


def test_an_absurd_value_in_training_teaches_no_size():
    calm = np.random.default_rng(0).normal(50.0, 3.0, (600, 1))
    wild = calm.copy()
    wild[300] = 3e10
    taught, usual = (transforms.fit(values, panes=3) for values in (wild, calm))
    assert np.allclose(taught.scale, usual.scale, rtol=0.05)
    assert np.allclose(taught.far, usual.far, rtol=0.05)


def test_absurd_values_hold_the_value_before_until_they_last():
    values = np.random.default_rng(0).normal(50.0, 3.0, (100, 1))
    transform = transforms.fit(values, panes=3)
    stray = values.copy()
    stray[40] = 1e9
    stray[60] = np.nan
    mended = transform.mended(stray)
    assert mended[40] == values[39]
    assert np.isnan(mended[60])
    lasting = values.copy()
    lasting[50:] += 1e9
    assert transform.mended(lasting)[55, 0] < 100
    assert (transform.mended(lasting)[56:] == lasting[56:]).all()


def test_rare_bursts_are_not_absurd():
    values = np.zeros((5_000, 1))
    values[::900] = 1_000.0
    transform = transforms.fit(values, panes=1)
    assert (transform.mended(values) == values).all()
