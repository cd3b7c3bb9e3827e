"""Limits that a model knows: those it was given, and those it learnt from its training data.

A learnt limit is a level that a feature has rarely gone beyond, by peaks over threshold: a feature
that is forecast to go where it went once in four weeks is worth a look before it is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from mods.anomaly import threshold
from mods.anomaly.shares import NOMINAL, Shares
from mods.errors import CorruptModelError, UsageError, offered
from mods.limit import Limit, over
from mods.series import entities

PER_WEEK = 0.25
LEAST_STEPS = 144


@dataclass(frozen=True)
class Limits:
    """What a model file keeps for its warnings.

    given: by the one who trained it, as they were written; learnt: from its training data
    shares: how many true values lay below the ends of its intervals (`shares.measured`)
    """

    given: tuple[Limit, ...] = ()
    learnt: tuple[Limit, ...] = ()
    shares: Shares = field(default_factory=dict)

    def in_force(self, features: Sequence[str], asked: Iterable[Limit] = ()) -> tuple[Limit, ...]:
        """On each side of a feature the limit asked for now, else that given, else that learnt."""
        last = over(*(meant(some, features) for some in (self.learnt, self.given, asked)))
        return tuple(one for one in last if np.isfinite(one.level))

    def told(self, limit: Limit) -> Sequence[float] | None:
        """The shares of the limit's feature; None where they are not known."""
        return self.shares.get(limit.feature)

    def state(self) -> dict[str, Any]:
        """All of it, as JSON."""
        return {
            "given": [str(one) for one in self.given],
            "learnt": [str(one) for one in self.learnt],
            "shares": {name: list(told) for name, told in self.shares.items()},
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Limits:
        """The limits that `state` describes; CorruptModelError where it describes none."""
        try:
            given, learnt = (tuple(map(Limit.parse, state[name])) for name in ("given", "learnt"))
            shares = {str(name): _rising(told) for name, told in state["shares"].items()}
        except (KeyError, TypeError, ValueError, AttributeError, UsageError) as error:
            raise CorruptModelError(
                f"the limits cannot be read: {error!r}", where="limits", fix="Train the model again"
            ) from None
        return cls(given, learnt, shares)


def learn(series: pd.DataFrame, step: pd.Timedelta) -> tuple[Limit, ...]:
    """Per feature the level that it exceeds, and the one it falls below, once in four weeks.

    Stretches beyond a level count once in six hours, as alarms do; of a shorter series the tail is
    extrapolated. There is no limit on a side that a feature never moves to, nor a lower one that
    only values below 0 would reach, where the series has none, nor any of fewer than 144 values.
    """
    found = []
    for name in map(str, series.columns):
        values = series[name].to_numpy(float)
        known = values[np.isfinite(values)]
        if len(known) < LEAST_STEPS or np.ptp(known) == 0:
            continue
        middle = float(np.median(known))
        for upper, sign in ((True, 1.0), (False, -1.0)):
            away = sign * (values - middle)
            if np.nanmax(away) <= 0:
                continue
            level = float(f"{middle + sign * threshold.learn(away, PER_WEEK, step):.4g}")
            if upper or level > min(0.0, float(known.min())):
                found.append(Limit(name, upper, level))
    return tuple(found)


def meant(limits: Iterable[Limit], features: Sequence[str]) -> tuple[Limit, ...]:
    """The limits on these features; one named without a series holds for that of every series.

    On the same side of a feature one that names its series counts, wherever it stands.

    >>> given = [Limit.parse("10.1.0.0/16|conn_in<9"), Limit.parse("conn_in<5")]
    >>> [str(one) for one in meant(given, ["10.1.0.0/16|conn_in", "10.2.0.0/16|conn_in"])]
    ['10.1.0.0/16|conn_in<9', '10.2.0.0/16|conn_in<5']
    """
    given, kinds = list(limits), {name: entities.parted(name)[1] for name in features}
    wide = [
        replace(one, feature=name)
        for one in given
        for name, kind in kinds.items()
        if one.feature == kind != name
    ]
    return over(wide, (one for one in given if one.feature in kinds))


def check(limits: Iterable[Limit], features: Iterable[str]) -> None:
    """Raise UsageError for a limit on a feature that is not forecast, of no series."""
    there = tuple(features)
    there = tuple(dict.fromkeys([*there, *entities.kinds(there)]))
    for one in limits:
        if one.feature not in there:
            raise UsageError(
                f"there is no feature {one.feature!r} to limit",
                where="limits",
                fix=offered(one.feature, there),
            )


def _rising(told: Iterable[Any]) -> list[float]:
    shares = [float(one) for one in told]
    if len(shares) != len(NOMINAL) or not np.all(np.diff([0.0, *shares, 1.0]) > 0):
        raise ValueError(f"{shares} are no rising shares")
    return shares
