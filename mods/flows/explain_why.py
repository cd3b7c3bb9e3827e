"""Why an event is one: what was seen and expected of each feature that departed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mods.anomaly import residuals
from mods.anomaly.events import Event
from mods.anomaly.explanation import Reason
from mods.anomaly.explanation.reasons import reason
from mods.flows.explained import MOST_FEATURES, Grounds


def reasons(detection: Grounds, told: pd.DataFrame, event: Event) -> list[Reason]:
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
        found.append(reason(told, forecast, name, time, lead=lead, score=score))
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
