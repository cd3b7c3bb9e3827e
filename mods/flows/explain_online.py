"""Explain an event of online detection: what the rhythm led to expect, and who is behind it.

There is no model: the file or datapool is gone through again as `mods detect --online` does, and
what was expected of each row before it came is kept.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mods.anomaly.events import Event
from mods.anomaly.online import OnlineDetector
from mods.anomaly.online.trace import scores, trace
from mods.config import Config
from mods.flows import explain_event, explain_who, explain_why, online
from mods.flows.explained import Explanation
from mods.flows.online import ONLINE, OnlineDetection
from mods.request import ExplainRequest, OnlineRequest, Source
from mods.request.explain import stretch
from mods.series import contract
from mods.series.forecast import Forecast
from mods.timerange import TimeRange
from mods.window import Window


@dataclass(frozen=True, eq=False)
class OnlineGrounds:
    """What an explanation rests on (explained.Grounds), of a run without a model."""

    config: Config
    window: Window
    series: pd.DataFrame
    forecast: Forecast
    found: pd.DataFrame
    seen: pd.DataFrame
    events: list[Event]
    silenced: list[Event]
    name: str = ONLINE

    @classmethod
    def of(cls, done: OnlineDetection, request: OnlineRequest) -> OnlineGrounds:
        """Those of a run; of stamps that come again the last row counts."""
        values = done.values.rename(columns=str)
        detector = OnlineDetector(request.alarms_per_week, done.probation)
        once = ~values.index.duplicated(keep="last")
        series, found = (part[once].sort_index() for part in (values, done.scored))
        hoped = trace(detector, values)
        seen = scores(found, series, hoped)
        highest = seen.groupby(level="time")["score"].max().reindex(series.index)
        query, slide = request.data_select_query, request.window_slide
        return cls(
            Config(data_select_query=query, window_slide=slide),
            contract.window(series),
            series,
            hoped,
            found.assign(anomaly_score=np.asarray(highest)),
            seen,
            [event for _, event in done.events],
            [event for _, event in done.silenced],
        )


def explain(request: ExplainRequest, how: OnlineRequest, source: Source) -> Explanation:
    """Explain one event that `mods detect --online` tells of the same data.

    Raises UsageError where there is no such event, SeriesError, InputError or LogError for data or
    logs that cannot be read.
    """
    wanted = None if request.time_range is None else TimeRange.parse(request.time_range)
    excluded, expected = request.time_ranges_excluded, request.expected
    done = online.detect(how, source, wanted, excluded, expected)
    grounds = OnlineGrounds.of(done, how)
    event, number = explain_event.chosen(grounds, request)
    why = explain_why.reasons(grounds, grounds.series, event)
    found = Explanation(event, number, grounds, grounds.series, grounds.seen, why)
    found = explain_who.with_who(found, request, source)
    asked = None if request.time is None else stretch(request.time)
    return dataclasses.replace(found, asked=asked)
