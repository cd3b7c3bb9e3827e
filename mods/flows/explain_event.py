"""Which event is to be explained: by its number, its id, a time, or the highest."""

from __future__ import annotations

import pandas as pd

from mods.anomaly import residuals
from mods.anomaly.events import MISSING, TOO_LITTLE, TOO_MUCH, Event
from mods.anomaly.marks import meant
from mods.errors import UsageError
from mods.flows.explained import CALM, Grounds
from mods.request import ExplainRequest, PredictRequest
from mods.request.explain import stretch

AROUND = pd.Timedelta("2D")


def asked(request: ExplainRequest) -> PredictRequest:
    """What to detect: the range, or the days around the time."""
    wanted = request.time_range
    if wanted is None and request.time is not None:
        about = stretch(request.time)
        begin, end = (pd.Timestamp(one) for one in (about.begin, about.end))
        wanted = f"<{(begin - AROUND).isoformat()},{(end + AROUND).isoformat()}>"
    return PredictRequest(
        model_name=request.model_name,
        time_range=wanted,
        time_ranges_excluded=request.time_ranges_excluded,
        entities=request.entities,
    )


def chosen(detection: Grounds, request: ExplainRequest) -> tuple[Event, int]:
    """The event that is asked for, and its number: 0 where it raised no alarm."""
    events = detection.events
    if request.time is not None:
        return _at(detection, request.time)
    if request.event is not None:
        return _named(detection, request.event.strip())
    if not events:
        raise UsageError(
            "there is no event in this range",
            where="time_range",
            fix="Give another --time_range, or ask about a moment with --time",
        )
    best = max(range(len(events)), key=lambda place: events[place].score)
    return events[best], best + 1


def _named(detection: Grounds, name: str) -> tuple[Event, int]:
    """The event of that id, also one that is silenced, or of that number."""
    events = detection.events
    step = pd.Timedelta(seconds=detection.window.slide)
    number = _number(name)
    if not 1 <= number <= len(events):
        event = meant(name, detection.name, [*events, *detection.silenced], step)
        if event is not None:
            return event, events.index(event) + 1 if event in events else 0
        raise UsageError(
            f"{name!r} is none of the {len(events)} events",
            where="event",
            fix=f"Give 1 to {len(events)}, an id, or --time" if events else "Give an id, or --time",
        )
    return events[number - 1], number


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _at(detection: Grounds, time: str) -> tuple[Event, int]:
    """The event nearest to a moment, the highest of a stretch, or what was nearest to being one."""
    asked = stretch(time)
    begin, end = pd.Timestamp(asked.begin), pd.Timestamp(asked.end)
    length = pd.Timedelta(seconds=detection.window.length)
    there = [
        (_nearness(one, begin, end), one.score, -number)
        for number, one in enumerate(detection.events, start=1)
        if one.start - length <= end and one.end >= begin
    ]
    if there:
        number = -max(there)[-1]
        return detection.events[number - 1], number
    times = detection.found.index
    last = max(end, begin + length)
    near = detection.found.loc[(times >= begin) & (times <= last)]
    if near.empty:
        raise UsageError(f"{time!r} is not in the data", where="time", fix="Give a time that is")
    place = int(near["anomaly_score"].to_numpy().argmax())
    return _calm(detection, pd.DatetimeIndex(near.index)[place]), 0


def _nearness(event: Event, begin: pd.Timestamp, end: pd.Timestamp) -> tuple[bool, pd.Timedelta]:
    """How near an event is to a moment: one that holds it first, then by its start.

    A gap inside an event of many hours is nearer than that event. All of a stretch are alike.
    """
    if begin < end:
        return True, pd.Timedelta(0)
    return event.start <= begin, -abs(event.start - begin)


def _calm(detection: Grounds, time: pd.Timestamp) -> Event:
    """The step as an event, though it raised no alarm."""
    values = detection.series.loc[time]
    if values.isna().all():
        names = tuple(map(str, values.index))
        return Event(time, time, time, 0.0, names, MISSING, MISSING)
    lead = residuals.lead_of(detection.forecast)
    hoped = residuals.expected(detection.forecast, pd.DatetimeIndex([time]), lead).iloc[0]
    name = str(detection.found["feature"].loc[time]) or str(values.dropna().index[0])
    way = TOO_LITTLE if values[name] < hoped[name] else TOO_MUCH
    score = float(detection.found["anomaly_score"].loc[time])
    return Event(time, time, time, score, (name,), way, CALM)
