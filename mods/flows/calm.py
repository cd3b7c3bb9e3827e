"""Calm: which part of a range a detector learns its thresholds from, in training and calibration.

Left out are events marked true or expected, expected periods, and events of high or critical
severity of which nobody said anything; those count as true until somebody says otherwise. Events
marked false, and lesser ones that nobody marked, count as calm.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pandas as pd

from mods.anomaly.detector import Detector
from mods.anomaly.events import MISSING, Event
from mods.anomaly.marks import Mark
from mods.errors import SeriesError
from mods.flows.detect import unexpected
from mods.flows.model import Model
from mods.flows.silence import Feedback, blanked, quieted
from mods.request.events import EXPECTED, TRUE
from mods.series.forecast import Forecast

log = logging.getLogger(__name__)
GRAVE = ("high", "critical")


@dataclass(frozen=True, eq=False)
class Lessons:
    """What there is to learn from: the calm range, what lies before, and their forecasts.

    series:  all of it, with what is only an input
    watched:  the features from where a detector has to begin to be warm, to the end of the range
    earlier:  a longer series before the range, for rhythms and tails, and its forecasts
    """

    series: pd.DataFrame
    calm: pd.DataFrame
    forecast: Forecast
    watched: pd.DataFrame
    earlier: tuple[pd.DataFrame, Forecast] | None = None


def learn(
    model: Model, fresh: Callable[[], Detector], lessons: Lessons, said: Feedback
) -> tuple[Detector, list[Event], list[Event]]:
    """A fresh detector fitted on what is calm, the events of the range that nobody marked, and
    those of them that were left out.

    They are found by the detector of the model; of one that has none yet by one that has learnt
    from all that nobody spoke against. Raises SeriesError where too few steps remain.
    """
    first = None
    if model.detector is None:
        first = learnt(model, fresh(), lessons, said)
        model = dataclasses.replace(model, detector=first)
    found = found_by(model, lessons, said)
    unmarked = [one for one in found if not one.mark and one.direction != MISSING]
    severe = [*filter(grave, unmarked)]
    true = [one for one in found if one.mark == TRUE] + severe
    if first is not None and not true:
        return first, unmarked, []
    try:
        return learnt(model, fresh(), lessons, with_true(said, true)), unmarked, severe
    except SeriesError:
        if not true:
            raise
    told = ", ".join(one.id for one in true)
    log.warning("severe events take up the calm range, so that it is learnt from all: %s", told)
    return first or learnt(model, fresh(), lessons, said), unmarked, []


def with_true(said: Feedback, events: Iterable[Event]) -> Feedback:
    """What was said, and these events as if they were marked true."""
    more = [Mark(one.id, TRUE, one.start, one.end, one.features) for one in events]
    return dataclasses.replace(said, marks=(*said.marks, *more))


def found_by(model: Model, lessons: Lessons, said: Feedback) -> list[Event]:
    """The events of the calm range that the model's detector alarms of, with their marks."""
    begin = pd.Timestamp(lessons.calm.index[0])
    watching = model.watching(lessons.series, begin)
    return unexpected(model, watching, (lessons.watched, lessons.forecast, begin), said)


def learnt(model: Model, fresh: Detector, lessons: Lessons, said: Feedback) -> Detector:
    """The fresh detector, fitted on the calm range without what was expected or a true anomaly.

    The same is left out of the earlier series that rhythm and tails are learnt from.

    Marked events become gaps, which teach nothing for hours around them. Of periods only the
    forecasts are left out: one that comes every day would leave no calm step otherwise.
    """

    def quiet(part: pd.DataFrame, forecast: Forecast) -> tuple[pd.DataFrame, Forecast]:
        index, window = pd.DatetimeIndex(part.index), model.forecaster.window
        marked = Feedback(said.marks).mask(index, forecast, window, (EXPECTED, TRUE))
        every = said.mask(index, forecast, window, (EXPECTED, TRUE))
        return blanked(part, marked), quieted(forecast, every)

    before = None if lessons.earlier is None else quiet(*lessons.earlier)
    return fresh.fit(*quiet(lessons.calm, lessons.forecast), before)


def grave(event: Event) -> bool:
    """Whether an event of which nobody said anything is left out of the calm range."""
    return event.severity in GRAVE


def named(events: Iterable[Event], most: int) -> str:
    """The most severe events by id, kind and severity."""
    ranked = sorted(events, key=lambda one: -one.severity_score)
    told = [f"{one.id} ({one.kind}, {one.severity})" for one in ranked[:most]]
    more = len(ranked) - len(told)
    return ", ".join([*told, *([f"{more} more"] if more else [])])
