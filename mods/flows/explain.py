"""Explain: one event of a model, what was expected and why, and who is behind it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from mods.anomaly import residuals
from mods.anomaly.events import Event
from mods.anomaly.explanation import Reason, reasons
from mods.flows import explain_event, explain_who
from mods.flows import source as sources
from mods.flows.detect import Detection, detect
from mods.flows.explained import MOST_FEATURES, Explanation
from mods.request import ExplainRequest, Source
from mods.request.explain import stretch


def explain(request: ExplainRequest, source: Source) -> Explanation:
    """Explain one event of a model, or what happened at a time.

    Raises UsageError where there is no such event, ModelError, SeriesError, InputError or
    LogError for a model, data or logs that cannot be read.
    """
    detection = detect(explain_event.asked(request), source, request.expected)
    event, number = explain_event.chosen(detection, request)
    found = of_event(detection, event, request, source, number=number)
    asked = None if request.time is None else stretch(request.time)
    return dataclasses.replace(found, asked=asked)


def of_event(
    detection: Detection,
    event: Event,
    request: ExplainRequest,
    source: Source,
    *,
    number: int = 0,
) -> Explanation:
    """The same for one event of a detection at hand."""
    config = detection.model.asked(request.entities)
    step = detection.model.forecaster.step
    series = sources.series(source, config, excluded=request.time_ranges_excluded, step=step)
    series = detection.model.informed(series, source, config, pd.DatetimeIndex([event.start]))
    told = detection.model.forecaster.features_of(series)
    why = _reasons(detection, series, told, event)
    found = Explanation(event, number, detection, told, detection.seen, why)
    return explain_who.with_who(found, request, source)


def _reasons(
    detection: Detection,
    series: pd.DataFrame,
    told: pd.DataFrame,
    event: Event,
) -> list[Reason]:
    """One per feature that departed, where its score was highest in its first steps."""
    forecast = detection.forecast
    lead = residuals.lead_of(forecast)
    found = []
    for name in event.features[:MOST_FEATURES]:
        seen = detection.seen.xs(name, level="feature")["score"].astype(float).fillna(0.0)
        time = event.peak
        if name != event.features[0]:
            time = _highest(seen.loc[event.start : event.end], lead) or time
        score = float(seen.get(time, 0.0))
        one = reasons.reason(told, forecast, name, time, lead=lead, score=score)
        found.append(_taken_apart(one, detection, series, lead))
    return found


def _highest(scores: pd.Series, lead: int) -> pd.Timestamp | None:
    """Where the score is highest in the first steps that alarm; before, forecasts had not seen it.

    A feature may join an event late, or never reach its threshold.
    """
    if scores.empty:
        return None
    sizes = scores.to_numpy(float)
    first = int(np.argmax(sizes >= 1))
    return pd.DatetimeIndex(scores.index)[first + int(sizes[first : first + lead].argmax())]


def _taken_apart(one: Reason, detection: Detection, series: pd.DataFrame, lead: int) -> Reason:
    """The reason with what the forecast is made of, where there was one."""
    known = np.isfinite(one.forecast) and one.origin in series.index
    if not known:
        return one
    parts = detection.model.forecaster.contributions(series, one.origin, lead).get(one.feature)
    if parts is None:
        return one
    return dataclasses.replace(one, base=parts.base, parts=parts.parts)
