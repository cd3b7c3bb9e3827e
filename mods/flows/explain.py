"""Explain: one event of a model, what was expected and why, and who is behind it."""

from __future__ import annotations

import dataclasses
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mods.anomaly import scores
from mods.anomaly.events import MISSING, TOO_LITTLE, TOO_MUCH, Event
from mods.anomaly.explanation import Difference, Measure, Reason, reasons, words
from mods.errors import UsageError
from mods.flows import columns, witness
from mods.flows import source as sources
from mods.flows.columns import Origin
from mods.flows.detect import Detection, detect
from mods.flows.witness import Heard, Question, Told
from mods.request import ExplainRequest, PredictRequest, Source
from mods.request.explain import moment
from mods.series.forecast import Forecast

log = logging.getLogger(__name__)
AROUND = pd.Timedelta("2D")
LONGEST = pd.Timedelta("1D")
DAY = pd.Timedelta("1D")
MOST_FEATURES = 6
GIVE_LOGS = "Who is behind it the raw logs tell: give their folder, --logs FOLDER."
UNKNOWN = "{} is no feature of the catalogue: logs cannot be asked about it."
NO_LOG = (
    "There is no {} log of these hours: the sensor or the transfer of its logs was silent, or they"
    " are elsewhere."
)
Hours = tuple[pd.Timestamp, pd.Timestamp]


@dataclass(frozen=True, eq=False)
class Explanation:
    """What is known of one event.

    number:  which of the events it is, the first is 1; 0 where no alarm was raised
    series:  the features; table:  by (time, feature) what the detector saw, as `Detector.explain` tells it
    """

    event: Event
    number: int
    detection: Detection
    series: pd.DataFrame
    table: pd.DataFrame
    reasons: list[Reason]
    differences: list[Difference] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    told: Told | None = None

    def title(self) -> str:
        """The event in a line."""
        event = self.event
        names = words.joined([words.shown(name) for name in event.features[:MOST_FEATURES]])
        alarm = "" if self.number else " (no alarm was raised)"
        return f"{event.direction} {names}, {words.until(event.start, event.end)} UTC{alarm}"

    def sentence(self) -> str:
        """The one that says most: who is behind it where that is known, else what was seen."""
        named = [one for each in self.differences for one in each.sentences()[1:]]
        expected = [one for each in self.reasons for one in each.sentences()]
        return next(iter([*named, *expected, *self.notes]), "")

    def record(self) -> dict[str, Any]:
        """The explanation as a program reads it; texts of logs as they are."""
        told = self.told
        return {
            "event": self.event.record(),
            "number": self.number,
            "of": len(self.detection.events),
            "sentence": self.sentence(),
            "reasons": [one.record() for one in self.reasons],
            "who": [one.record() for one in self.differences],
            "files": 0 if told is None else told.files,
            "rejected": {} if told is None else dict(told.rejected),
            "notes": self.notes,
        }


def explain(request: ExplainRequest, source: Source) -> Explanation:
    """Explain one event of a model, or what happened at a time.

    Raises UsageError where there is no such event, ModelError, SeriesError, InputError or
    LogError for a model, data or logs that cannot be read.
    """
    detection = detect(_asked(request), source)
    event, number = _chosen(detection, request)
    return of_event(detection, event, request, source, number=number)


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
    table = _seen(detection, series)
    told = detection.model.forecaster.features_of(series)
    why = _reasons(detection, series, told, table, event)
    found = Explanation(event, number, detection, told, table, why)
    return _with_who(found, request, source)


def _asked(request: ExplainRequest) -> PredictRequest:
    """What to detect: the range, or the days around the time."""
    wanted = request.time_range
    if wanted is None and request.time is not None:
        about = moment(request.time)
        begin, end = (pd.Timestamp(one) for one in (about.begin, about.end))
        wanted = f"<{(begin - AROUND).isoformat()},{(end + AROUND).isoformat()}>"
    return PredictRequest(
        model_name=request.model_name,
        time_range=wanted,
        time_ranges_excluded=request.time_ranges_excluded,
        entities=request.entities,
    )


def _chosen(detection: Detection, request: ExplainRequest) -> tuple[Event, int]:
    """The event that is asked for, and its number."""
    events = detection.events
    if request.time is not None:
        return _at(detection, request.time)
    if request.event is not None:
        ids = [str(getattr(one, "id", "")) for one in events]
        given = request.event.strip()
        number = ids.index(given) + 1 if given in ids and given else _number(given)
        if not 1 <= number <= len(events):
            raise UsageError(
                f"{given!r} is none of the {len(events)} events",
                where="event",
                fix=f"Give 1 to {len(events)}, or --time" if events else "Give --time",
            )
        return events[number - 1], number
    if not events:
        raise UsageError(
            "there is no event in this range",
            where="time_range",
            fix="Give another --time_range, or ask about a moment with --time",
        )
    best = max(range(len(events)), key=lambda place: events[place].score)
    return events[best], best + 1


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _at(detection: Detection, time: str) -> tuple[Event, int]:
    """The highest event at a time, or what was nearest to being one."""
    asked = moment(time)
    begin, end = pd.Timestamp(asked.begin), pd.Timestamp(asked.end)
    length = pd.Timedelta(seconds=detection.model.forecaster.window.length)
    there = [
        (one.score, -number)
        for number, one in enumerate(detection.events, start=1)
        if one.start - length <= end and one.end >= begin
    ]
    if there:
        number = -max(there)[1]
        return detection.events[number - 1], number
    times = detection.found.index
    last = max(end, begin + length)
    near = detection.found.loc[(times >= begin) & (times <= last)]
    if near.empty:
        raise UsageError(f"{time!r} is not in the data", where="time", fix="Give a time that is")
    return _calm(detection, pd.Timestamp(near["anomaly_score"].idxmax())), 0


def _calm(detection: Detection, time: pd.Timestamp) -> Event:
    """The step as an event, though it raised no alarm."""
    values = detection.series.loc[time]
    row = detection.found.loc[time]
    if values.isna().all():
        names = tuple(map(str, values.index))
        return Event(time, time, time, 0.0, names, MISSING, MISSING)
    lead = scores.lead_of(detection.forecast)
    hoped = scores.expected(detection.forecast, pd.DatetimeIndex([time]), lead).iloc[0]
    name = str(row["feature"]) or str(values.dropna().index[0])
    way = TOO_LITTLE if values[name] < hoped[name] else TOO_MUCH
    score = float(row["anomaly_score"])
    return Event(time, time, time, score, (name,), way, "calm")


def _seen(detection: Detection, series: pd.DataFrame) -> pd.DataFrame:
    """By (time, feature) what the detector saw: scores in thresholds, warmed up as it was."""
    times = detection.series.index
    told = detection.model.forecaster.features_of(series)
    watched = told.loc[max(detection.forecast.origins[0], told.index[0]) : times[-1]]
    detector = detection.model.watching(series, times[0])
    table = detector.explain(watched, detection.forecast)
    return table[table.index.get_level_values("time") >= times[0]]


def _reasons(
    detection: Detection,
    series: pd.DataFrame,
    told: pd.DataFrame,
    table: pd.DataFrame,
    event: Event,
) -> list[Reason]:
    """One per feature that departed, where its score was highest in the first steps."""
    forecast = detection.forecast
    lead = scores.lead_of(forecast)
    found = []
    for name in event.features[:MOST_FEATURES]:
        seen = table.xs(name, level="feature")["score"].astype(float)
        first = seen.loc[event.start : event.start + (lead - 1) * forecast.step]
        time = event.peak if name == event.features[0] or first.empty else first.idxmax()
        score = float(np.nan_to_num(seen.get(time, 0.0)))
        one = reasons.reason(told, forecast, name, pd.Timestamp(time), lead=lead, score=score)
        found.append(_taken_apart(one, detection, series, lead))
    return found


def _taken_apart(
    one: Reason, detection: Detection, series: pd.DataFrame, lead: int
) -> Reason:
    """The reason with what the forecast is made of, where there was one."""
    known = np.isfinite(one.forecast) and one.origin in series.index
    if not known:
        return one
    parts = detection.model.forecaster.contributions(series, one.origin, lead).get(one.feature)
    if parts is None:
        return one
    return dataclasses.replace(one, base=parts.base, parts=parts.parts)


def _with_who(found: Explanation, request: ExplainRequest, source: Source) -> Explanation:
    """The explanation with what the logs tell; without logs what is missing to know it."""
    if request.logs is None:
        return dataclasses.replace(found, notes=[*found.notes, GIVE_LOGS])
    origin = columns.origin(source, found.detection.model.config)
    hours = {one.feature: _hours(found, one) for one in found.reasons}
    asked = {name: origin.asked(name) for name in hours}
    begin = min(first for first, _ in hours.values())
    end = max(last for _, last in hours.values())
    questions = {
        one.feature: Question(
            dataclasses.replace(what, within=_seconds(hours[one.feature], begin)),
            _sign(one, found.event),
        )
        for one in found.reasons
        for what in [asked[one.feature]]
        if what is not None
    }
    notes = [UNKNOWN.format(words.shown(name)) for name, what in asked.items() if what is None]
    if questions:
        days = [k for k in range(1, request.earlier_days + 1) if _comparable(found, k, begin, end)]
        spans = [
            ((begin - k * DAY).timestamp(), (end - k * DAY).timestamp())
            for k in range(request.earlier_days + 1)
        ]
        networks = origin.local, origin.by
        told = witness.hear(Path(request.logs), questions, spans, days, networks, request.memory)
        differences = [
            _difference(name, question, told.heard[name], hours[name])
            for name, question in questions.items()
            if name in told.heard
        ]
        notes += [NO_LOG.format(one.protocol) for n, one in questions.items() if n not in told.heard]
        found = dataclasses.replace(found, differences=differences, told=told)
        notes += _lost(told)
    return dataclasses.replace(found, notes=[*dict.fromkeys([*found.notes, *notes])])


def _hours(found: Explanation, one: Reason) -> Hours:
    """The records that the value was computed from; of a slow departure, or where there is no
    value, all hours of the event, a day at most."""
    length = pd.Timedelta(seconds=found.detection.model.forecaster.window.length)
    if one.beyond and found.event.direction != MISSING:
        return one.time - length, one.time
    begin = found.event.start - length
    return begin, min(found.event.end, begin + LONGEST)


def _seconds(hours: Hours, begin: pd.Timestamp) -> tuple[float, float]:
    """From when to when after `begin`."""
    first, last = ((one - begin).total_seconds() for one in hours)
    return first, last


def _difference(name: str, question: Question, heard: Heard, hours: Hours) -> Difference:
    return Difference(
        name,
        Measure.of(question.asked.feature),
        question.sign,
        *hours,
        ranked=heard.ranked,
        days=len(heard.days),
        records=heard.records,
        meanwhile=heard.meanwhile,
    )


def _sign(one: Reason, event: Event) -> int:
    """1 where there was too much of a feature, -1 for too little or nothing."""
    if event.direction == MISSING or not np.isfinite(one.actual):
        return -1
    if one.feature == event.features[0]:
        return 1 if event.direction == TOO_MUCH else -1
    return 1 if not one.actual < one.forecast else -1


def _comparable(found: Explanation, day: int, begin: pd.Timestamp, end: pd.Timestamp) -> bool:
    """Whether the same hours of an earlier day are whole and were no event themselves."""
    first, last = begin - day * DAY, end - day * DAY
    length = pd.Timedelta(seconds=found.detection.model.forecaster.window.length)
    window = found.series.loc[first + length : last, list(found.event.features)]
    whole = not window.empty and bool(window.notna().all().all())
    events = found.detection.events
    return whole and not any(one.start - length < last and one.end > first for one in events)


def _lost(told: Told) -> list[str]:
    """What became of lines and files that could not be read."""
    notes = [
        f"{count:,} {'line' if count == 1 else 'lines'} of these files were no records: {reason}."
        for reason, count in told.rejected.items()
    ]
    return notes + [f"Left out: {words.shown(one)}." for one in told.skipped]


__all__ = ["Explanation", "explain", "of_event"]


def band(
    forecast: Forecast, name: str, times: pd.DatetimeIndex, level: int
) -> tuple[pd.Series, pd.Series]:
    """The interval that was forecast for these times, as far ahead as it is judged."""
    lead = scores.lead_of(forecast)
    targets = forecast.origins + lead * forecast.step
    at = forecast.features.index(name)
    edges = (forecast.lower[level], forecast.upper[level])
    lower, upper = (pd.Series(one[:, lead - 1, at], targets).reindex(times) for one in edges)
    return lower, upper
