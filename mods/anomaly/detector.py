"""Detector: learns on a calm range how far the forecast usually misses, and alarms beyond that."""

from __future__ import annotations

import dataclasses
import logging
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from mods.anomaly import budget, events, kinds, scores, threshold
from mods.errors import ModelError, SeriesError, UsageError
from mods.series.forecast import Forecast

log = logging.getLogger(__name__)
LEAST_STEPS = 48
FORMAT = 1


class Detector:
    """Alarms where a series departs from its forecast, at most `alarms_per_week` of them.

    detector = Detector(alarms_per_week=1).fit(calm, forecaster.backtest(calm))
    detector.detect(live, forecaster.backtest(live))
    """

    def __init__(self, alarms_per_week: float = 1.0) -> None:
        if not (math.isfinite(alarms_per_week) and alarms_per_week > 0):
            raise UsageError(
                f"{alarms_per_week} is no budget", where="alarms_per_week", fix="Give more than 0"
            )
        self.alarms_per_week = float(alarms_per_week)
        self._scale: pd.Series | None = None
        self._thresholds: pd.Series | None = None

    @property
    def reach(self) -> int:
        """Steps before a step that its score depends on; what lies further back changes nothing."""
        return scores.REACH

    def fit(self, calm: pd.DataFrame, forecast: Forecast) -> Detector:
        """Learn scale and thresholds from a range without anomalies that the forecaster never saw.

        Steps within the rest (6 h) of missing data teach nothing: an outage in the calm range would
        otherwise hide the next one. Raises SeriesError where too few steps remain.
        """
        quiet = scores.undisturbed(calm, threshold.rest_steps(forecast.step))
        scale = scores.calm_scale(scores.residuals(quiet, forecast))
        sizes = scores.signed(quiet, forecast, scale).abs()
        known = int(sizes.notna().any(axis=1).sum())
        if known < LEAST_STEPS:
            raise SeriesError(
                f"only {known} steps have both a value and a forecast, {LEAST_STEPS} are needed",
                where="calm range",
                fix="Give a longer calm range",
            )
        self._thresholds = budget.share(sizes, self.alarms_per_week, forecast.step)
        self._scale = scale
        days = known * forecast.step / pd.Timedelta("1D")
        log.info("thresholds learnt on %.1f calm days", days)
        return self

    @property
    def thresholds(self) -> dict[str, dict[str, float]]:
        """Per feature and kind of score, in usual residuals."""
        _, learnt = self._fitted()
        found: dict[str, dict[str, float]] = {}
        for (feature, kind), value in zip(learnt.index.to_list(), learnt, strict=True):
            found.setdefault(feature, {})[kind] = float(value)
        return found

    def detect(self, series: pd.DataFrame, forecast: Forecast) -> pd.DataFrame:
        """One row per step of the series: anomaly_score, threshold, anomaly (0 or 1), feature.

        anomaly_score is the largest score/threshold over features and kinds (so threshold is 1),
        finite, and 0 where nothing can be scored; feature is whose it is ('' where the score is 0).
        anomaly is 1 where an alarm is raised: the score reaches the threshold and no alarm was
        raised in the 6 hours before.
        """
        sizes = self._ratios(series, forecast).abs().fillna(0.0)
        table = pd.DataFrame(index=series.index.rename("time"))
        table["anomaly_score"] = sizes.to_numpy().max(axis=1, initial=0.0)
        table["threshold"] = 1.0
        raised = threshold.alarms(
            table["anomaly_score"].to_numpy(), 1.0, threshold.rest_steps(forecast.step)
        )
        table["anomaly"] = np.isin(np.arange(len(table)), raised).astype(int)
        names = sizes.columns.get_level_values(0).to_numpy()[sizes.to_numpy().argmax(axis=1)]
        table["feature"] = np.where(table["anomaly_score"] > 0, names, "")
        return table

    def explain(self, series: pd.DataFrame, forecast: Forecast) -> pd.DataFrame:
        """Index (time, feature): actual, forecast, surprise, level, score and the kind that leads.

        surprise and level are signed (above 0: too much) and, like score, in thresholds.
        """
        ratios = self._ratios(series, forecast)
        lead = scores.lead_of(forecast)
        expected = scores.expected(forecast, pd.DatetimeIndex(series.index), lead)
        parts = {}
        for name in forecast.features:
            part = pd.DataFrame(ratios[name])
            sizes = part.abs().fillna(0.0)
            seen = {"actual": series[name].astype(float), "forecast": expected[name]}
            best = {"score": sizes.max(axis=1), "kind": sizes.idxmax(axis=1)}
            parts[name] = pd.DataFrame({**seen, **part, **best})
        table = pd.concat(parts, names=["feature", "time"]).swaplevel()
        order = [(time, name) for time in series.index for name in forecast.features]
        return table.reindex(pd.MultiIndex.from_tuples(order, names=["time", "feature"]))

    def events(self, series: pd.DataFrame, forecast: Forecast) -> list[events.Event]:
        """What happened, in order of time; missing stretches are events of their own."""
        ratios = self._ratios(series, forecast)
        lead = scores.lead_of(forecast)
        expected = scores.expected(forecast, pd.DatetimeIndex(series.index), lead)
        found = [
            _told(one, series, expected)
            for one in events.join(ratios, threshold.rest_steps(forecast.step), lead)
        ]
        gaps = events.missing(series[list(forecast.features)], forecast.step)
        told = kinds.told(found, series[list(forecast.features)], forecast.step)
        return sorted(told + gaps, key=lambda one: (one.start, one.end))

    def alike(self, name: str, others: Mapping[str, float]) -> Detector:
        """The same for one feature more, that was not there when it learnt.

        others:  fitted features that it is like, and how many times as large as each it moves
        """
        scale, limits = self._fitted()
        known = [other for other in others if other in scale.index]
        if name in scale.index or not known:
            return self
        wider = Detector(self.alarms_per_week)
        usual = float(np.median([scale[other] * others[other] for other in known]))
        wider._scale = pd.concat([scale, pd.Series({name: usual})])
        by_kind = limits.unstack()
        same = {(name, kind): float(by_kind.loc[known, kind].median()) for kind in scores.KINDS}
        wider._thresholds = pd.concat([limits, pd.Series(same)])
        return wider

    def state(self) -> dict[str, Any]:
        """All that was learnt, as JSON."""
        scale, _ = self._fitted()
        return {
            "format": FORMAT,
            "alarms_per_week": self.alarms_per_week,
            "scale": {str(name): float(value) for name, value in scale.items()},
            "thresholds": self.thresholds,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Detector:
        """The detector that `state` describes; raise ModelError where it describes none."""
        try:
            detector = cls(float(state["alarms_per_week"]))
            scale = {str(k): _positive(v) for k, v in state["scale"].items()}
            limits = {
                (name, kind): _positive(state["thresholds"][name][kind])
                for name in scale
                for kind in scores.KINDS
            }
        except (KeyError, TypeError, ValueError, AttributeError, UsageError) as error:
            raise ModelError(
                f"the detector's state cannot be used: {error!r}",
                where="detector",
                fix="Train the model again",
            ) from None
        detector._scale, detector._thresholds = pd.Series(scale), pd.Series(limits)
        return detector

    def _fitted(self) -> tuple[pd.Series, pd.Series]:
        if self._scale is None or self._thresholds is None:
            raise UsageError(
                "is not fitted", where="detector", fix="Call fit(calm, forecast) first"
            )
        return self._scale, self._thresholds

    def _ratios(self, series: pd.DataFrame, forecast: Forecast) -> pd.DataFrame:
        """Signed scores divided by their thresholds, NaN where nothing can be scored."""
        scale, limits = self._fitted()
        strange = [name for name in forecast.features if name not in scale.index]
        if strange:
            raise SeriesError(
                "is a feature the detector was not fitted on",
                where=strange[0],
                fix=f"It knows {', '.join(map(str, scale.index))}",
            )
        signed = scores.signed(series, forecast, scale[list(forecast.features)])
        return signed / limits[signed.columns]


def _told(one: events.Event, series: pd.DataFrame, expected: pd.DataFrame) -> events.Event:
    """The event with what was seen and expected at its peak."""
    name, at = one.features[0], int(series.index.get_indexer(pd.Index([one.peak]))[0])
    actual, forecast = (float(frame[name].to_numpy(float)[at]) for frame in (series, expected))
    return dataclasses.replace(one, actual=actual, forecast=forecast)


def _positive(value: Any) -> float:
    number = float(value)
    if not (math.isfinite(number) and number > 0):
        raise ValueError(f"{value!r} is not a number above 0")
    return number
