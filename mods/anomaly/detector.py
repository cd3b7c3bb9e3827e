"""Detector: learns on a calm range how far the forecast usually misses, and alarms beyond that."""

from __future__ import annotations

import dataclasses
import logging
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from mods.anomaly import calibration, events, kinds, residuals, rest, scores, threshold
from mods.anomaly.calibration import LEAST_STEPS, Learnt
from mods.anomaly.rhythm import DAY, DAYS, Rhythm
from mods.errors import ModelError, SeriesError, UsageError
from mods.series.forecast import Forecast

log = logging.getLogger(__name__)
FORMAT, EARLIER = 2, (1,)


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
        self._learnt: Learnt | None = None
        self._known: Rhythm | None = None
        self._unusable = ""

    def again(self, alarms_per_week: float) -> Detector:
        """One to fit anew; it keeps the rhythm of this one where it is given but few days."""
        fresh = Detector(alarms_per_week)
        fresh._known = self.rhythm
        return fresh

    @property
    def rhythm(self) -> Rhythm:
        """What is usual at each time of the day."""
        return self._fitted().drift.rhythm

    @property
    def usable(self) -> bool:
        """Whether it can be asked: one loaded of an earlier version cannot."""
        return not self._unusable

    @property
    def forecast_reach(self) -> int:
        """Steps before a step whose forecasts its score depends on."""
        return scores.REACH

    @property
    def reach(self) -> int:
        """Steps before a step that its score depends on; what lies further back changes nothing."""
        return scores.REACH + math.ceil((DAYS + 1) * DAY / self._fitted().step)

    def fit(
        self,
        calm: pd.DataFrame,
        forecast: Forecast,
        earlier: tuple[pd.DataFrame, Forecast] | None = None,
    ) -> Detector:
        """Learn usual sizes, rhythm and thresholds from a range without anomalies.

        The forecaster should never have seen it. Weeks make a rhythm, so that a short range gives
        a blunt detector: `earlier` is a longer series, up to that range or into it (mods train
        gives the training part), and its forecasts. It need not be calm throughout. Raises
        SeriesError where too few steps remain.
        """
        learnt = calibration.learn(calm, forecast, self.alarms_per_week, earlier, self._known)
        self._learnt = learnt
        log.info(
            "thresholds learnt on %.1f calm days, on which they bring %.2g alarms a week",
            learnt.calm_days,
            learnt.reached,
        )
        return self

    @property
    def thresholds(self) -> dict[str, dict[str, float]]:
        """Per feature and kind of score, in usual sizes."""
        return self._fitted().by_feature()

    @property
    def budget(self) -> dict[str, float]:
        """Alarms a week asked for, those really reached on the calm range, and its days."""
        learnt = self._fitted()
        return {
            "alarms_per_week": self.alarms_per_week,
            "calm_alarms_per_week": round(learnt.reached, 2),
            "calm_days": round(learnt.calm_days, 1),
        }

    def detect(self, series: pd.DataFrame, forecast: Forecast) -> pd.DataFrame:
        """One row per step of the series: anomaly_score, threshold, anomaly (0 or 1), feature.

        anomaly_score is the largest score/threshold over features and kinds (so threshold is 1),
        each in full where it is the highest of its last 12 hours (rest.py); finite, and 0 where
        nothing can be scored; feature is whose it is ('' where the score is 0). anomaly is 1 where
        an alarm is raised: a score reaches its threshold anew, and no alarm was raised in the 6
        hours before.
        """
        table = self.scored(series, forecast)
        table["anomaly"] = np.isin(np.arange(len(table)), _raised(table, forecast.step)).astype(int)
        return table[["anomaly_score", "threshold", "anomaly", "feature"]]

    def scored(self, series: pd.DataFrame, forecast: Forecast) -> pd.DataFrame:
        """As `detect`, but `fresh` instead of `anomaly`: whether a row may raise an alarm."""
        ratios = self._ratios(series, forecast).abs().fillna(0.0)
        memory = rest.steps(forecast.step)
        sizes = rest.held(ratios, memory)
        values = sizes.to_numpy()
        names = sizes.columns.get_level_values(0).to_numpy()[values.argmax(axis=1)]
        table = pd.DataFrame(index=series.index.rename("time"))
        table["anomaly_score"] = values.max(axis=1, initial=0.0)
        table["threshold"] = 1.0
        table["fresh"] = rest.alarming(ratios, memory)
        table["feature"] = np.where(table["anomaly_score"] > 0, names, "")
        return table

    def explain(self, series: pd.DataFrame, forecast: Forecast) -> pd.DataFrame:
        """Index (time, feature): actual, forecast, surprise, level, score and the kind that leads.

        surprise and level are signed (above 0: too much) and, like score, in thresholds.
        """
        ratios = self._ratios(series, forecast)
        lead = residuals.lead_of(forecast)
        expected = residuals.expected(forecast, pd.DatetimeIndex(series.index), lead)
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
        """What happened, in order of time; missing stretches are events of their own.

        Each brings an alarm: where a score only comes back to what it was, less than twelve hours
        after, that is no new event.
        """
        ratios = self._ratios(series, forecast)
        lead = residuals.lead_of(forecast)
        expected = residuals.expected(forecast, pd.DatetimeIndex(series.index), lead)
        raised = series.index[_raised(self.scored(series, forecast), forecast.step)]
        found = [
            _told(one, series, expected)
            for one in events.join(ratios, threshold.rest_steps(forecast.step), lead)
            if ((raised >= one.start) & (raised <= one.end)).any()
        ]
        gaps = events.missing(series[list(forecast.features)], forecast.step)
        told = kinds.told(found, series[list(forecast.features)], forecast.step)
        return sorted(told + gaps, key=lambda one: (one.start, one.end))

    def alike(self, name: str, others: Mapping[str, float]) -> Detector:
        """The same for one feature more, that was not there when it learnt.

        others:  fitted features that it is like, and how many times as large as each it moves
        """
        learnt = self._fitted()
        if name in learnt.scale.index or not any(other in learnt.scale.index for other in others):
            return self
        wider = Detector(self.alarms_per_week)
        wider._learnt = learnt.alike(name, others)
        return wider

    def state(self) -> dict[str, Any]:
        """All that was learnt, as JSON."""
        told = {"format": FORMAT, "alarms_per_week": self.alarms_per_week}
        return {**told, **self._fitted().state()}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Detector:
        """The detector that `state` describes; raise ModelError where it describes none.

        One of an earlier format is loaded, so that its model goes on forecasting; asked for
        anomalies it says what to do.
        """
        try:
            detector = cls(float(state["alarms_per_week"]))
            if state["format"] in EARLIER:
                detector._unusable = f"format {state['format']}, this version reads {FORMAT}"
            elif state["format"] == FORMAT:
                detector._learnt = Learnt.from_state(state)
            else:
                raise ValueError(f"format {state['format']!r}")
        except (KeyError, TypeError, ValueError, AttributeError, UsageError) as error:
            raise ModelError(
                f"the detector's state cannot be used: {error!r}",
                where="detector",
                fix="Train the model again",
            ) from None
        return detector

    def _fitted(self) -> Learnt:
        if self._unusable:
            raise ModelError(
                f"the detector is of an earlier version ({self._unusable})",
                where="detector",
                fix="Train the model again",
            )
        if self._learnt is None:
            raise UsageError(
                "is not fitted", where="detector", fix="Call fit(calm, forecast) first"
            )
        return self._learnt

    def _ratios(self, series: pd.DataFrame, forecast: Forecast) -> pd.DataFrame:
        """Signed scores divided by their thresholds, NaN where nothing can be scored."""
        learnt = self._fitted()
        strange = [name for name in forecast.features if name not in learnt.scale.index]
        if strange:
            raise SeriesError(
                "is a feature the detector was not fitted on",
                where=strange[0],
                fix=f"It knows {', '.join(map(str, learnt.scale.index))}",
            )
        signed = scores.signed(series, forecast, learnt.scale, learnt.drift)
        return signed / learnt.thresholds[signed.columns]


def _raised(table: pd.DataFrame, step: pd.Timedelta) -> np.ndarray:
    """Positions of the alarms: fresh rows, and then silence."""
    return threshold.alarms(table["fresh"].to_numpy(), True, threshold.rest_steps(step))


def _told(one: events.Event, series: pd.DataFrame, expected: pd.DataFrame) -> events.Event:
    """The event with what was seen and expected at its peak."""
    name, at = one.features[0], int(series.index.get_indexer(pd.Index([one.peak]))[0])
    actual, forecast = (float(frame[name].to_numpy(float)[at]) for frame in (series, expected))
    return dataclasses.replace(one, actual=actual, forecast=forecast)


__all__ = ["LEAST_STEPS", "Detector"]
