"""What a detector would find in the user's own data: anomalies injected, scored, counted."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mods import progress
from mods.anomaly import evaluation, injection
from mods.anomaly.evaluation import Scene, Scores, Trial
from mods.anomaly.injection import Anomaly, Ground
from mods.anomaly.online import OnlineDetector
from mods.config import Config
from mods.errors import SeriesError
from mods.flows import source as sources
from mods.flows.detect import watch
from mods.flows.model import Model
from mods.flows.online import probation
from mods.request import EvaluationRequest, OnlineRequest, Source
from mods.request.experiments import OWN
from mods.series import contract, inputs, splits
from mods.series.forecast import iso
from mods.timerange import TimeRange

LEAST_DAYS = 3
Scorer = Callable[[pd.DataFrame], Scores]


@dataclass(frozen=True, eq=False)
class Subject:
    """What is tried: a series, its features, the steps to judge on, what scores them at these.

    asked: alarms a week that the detector's own threshold is set for
    """

    series: pd.DataFrame
    features: tuple[str, ...]
    times: pd.DatetimeIndex
    score: Scorer
    asked: float

    def unfit(self, reason: str) -> SeriesError:
        """The error for data that nothing can be tried on."""
        return SeriesError(
            reason,
            where=self.series.attrs.get("source", "series"),
            fix="Give a longer time range, four weeks for figures to rely on",
        )


@dataclass(frozen=True, eq=False)
class Evaluated:
    """rows: what is found per budget, kind and magnitude; areas: AUC-PR per magnitude.

    raised: alarms a week at the detector's own threshold on the clean data; asked: its budget
    period: the first and the last scored step; windows: how many they are
    """

    rows: pd.DataFrame
    areas: pd.DataFrame
    raised: float
    asked: float
    period: tuple[str, str]
    windows: int
    trials: int

    def record(self) -> dict[str, Any]:
        """All of it as a program reads it; budget null is the detector's own threshold."""
        rows = self.rows.astype({"budget": object, "delay_minutes": object})
        rows.loc[self.rows["budget"] == OWN, "budget"] = None
        rows.loc[self.rows["delay_minutes"].isna(), "delay_minutes"] = None
        return {
            "period": list(self.period),
            "windows": self.windows,
            "trials": self.trials,
            "clean": {"alarms_per_week": self.raised, "asked": self.asked},
            "found": rows.to_dict("records"),
            "auc_pr": self.areas.to_dict("records"),
        }

    def text(self) -> str:
        """What was done, in a line."""
        begin, end = (stamp.replace("T", " ")[:16] for stamp in self.period)
        per_trial = self.rows.loc[self.rows["budget"] == OWN, "events"].sum()
        return (
            f"{per_trial:,} anomalies in {self.trials} copies of {self.windows:,} windows, "
            f"{begin} to {end}"
        )

    def table(self) -> pd.DataFrame:
        """The rows for a CSV: budget empty is the detector's own threshold."""
        return self.rows.assign(budget=self.rows["budget"].where(self.rows["budget"] != OWN))


def evaluate(request: EvaluationRequest, online: OnlineRequest, source: Source) -> Evaluated:
    """Inject anomalies into the data of a range, and count what the detector finds of them.

    The same request on the same data gives the same figures. Raises ModelError for a model
    without a detector, SeriesError where the range is too short for anomalies.
    """
    subject = _online(request, online, source) if online.online else _model(request, source)
    scene = _scene(subject)
    trials = _trials(subject, scene, request)
    stamps = iso(subject.times[[scene.first, -1]])
    return Evaluated(
        evaluation.found(scene, trials, sorted(request.budgets)),
        evaluation.precision(scene, trials),
        round(scene.alarms(OWN) / scene.weeks, 2),
        subject.asked,
        (stamps[0], stamps[1]),
        len(subject.times) - scene.first,
        len(trials),
    )


def _trials(subject: Subject, scene: Scene, request: EvaluationRequest) -> list[Trial]:
    """Copies of the series with anomalies, scored: as many as asked for of each magnitude."""
    here = _ground(subject, scene)
    if not here.usual:
        raise subject.unfit("every feature is 0 in it")
    runs = [(m, rep) for rep in range(request.repetitions) for m in request.magnitudes]
    trials = []
    with progress.shown("evaluating", len(runs), "run") as bar:
        for magnitude, repetition in runs:
            rng = np.random.default_rng([request.seed, repetition])
            plan = injection.plan(here, magnitude, rng)
            scores = subject.score(injection.inject(subject.series, plan, here))
            trials.append(Trial(magnitude, _placed(plan, subject), scores))
            bar.advance()
    if not any(trial.anomalies for trial in trials):
        raise subject.unfit("no stretch without gaps is long enough for an anomaly")
    return trials


def _model(request: EvaluationRequest, source: Source) -> Subject:
    """A model's detector, on the forecasts of the model."""
    model = Model.load(str(request.model_name), source.models)
    step, excluded = model.forecaster.step, request.time_ranges_excluded
    config = model.config
    series = sources.series(source, config, excluded=excluded, step=step)
    series = inputs.trimmed(series, config.known_columns)
    times = splits.inside(series, _wanted(request))
    series = model.informed(series, source, config, times)
    detector = model.watching(series, times[0])

    def score(changed: pd.DataFrame) -> Scores:
        watched, forecast = watch(model, changed, times)
        found = detector.detect(watched, forecast).loc[times]
        return Scores.of(found)

    return Subject(series, model.forecaster.features, times, score, detector.alarms_per_week)


def _online(request: EvaluationRequest, online: OnlineRequest, source: Source) -> Subject:
    """The detector without a model; what lies before the range is learnt once."""
    config = Config(data_select_query=online.data_select_query, window_slide=online.window_slide)
    series = sources.series(source, config, excluded=request.time_ranges_excluded)
    times = splits.inside(series, _wanted(request))
    first = int(series.index.get_indexer(times[:1])[0])
    learnt = OnlineDetector(online.alarms_per_week, probation(online.probation, len(series)))
    learnt.run(series.iloc[:first])
    state = learnt.state()

    def score(changed: pd.DataFrame) -> Scores:
        found = OnlineDetector.from_state(state).run(changed.loc[times[0] : times[-1]])
        return Scores.of(found)

    features = tuple(map(str, series.columns))
    return Subject(series, features, times, score, online.alarms_per_week)


def _wanted(request: EvaluationRequest) -> TimeRange | None:
    return None if request.time_range is None else TimeRange.parse(request.time_range)


def _scene(subject: Subject) -> Scene:
    """The clean range from the first step that has a score."""
    clean = subject.score(subject.series)
    scored = np.flatnonzero(clean.values > 0)
    step = contract.step(subject.series)
    days = (len(subject.times) - scored[0] if len(scored) else 0) * step / pd.Timedelta("1D")
    if days < LEAST_DAYS:
        raise subject.unfit(f"{days:.1f} of its days can be scored, {LEAST_DAYS} are needed")
    return Scene(clean, int(scored[0]), step)


def _ground(subject: Subject, scene: Scene) -> Ground:
    """Where anomalies may lie, in positions of the series."""
    series, times = subject.series, subject.times
    first, last = (int(at) for at in series.index.get_indexer(times[[scene.first, -1]]))
    judged, panes = series.iloc[first : last + 1], contract.window(series).panes
    here = injection.ground(judged, subject.features, scene.step, panes)
    whole = series.loc[:, list(subject.features)].notna().all(axis=1).to_numpy()
    return dataclasses.replace(here, first=first, last=last + 1, known=whole)


def _placed(plan: list[Anomaly], subject: Subject) -> list[Anomaly]:
    """The anomalies in positions of the steps that are judged."""
    offset = int(subject.series.index.get_indexer(subject.times[:1])[0])
    return [
        dataclasses.replace(one, start=one.start - offset, end=one.end - offset) for one in plan
    ]
