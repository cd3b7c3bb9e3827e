"""Blanks: stretches of the past that are hidden in training, so that the mask comes to mean a gap.

No sample straddles a gap, so in training the mask would always be 0, and what the network made of a
gap later would be chance. So a small share of the past looks missing: its channels are 0, its mask
is 1, and what was to be forecast stays.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from mods.models.inputs import Beside
from mods.models.prepared import Prepared

SHARE = 0.01
UNTOLD = 0.1


def hidden(prepared: Prepared, until: int, seed: int) -> Prepared:
    """The series with blanks of up to sequence_len steps before the step `until`; 1 % of these.

    Same seed, same blanks; each feature has its own.
    """
    longest, front = prepared.sequence_len, prepared.sequence_len - 1
    last = until - longest
    if last <= 0:
        return prepared
    rng = np.random.default_rng([seed, 7])
    count = round(2 * SHARE * last / (longest + 1))
    past = prepared.past.copy()
    for feature in past:
        starts, lengths = rng.integers(0, last, count), rng.integers(1, longest + 1, count)
        for start, length in zip((starts + front).tolist(), lengths.tolist(), strict=True):
            feature[start : start + length] = 0.0
            feature[start : start + length, -1] = 1.0
    return dataclasses.replace(prepared, past=past)


def untold(beside: Beside, until: int, seed: int) -> Beside:
    """The inputs without what leaves at a tenth of the steps before `until`, the same each time.

    There the network learns to do without, as it must on a pool that keeps no panes.
    """
    lost = np.random.default_rng([seed, 8]).random(len(beside.leaving)) < UNTOLD
    lost[until:] = False
    left = np.where(lost[:, None, None], np.nan, beside.leaving)
    return dataclasses.replace(beside, leaving=left)
