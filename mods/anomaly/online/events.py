"""Events of online detection, as far as its rows tell: each alarm begins one.

The detector rests after an alarm, so that its score does not tell how long the anomaly lasts. The
event goes on while its feature stays beyond half of the departure that was alarmed; what happens
then is read from later rows, no score is. An alarm that falls into an event belongs to it.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from mods.anomaly import kinds
from mods.anomaly.events import MISSING, TOO_LITTLE, TOO_MUCH, Event, stretches
from mods.anomaly.tail import RAREST

STAYS, APART = 0.5, pd.Timedelta("1h")
USUAL_STEP = pd.Timedelta("10min")


def tell(found: pd.DataFrame, values: pd.DataFrame) -> list[tuple[int, Event]]:
    """Each event with the position of its first alarm (of its first row, where data are missing).

    found:  rows of OnlineDetector.run;  values:  what they were made of, in the same order
    """
    step = usual_step(pd.DatetimeIndex(values.index))
    told: list[tuple[int, Event]] = []
    ends: dict[str, int] = {}
    shares = kinds.bounded(values)
    for at in np.flatnonzero(found["anomaly"].to_numpy() == 1).tolist():
        name = str(found["feature"].iloc[at])
        if at <= ends.get(name, -1):
            continue
        one, ends[name] = _event(found.iloc[at], values, at, step)
        told.append((at, kinds.of(one, shares, step, (at, ends[name], at))))
    return sorted([*told, *_missing(values)], key=lambda pair: pair[0])


def _event(row: pd.Series, values: pd.DataFrame, at: int, step: pd.Timedelta) -> tuple[Event, int]:
    """The event that an alarm begins, and the position of its last row."""
    name, times = str(row["feature"]), values.index
    column = values[name].to_numpy(float)
    day, apart = round(kinds.DAY / step), round(kinds.APART / step)
    usual = kinds.usually(column, at, len(column), at - apart, day)
    departure = column[at:] - usual
    beyond = np.flatnonzero(departure * np.sign(departure[0]) >= STAYS * abs(departure[0]))
    _, last = next(stretches(beyond, max(2, round(APART / step)))) if departure[0] else (0, 0)
    event = Event(
        start=times[at],
        end=max(times[at], times[at + last]),
        peak=times[at],
        score=rarity(row["anomaly_score"]) / max(rarity(row["threshold"]), 1e-9),
        features=(name,),
        direction=TOO_LITTLE if departure[0] < 0 else TOO_MUCH,
        kind="",
        actual=float(column[at]),
        forecast=float(usual[0]),
        score_kind=str(row["kind"]),
    )
    return event, at + last


def _missing(values: pd.DataFrame) -> list[tuple[int, Event]]:
    """Rows without a value after a feature's first one; features that share them are told once."""
    absent = values.isna().to_numpy() & values.notna().cummax().to_numpy()
    found: dict[tuple[int, int], list[str]] = {}
    for name, column in zip(values.columns, absent.T, strict=True):
        for stretch in stretches(np.flatnonzero(column)):
            found.setdefault(stretch, []).append(str(name))
    times = values.index
    return [
        (a, Event(times[a], max(times[a], times[b]), times[a], 0.0, tuple(names), MISSING, MISSING))
        for (a, b), names in found.items()
    ]


def rarity(score: float) -> float:
    """-log10 of the probability that a score of 1 - 2^(-r/4) stands for, but for the factor 4."""
    return -math.log2(max(1.0 - score, 2.0**-RAREST))


def usual_step(times: pd.DatetimeIndex) -> pd.Timedelta:
    """The usual time between two rows."""
    between = pd.Series(times).diff()
    forward = between[between > pd.Timedelta(0)]
    return forward.median() if len(forward) else USUAL_STEP
