"""Explain: one event of a model, what was expected and why, and who is behind it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from mods.anomaly import residuals
from mods.anomaly.events import Event
from mods.anomaly.explanation import Reason
from mods.errors import SeriesError
from mods.flows import explain_event, explain_who, explain_why
from mods.flows import source as sources
from mods.flows.detect import Detection, detect
from mods.flows.explained import Explanation
from mods.request import ExplainRequest, Source
from mods.request.explain import stretch


def explain(request: ExplainRequest, source: Source) -> Explanation:
    """Explain one event of a model, or what happened at a time.

    Raises UsageError where there is no such event, ModelError, SeriesError, InputError or
    LogError for a model, data or logs that cannot be read.
    """
    detection = _detected(request, source)
    event, number = explain_event.chosen(detection, request)
    found = of_event(detection, event, request, source, number=number)
    asked = None if request.time is None else stretch(request.time)
    return dataclasses.replace(found, asked=asked)


def _detected(request: ExplainRequest, source: Source) -> Detection:
    """The events to choose from; an error names the time that was asked for, not the days made."""
    wanted = explain_event.asked(request)
    try:
        return detect(wanted, source, request.expected)
    except SeriesError as error:
        if request.time is None or request.time_range is not None:
            raise
        told = error.message.replace(str(wanted.time_range), f"the days around {request.time}")
        raise SeriesError(told, where=error.where, fix=error.fix) from None


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
    lead = residuals.lead_of(detection.forecast)
    why = [
        _taken_apart(one, detection, series, lead)
        for one in explain_why.reasons(detection, told, event)
    ]
    found = Explanation(event, number, detection, told, detection.seen, why)
    return explain_who.with_who(found, request, source)


def _taken_apart(one: Reason, detection: Detection, series: pd.DataFrame, lead: int) -> Reason:
    """The reason with what the forecast is made of, where there was one."""
    known = np.isfinite(one.forecast) and one.origin in series.index
    if not known:
        return one
    parts = detection.model.forecaster.contributions(series, one.origin, lead).get(one.feature)
    if parts is None:
        return one
    return dataclasses.replace(one, base=parts.base, parts=parts.parts)
