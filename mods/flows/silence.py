"""Silence: the steps at which departures are expected, by announcement or by an analyst's mark.

There value and forecast are taken away from the detector: nothing is scored, nothing adds up, and
no alarm rests on what happened then. What is shown keeps its scores.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from mods.anomaly.events import MISSING, Event
from mods.anomaly.expected import Period
from mods.anomaly.marks import Mark
from mods.anomaly.threshold import REST
from mods.models import feedback
from mods.request.events import EXPECTED
from mods.series.forecast import Forecast
from mods.window import Window


@dataclass(frozen=True)
class Feedback:
    """What was said about a model: marks on events, and periods that are expected."""

    marks: tuple[Mark, ...] = ()
    periods: tuple[Period, ...] = ()

    @classmethod
    def of(cls, model: Path, more: Iterable[str] = ()) -> Feedback:
        """What lies beside this model file, and periods given with a request."""
        kept = feedback.read(model)
        marks = tuple(Mark.of(one) for one in kept["marks"])
        listed = (Period.of(one, feedback.place(model)) for one in kept["expected"])
        return cls(marks, (*listed, *map(Period.parse, more)))

    def mask(
        self,
        index: pd.DatetimeIndex,
        forecast: Forecast,
        window: Window,
        verdicts: Collection[str] = (EXPECTED,),
    ) -> pd.DataFrame:
        """True where a step (row) of a feature (column) is expected to depart.

        A window is expected to as soon as it touches a moment of a period; so is what forecasts
        say that have seen it: as many steps more as the forecast looks ahead.

        verdicts:  of the marks whose events count, too
        """
        names = [str(name) for name in forecast.features]
        echo = min(len(forecast.leads) * forecast.step, REST)
        mask = announced(self.periods, index, names, pd.Timedelta(seconds=window.length) + echo)
        for mark in (one for one in self.marks if one.verdict in verdicts):
            held = (index >= mark.start) & (index <= mark.end + echo)
            mask |= np.outer(held, [name in mark.features for name in names])
        return pd.DataFrame(mask, index, names)


def announced(
    periods: Iterable[Period], times: pd.DatetimeIndex, names: Sequence[str], late: pd.Timedelta
) -> np.ndarray:
    """Boolean (times, features): what lies in a period, or less than `late` behind it."""
    mask = np.zeros((len(times), len(names)), bool)
    for period in periods if len(times) else ():
        wanted = [not period.features or name in period.features for name in names]
        for begin, end in period.spans(times.min() - late, times.max()):
            held = (times >= pd.Timestamp(begin)) & (times < pd.Timestamp(end) + late)
            mask |= np.outer(held, wanted)
    return mask


def quieted(forecast: Forecast, mask: pd.DataFrame) -> Forecast:
    """The forecast without what it says of the steps and features of the mask."""
    if not mask.to_numpy().any():
        return forecast
    values = forecast.values.copy()
    table = mask[[str(name) for name in forecast.features]].to_numpy()
    for lead in forecast.leads:
        place = mask.index.get_indexer(forecast.origins + lead * forecast.step)
        hit = np.where((place >= 0)[:, None], table[place], False)
        values[:, lead - 1, :][hit] = np.nan
    return dataclasses.replace(forecast, values=values)


def blanked(series: pd.DataFrame, mask: pd.DataFrame) -> pd.DataFrame:
    """The series without its values of the steps and features of the mask."""
    blank = series.copy()
    for name in mask:
        if name in blank:
            blank[name] = blank[name].where(~mask[name].reindex(blank.index, fill_value=False))
    return blank


def echoing(mask: pd.DataFrame, events: list[Event]) -> pd.DataFrame:
    """The mask with the echo of what peaks in it: the rest of such an event, 6 hours at most.

    Forecasts that have seen what was expected may miss for hours after it.
    """
    wider = mask.copy()
    for event in (one for one in events if _begins(one, mask)):
        for name in event.features:
            held = mask[name].loc[event.start : event.end]
            if held.any():
                until = min(event.end, held.index[held][-1] + REST)
                wider.loc[event.start : until, name] = True
    return wider


def _begins(event: Event, mask: pd.DataFrame) -> bool:
    lead = event.features[0]
    return lead in mask and event.peak in mask.index and bool(mask.at[event.peak, lead])


def parted(
    events: list[Event], loud: list[Event], mask: pd.DataFrame
) -> tuple[list[Event], list[Event]]:
    """The events that stay, and those that are silenced.

    events, loud:  what was found with and without what is expected; gaps are those of `events`
    """
    gaps = [one for one in events if one.direction == MISSING and not _covered(one, mask)]
    kept = [*(one for one in loud if one.direction != MISSING), *gaps]
    kept.sort(key=lambda one: (one.start, one.end))
    hushed = [one for one in events if not any(_same(one, other) for other in kept)]
    told = [dataclasses.replace(one, silenced=EXPECTED) for one in hushed if _touched(one, mask)]
    return kept, told


def _same(one: Event, other: Event) -> bool:
    overlaps = one.start <= other.end and other.start <= one.end
    overlaps = overlaps and (one.direction == MISSING) == (other.direction == MISSING)
    return overlaps and not set(one.features).isdisjoint(other.features)


def _touched(one: Event, mask: pd.DataFrame) -> bool:
    return bool(mask.loc[one.start : one.end, list(one.features)].to_numpy().any())


def _covered(one: Event, mask: pd.DataFrame) -> bool:
    inside = mask.loc[one.start : one.end].reindex(columns=list(one.features), fill_value=False)
    return bool(inside.to_numpy().all())


def judged(said: Sequence[Mark], series: pd.DataFrame) -> list[Mark]:
    """The marks on stretches that lie in the series, and hold a value or are of other features."""
    first, last = series.index[0], series.index[-1]
    inside = [one for one in said if first <= one.start and one.end <= last]
    names = set(map(str, series))
    return [
        one
        for one in inside
        if names.isdisjoint(one.features)
        or series.loc[one.start : one.end, [*names.intersection(one.features)]]
        .notna()
        .to_numpy()
        .any()
    ]
