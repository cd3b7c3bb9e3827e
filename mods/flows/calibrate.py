"""Calibrate: learn the alarm thresholds of a saved model anew, from what is calm and what was said.

What of the range is calm is the rule of training, too (mods.flows.calm). Events marked false stay
in it, and the thresholds they reach are raised a little above them, wherever they lie in the data:
the like no longer alarms. The network stays as it is, Keras is not needed.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from mods.anomaly import scores, threshold
from mods.anomaly.detector import LEAST_STEPS, Detector
from mods.anomaly.marks import Mark, unmatched
from mods.errors import SeriesError
from mods.flows import source as sources
from mods.flows.backtest import over
from mods.flows.calibrated import Calibration
from mods.flows.calm import Lessons, found_by, learn, with_true
from mods.flows.detect import watch
from mods.flows.material import EARLIER_STEPS
from mods.flows.model import Model
from mods.flows.silence import Feedback, blanked, judged, quieted
from mods.models import artifact
from mods.models.forecaster import Forecaster
from mods.request import CalibrateRequest, Source
from mods.request.events import EXPECTED, FALSE, TRUE
from mods.series import splits
from mods.series.forecast import Forecast, iso
from mods.timerange import TimeRange

log = logging.getLogger(__name__)
ABOVE = 1.1


def calibrate(request: CalibrateRequest, source: Source) -> Calibration:
    """Learn the thresholds of a saved model anew and replace its file.

    Raises ModelError for a model without a detector, or where it was replaced in the meantime;
    SeriesError where too little of the calm range is known.
    """
    model = Model.load(request.model_name, source.models)
    made = artifact.manifest(model.path)
    before, config = model.watchful(), model.asked(())
    series = sources.series(
        source, config, excluded=request.time_ranges_excluded, step=model.forecaster.step
    )
    times = _calm(series, model, request.calm_time_range)
    series = model.informed(series, source, config, times)
    watched, forecast = watch(model, series, times)
    calm = watched.loc[times[0] : times[-1]]
    said = Feedback.of(model.path)
    budget = request.alarms_per_week or before.alarms_per_week
    lessons = Lessons(series, calm, forecast, watched, _earlier(model, series, times[0]))
    detector, unmarked, left_out = learn(model, lambda: before.again(budget), lessons, said)
    rhythm = detector.rhythm.days, detector.rhythm is before.rhythm
    newer = dataclasses.replace(model, detector=detector)
    detector = forgiving(newer, series, said.marks)
    newer = dataclasses.replace(model, detector=detector)
    heeded = with_true(said, left_out)
    _keep(detector, model, made)
    alarms, weeks = _reached(detector, model.forecaster, calm, forecast, heeded)
    first, last = iso(times[[0, -1]])
    return Calibration(
        model.name, (first, last), before.thresholds, detector.thresholds, budget,
        detector.budget["calm_alarms_per_week"], alarms, weeks, _counted(said), *rhythm, unmarked,
        left_out, _unheard(newer, lessons, said),
    )  # fmt: skip


def _unheard(model: Model, lessons: Lessons, said: Feedback) -> list[Mark]:
    """The marks of true events in the calm range of which the model does not alarm."""
    true = [one for one in judged(said.marks, lessons.calm) if one.verdict == TRUE]
    return unmatched(found_by(model, lessons, said), true) if true else []


def _counted(said: Feedback) -> dict[str, int]:
    """How many marks there are of each verdict."""
    return {
        name: sum(one.verdict == name for one in said.marks) for name in (TRUE, FALSE, EXPECTED)
    }


def forgiving(model: Model, series: pd.DataFrame, marks: Sequence[Mark]) -> Detector:
    """The model's detector, its thresholds above what the events marked false reach in the series.

    A tenth above, so that the like no longer alarms, not only the same.
    """
    state = model.watchful().state()
    highest: dict[tuple[str, str], float] = {}
    for mark in (one for one in marks if one.verdict == FALSE):
        for limit, reached in _reached_by(mark, model, series).items():
            highest[limit] = max(reached, highest.get(limit, 0.0))
    for (name, kind), reached in highest.items():
        state["thresholds"][name][kind] *= max(reached * ABOVE, 1.0)
    return Detector.from_state(state)


def _reached_by(mark: Mark, model: Model, series: pd.DataFrame) -> dict[tuple[str, str], float]:
    """The highest score of each feature and kind over the event, in thresholds."""
    known = model.forecaster.features_of(series)
    names = [name for name in known if str(name) in mark.features]
    times = pd.DatetimeIndex(known.index[(known.index >= mark.start) & (known.index <= mark.end)])
    if not names or not len(times):
        log.warning("event %s, marked false, does not lie in the data: it does not count", mark.id)
        return {}
    watched, forecast = watch(model, series, times)
    table = model.watchful().explain(watched, forecast).loc[mark.start : mark.end]
    sizes = table[list(scores.KINDS)].abs().fillna(0.0)
    by_feature = {name: sizes.xs(name, level="feature").max() for name in names}
    return {
        (str(name), kind): float(highest[kind])
        for name, highest in by_feature.items()
        for kind in scores.KINDS
    }


def _reached(
    detector: Detector,
    forecaster: Forecaster,
    calm: pd.DataFrame,
    forecast: Forecast,
    said: Feedback,
) -> tuple[int, float]:
    """Alarms on the calm range without what is expected or true, and how many weeks it has."""
    index = pd.DatetimeIndex(calm.index)
    mask = said.mask(index, forecast, forecaster.window, (EXPECTED, TRUE))
    found = detector.detect(blanked(calm, mask), quieted(forecast, mask))
    known = calm.notna().any(axis=1).to_numpy() & ~mask.to_numpy().all(axis=1)
    return int(found["anomaly"].sum()), float(known.sum() * forecaster.step / threshold.WEEK)


def _keep(detector: Detector, model: Model, made: Mapping[str, Any]) -> None:
    """Replace the model's detector, all else as it is; ModelError where another was saved since."""
    parts = artifact.read(model.path)
    state = {**parts.state, "detector": detector.state()}
    artifact.write(model.path, dataclasses.replace(parts, state=state), since=made)


def _calm(series: pd.DataFrame, model: Model, wanted: str | None) -> pd.DatetimeIndex:
    """The steps to learn on: the range, else all that the network was not trained on.

    Where too little of that is in the data: the calm range of the training.
    """
    if wanted is not None:
        return splits.inside(series, TimeRange.parse(wanted))
    periods = model.forecaster.metrics.get("periods", {})
    trained = pd.Timestamp(periods["train"][1]) if "train" in periods else series.index[0]
    length = pd.Timedelta(seconds=model.forecaster.window.length)
    later = series.loc[series.index > trained + length - model.forecaster.step]
    if _known(later) < 2 * LEAST_STEPS and "calm" in periods:
        first, last = map(pd.Timestamp, periods["calm"])
        later = series.loc[first:last]
    if _known(later) < 2 * LEAST_STEPS:
        raise SeriesError(
            f"only {_known(later)} known steps lie after what the network was trained on",
            where=series.attrs.get("source", "series"),
            fix="Give more data, or a --calm_time_range",
        )
    return pd.DatetimeIndex(later.index)


def _earlier(
    model: Model, series: pd.DataFrame, begin: pd.Timestamp
) -> tuple[pd.DataFrame, Forecast] | None:
    """What the data hold before the calm range, half a year at most, and its forecasts."""
    told = model.forecaster.features_of(series)
    part = told.loc[told.index < begin].iloc[-EARLIER_STEPS:]
    if _known(part) < LEAST_STEPS:
        return None
    return part, over(model.forecaster, series, pd.DatetimeIndex(part.index))[0]


def _known(part: pd.DataFrame) -> int:
    return int(part.notna().any(axis=1).sum())
