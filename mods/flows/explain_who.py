"""Who is behind an event: the questions to the raw logs, and what to compare their hours with."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from mods.anomaly.events import MISSING, TOO_MUCH, Event
from mods.anomaly.explanation import Difference, Measure, Reason, words
from mods.features.behind import Asked
from mods.flows import columns, pane_witness, witness
from mods.flows.columns import Origin
from mods.flows.explained import Explanation
from mods.flows.witness import Heard, Question, Told
from mods.request import ExplainRequest, Source

DAY = LONGEST = pd.Timedelta("1D")
GIVE_LOGS = "Who is behind it, the raw logs tell: give their folder, --logs FOLDER."
PANES = "Without logs, the panes of the datapool tell when it came, or which names. "
UNKNOWN = "{} is no feature of the catalogue: logs cannot be asked about it."
NO_LOG = (
    "There is no {} log of these hours: the sensor or the transfer of its logs was silent, or they"
    " are elsewhere."
)
OTHER = (
    "These logs give {} of {}, the data {}: are these not the logs that the data were made of, or"
    " not all of them?"
)
SAME = ("count", "true", "false", "distinct", "sum")
ALIKE = 0.1
Bounds = tuple[pd.Timestamp, pd.Timestamp]


def with_who(found: Explanation, request: ExplainRequest, source: Source) -> Explanation:
    """The explanation with what the logs tell; without logs what panes do, and what is missing."""
    origin = columns.origin(source, found.detection.config)
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
    days = _comparable(found, request.earlier_days, (begin, end))
    spans = [
        ((begin - k * DAY).timestamp(), (end - k * DAY).timestamp())
        for k in range(request.earlier_days + 1)
    ]
    told, notes = _told(request, origin, (found, questions), spans, days)
    if request.logs is not None:
        notes += [UNKNOWN.format(words.shown(name)) for name, what in asked.items() if what is None]
    differences = [
        _difference(name, question, told.heard[name], hours[name])
        for name, question in questions.items()
        if name in told.heard
    ]
    notes += (
        disagreeing(found, told, {name: asked[name] for name in questions}) if request.logs else []
    )
    notes = [*dict.fromkeys([*found.notes, *notes])]
    return dataclasses.replace(found, differences=differences, told=told, notes=notes)


def _told(
    request: ExplainRequest,
    origin: Origin,
    what: tuple[Explanation, dict[str, Question]],
    spans: list[tuple[float, float]],
    days: list[int],
) -> tuple[Told, list[str]]:
    """What logs, or without them panes, tell; and what is to be said of that."""
    found, questions = what
    if request.logs is None:
        window = found.detection.window
        pool = origin.pool if questions else None
        heard = {} if pool is None else pane_witness.hear(pool, window, questions, spans, days)
        return Told(heard), [f"{PANES if heard else ''}{GIVE_LOGS}"]
    if not questions:
        return Told({}), []
    networks = origin.local, origin.by
    told = witness.hear(Path(request.logs), questions, spans, days, networks, request.memory)
    silent = [one.protocol for name, one in questions.items() if name not in told.heard]
    return told, [*(NO_LOG.format(protocol) for protocol in silent), *_lost(told)]


def _hours(found: Explanation, one: Reason) -> Bounds:
    """The records that the value was computed from.

    Of a slow departure, or where there is no value, all hours of the event, a day at most.
    """
    length = pd.Timedelta(seconds=found.detection.window.length)
    if one.beyond and found.event.direction != MISSING:
        return one.time - length, one.time
    begin = found.event.start - length
    return begin, min(found.event.end, begin + LONGEST)


def _seconds(hours: Bounds, begin: pd.Timestamp) -> tuple[float, float]:
    """From when to when after `begin`."""
    first, last = ((one - begin).total_seconds() for one in hours)
    return first, last


def _difference(name: str, question: Question, heard: Heard, hours: Bounds) -> Difference:
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


def _comparable(found: Explanation, most: int, hours: Bounds) -> list[int]:
    """Which earlier days are whole in these hours, without those that were events themselves.

    Where all were, those that are whole.
    """
    length = pd.Timedelta(seconds=found.detection.window.length)
    names = list(found.event.features)
    whole, calm = [], []
    for day in range(1, most + 1):
        first, last = (one - day * DAY for one in hours)
        seen = found.series.loc[first + length : last, names]
        if seen.empty or bool(seen.isna().any().any()):
            continue
        whole.append(day)
        events = found.detection.events
        if not any(one.start - length < last and one.end > first for one in events):
            calm.append(day)
    return calm or whole


def disagreeing(found: Explanation, told: Told, asked: Mapping[str, Asked | None]) -> list[str]:
    """Features that these logs give another value of than the data have: other logs, or not all."""
    length = pd.Timedelta(seconds=found.detection.window.length)
    notes = []
    for one in found.reasons:
        what, heard = asked.get(one.feature), told.heard.get(one.feature)
        first, last = _hours(found, one)
        whole = last - first == length and np.isfinite(one.actual)
        if not (whole and heard and what and what.feature.aggregate in SAME):
            continue
        now = heard.ranked[0].now if heard.ranked else 0.0
        if abs(now - one.actual) > max(1.0, ALIKE * max(now, one.actual)):
            notes.append(OTHER.format(words.amount(now), one.feature, words.amount(one.actual)))
    return notes


def _lost(told: Told) -> list[str]:
    """What became of lines and files that could not be read."""
    notes = [
        f"{count:,} {'line' if count == 1 else 'lines'} of these files were no records: {reason}."
        for reason, count in told.rejected.items()
    ]
    return notes + [f"Left out: {words.shown(one)}." for one in told.skipped]
