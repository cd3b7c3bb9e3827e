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
