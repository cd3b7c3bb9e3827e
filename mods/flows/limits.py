"""Limits on features: what a training keeps of them, and what a prediction warns of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from mods.anomaly import crossing, limits, shares
from mods.anomaly.crossing import Crossing
from mods.anomaly.limits import Limits
from mods.config import Config
from mods.flows import saved
from mods.flows.material import Material
from mods.flows.model import Model
from mods.limit import Limit, over
from mods.models import catalogue
from mods.request import ForecastRequest, PredictRequest, Source, TrainRequest
from mods.series import contract, inputs
from mods.series.forecast import Forecast


@dataclass(frozen=True, eq=False)
class Warnings:
    """The limits in force, those that are likely to be crossed, and how likely the likeliest is.

    learnt: those in force that nobody gave; asked: the probability to warn from
    """

    limits: tuple[Limit, ...] = ()
    learnt: frozenset[Limit] = frozenset()
    crossings: tuple[Crossing, ...] = ()
    likeliest: tuple[Limit, float] | None = None
    asked: float = crossing.HALF

    def record(self) -> list[dict[str, Any]]:
        """The warnings as a program reads them."""
        return [
            {**one.record(), "source": "learnt" if one.limit in self.learnt else "given"}
            for one in self.crossings
        ]

    def warned(self, limit: Limit, origin: pd.Timestamp) -> bool:
        """Whether this limit is warned of from this origin."""
        return any(one.limit == limit and one.origin == origin for one in self.crossings)


def given(
    request: TrainRequest, source: Source, config: Config, material: Material
) -> tuple[Limit, ...]:
    """The limits that a training is given, and those of the model that it goes on from.

    Raises UsageError for a limit on a feature that is not there.
    """
    old = Limits()
    if request.init_from is not None:
        *_, old = saved.whole(catalogue.find(request.init_from, source.models))
    asked = [Limit.parse(text) for text in request.limits]
    limits.check(asked, inputs.features(material.series, config.known_columns))
    return over(old.given, asked)


def kept(wanted: tuple[Limit, ...], material: Material, calm: Forecast) -> Limits:
    """What a model keeps for its warnings: `calm` are its forecasts of the calm range."""
    learnt = limits.learn(material.uncut()[list(calm.features)], calm.step)
    panes = contract.window(material.series).panes
    told = shares.measured(calm, calm.actual(material.series), panes)
    return Limits(wanted, learnt, told)


def warnings(
    model: Model, request: PredictRequest, forecast: Forecast, series: pd.DataFrame
) -> Warnings:
    """What the forecasts warn of; without limits in the request, by those of the model."""
    asked, probability = _asked(request)
    limits.check(asked, forecast.features)
    known = model.limits
    force = known.in_force(forecast.features, asked)
    told = limits.meant([*known.given, *asked], forecast.features)
    learnt = frozenset(known.learnt) - frozenset(told)
    found: list[Crossing] = []
    chances: list[tuple[Limit, float]] = []
    for one in force:
        panes = model.forecaster.window.panes
        apart = crossing.alone(forecast, panes, rare=one in learnt)
        found += crossing.crossings(
            forecast, series, [one], panes=apart, shares=known.shares, probability=probability
        )
        chance = crossing.by_lead(forecast, one, apart, known.told(one))[-1, -1]
        chances.append((one, float(chance)))
    likeliest = max(chances, key=lambda pair: pair[1], default=None)
    return Warnings(force, learnt, tuple(crossing.ranked(found)), likeliest, probability)


def _asked(request: PredictRequest) -> tuple[Iterable[Limit], float]:
    if not isinstance(request, ForecastRequest):
        return (), crossing.HALF
    return [Limit.parse(text) for text in request.limits], request.limit_probability
