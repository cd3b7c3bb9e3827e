"""What a detector learns before it watches: usual sizes, rhythm and the thresholds of a budget."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from mods.anomaly import budget, rest, scores, surprise, threshold
from mods.anomaly.drift import Drift
from mods.anomaly.residuals import residuals, undisturbed, usual_size
from mods.anomaly.rhythm import Rhythm
from mods.errors import SeriesError
from mods.series.forecast import Forecast

LEAST_STEPS = 48
RELATIVE = {"surprise": 2.0}


@dataclass(frozen=True, eq=False)
class Learnt:
    """scale: the usual residual per feature; thresholds: per (feature, kind), in usual sizes.

    reached:  alarms a week on the calm range, with thresholds learnt without it where there was
    more to learn from; calm_days: how long that range was
    """

    scale: pd.Series
    drift: Drift
    thresholds: pd.Series
    step: pd.Timedelta
    reached: float = 0.0
    calm_days: float = 0.0

    def by_feature(self) -> dict[str, dict[str, float]]:
        """The thresholds as plain values: feature, then kind."""
        found: dict[str, dict[str, float]] = {}
        for (feature, kind), value in zip(self.thresholds.index, self.thresholds, strict=True):
            found.setdefault(feature, {})[kind] = float(value)
        return found

    def alike(self, name: str, others: Mapping[str, float]) -> Learnt:
        """The same with one feature more, like `others`, and so many times as large as each."""
        known = [other for other in others if other in self.scale.index]
        usual = float(np.median([self.scale[other] * others[other] for other in known]))
        by_kind = self.thresholds.unstack()
        same = {(name, kind): float(by_kind.loc[known, kind].median()) for kind in scores.KINDS}
        return replace(
            self,
            scale=pd.concat([self.scale, pd.Series({name: usual})]),
            drift=self.drift.alike(name, others),
            thresholds=pd.concat([self.thresholds, pd.Series(same)]),
        )

    def state(self) -> dict[str, Any]:
        """All of it as JSON."""
        return {
            "scale": {str(name): float(value) for name, value in self.scale.items()},
            "drift": self.drift.state(),
            "thresholds": self.by_feature(),
            "step_s": self.step.total_seconds(),
            "reached": self.reached,
            "calm_days": self.calm_days,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Learnt:
        """What `state` describes; KeyError, TypeError or ValueError where it describes nothing."""
        scale = {str(name): _positive(value) for name, value in state["scale"].items()}
        drift = Drift.from_state(state["drift"])
        limits = {
            (name, kind): _positive(state["thresholds"][name][kind])
            for name in scale
            for kind in scores.KINDS
        }
        if not set(scale) <= set(map(str, drift.spread.index)):
            raise ValueError("a feature has no spread")
        step = pd.Timedelta(seconds=_positive(state["step_s"]))
        told = float(state["reached"]), float(state["calm_days"])
        return cls(pd.Series(scale), drift, pd.Series(limits), step, *told)


def learn(
    calm: pd.DataFrame,
    forecast: Forecast,
    alarms_per_week: float,
    earlier: tuple[pd.DataFrame, Forecast] | None = None,
    rhythm: Rhythm | None = None,
) -> Learnt:
    """Learn from a calm range and, where given, from the series before it and its forecasts.

    Steps within the rest (6 h) of missing data teach nothing: an outage in the calm range would
    otherwise hide the next one. A `rhythm` known before stands in for one of less than two weeks.
    Raises SeriesError where too few steps remain.
    """
    step = forecast.step
    near = threshold.rest_steps(step)
    quiet = undisturbed(calm[list(forecast.features)].astype(float), near)
    missed = residuals(quiet, forecast)
    known = int(missed.notna().any(axis=1).sum())
    if known < LEAST_STEPS:
        raise SeriesError(
            f"only {known} steps have both a value and a forecast, {LEAST_STEPS} are needed",
            where="calm range",
            fix="Give a longer calm range",
        )
    scale = usual_size(missed)
    if earlier is not None:
        series, hindcast = earlier
        before = undisturbed(series[list(forecast.features)].astype(float), near)
        missed = _regular(missed.combine_first(residuals(before, hindcast)), step)
        quiet = _regular(quiet.combine_first(before), step)
    drift, slow = Drift.learn(quiet, step, rhythm)
    sizes = scores.joined(surprise.signed(missed, scale), slow).abs()
    shared = budget.share(sizes, alarms_per_week, step, RELATIVE)
    inside = np.asarray(sizes.index.isin(calm.index))
    checked = shared
    if sizes[~inside].notna().any(axis=1).sum() > inside.sum():
        checked = budget.share(sizes[~inside], alarms_per_week, step, RELATIVE)
    weeks = known * step / threshold.WEEK
    reached = _alarms(sizes / checked, inside, step) / weeks
    return Learnt(scale, drift, shared, step, reached, 7 * weeks)


def _alarms(ratios: pd.DataFrame, inside: np.ndarray, step: pd.Timedelta) -> int:
    """Alarms that are raised inside the range."""
    high = rest.alarming(ratios.fillna(0.0), rest.steps(step))
    return len(threshold.alarms(high[inside], True, threshold.rest_steps(step)))


def _regular(frame: pd.DataFrame, step: pd.Timedelta) -> pd.DataFrame:
    """The frame on a grid without holes in the time."""
    return frame.reindex(pd.date_range(frame.index[0], frame.index[-1], freq=step))


def _positive(value: Any) -> float:
    number = float(value)
    if not (math.isfinite(number) and number > 0):
        raise ValueError(f"{value!r} is not a number above 0")
    return number
