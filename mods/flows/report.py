"""The HTML report of a model on a period: forecasts, errors, anomalies, in pictures and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mods.flows.backtest import Backtest
from mods.flows.detect import Detection
from mods.series.forecast import LEVELS
from mods.visualization import alarms, plots
from mods.visualization.report import Report, Section, Table, scores
from mods.visualization.report import write as write_page

BAND_LEADS = (1, 6)


def write(
    path: Path,
    *,
    title: str,
    facts: Sequence[tuple[str, Any]] = (),
    tested: Backtest,
    detection: Detection,
    why: Sequence[Mapping[str, Any]] = (),
) -> Path:
    """Write one self-contained page about a backtest and the anomalies of the same period.

    why:  per event what is behind it, `why`, and the way to its own page, `page`
    """
    page = Report(
        title=title,
        facts=[*facts, *_facts(tested)],
        sections=[
            _forecasts(tested),
            _errors(tested),
            _anomalies(detection, why),
            _learning(tested),
        ],
    )
    write_page(path, page)
    return path


def _facts(tested: Backtest) -> list[tuple[str, Any]]:
    model = tested.model
    periods = model.forecaster.metrics["periods"]
    lines = [
        (name.capitalize(), " to ".join(t.replace("T", " ")[:16] for t in periods[name]))
        for name in ("train", "validation", "test")
        if name in periods
    ]
    return [
        ("Model", f"{model.config.model_type}, {model.config.steps_ahead} steps ahead"),
        ("Windows", str(model.forecaster.window)),
        *((f"{name} part", value) for name, value in lines),
    ]


def _forecasts(tested: Backtest) -> Section:
    forecast, series = tested.forecast, tested.actual
    leads = [lead for lead in BAND_LEADS if lead <= len(forecast.leads)]
    origin = _shown_origin(tested)
    figures = [
        (f"What was forecast {lead} {'step' if lead == 1 else 'steps'} before, against reality.",
         plots.backtest_band(forecast, series, lead=lead))
        for lead in leads
    ]  # fmt: skip
    figures.append(
        ("The whole path from one origin.", plots.forecast_band(forecast, series, origin=origin))
    )
    text = "The bands should hold 80 and 95 of 100 true values; the table counts them."
    return Section("Forecasts", text, figures, [_cover(tested)])


def _cover(tested: Backtest) -> Table:
    """Share of true values inside the bands, mean of the features, by lead."""
    by_lead = tested.evaluation.groupby("lead").mean(numeric_only=True)
    rows = [
        {"interval": f"{level} %", **{str(lead): round(100 * x, 1) for lead, x in cover.items()}}
        for level in LEVELS
        for cover in [by_lead[f"cover_{level}"]]
    ]
    return Table(rows, "True values inside the interval, in percent, by lead")


def _shown_origin(tested: Backtest) -> int:
    """The origin in the middle of those whose whole path is known."""
    complete = np.flatnonzero(tested.counted.all(axis=1))
    return int(complete[len(complete) // 2]) if len(complete) else len(tested.counted) - 1


def _errors(tested: Backtest) -> Section:
    text = (
        "Mean absolute error relative to persistence, the forecast that says 'same as now'. "
        "Overlapping windows flatter every forecast, so no figure stands without it. In brackets: "
        "simple forecasts that need no training, mean of the features."
    )
    figure = plots.error_by_lead(tested.evaluation)
    return Section("Errors", text, [("Error by lead.", figure)], [scores(tested.evaluation)])


def _anomalies(detection: Detection, why: Sequence[Mapping[str, Any]]) -> Section:
    budget = detection.model.watchful().budget
    text = (
        f"Events: {len(detection.events)}. Asked for {budget['alarms_per_week']:g} alarms a calm "
        f"week; really reached: {budget['calm_alarms_per_week']:g} a week on the "
        f"{budget['calm_days']:g} calm days. The fewer days, the rougher the figure."
    )
    figure = alarms.anomalies_on_series(detection.series, detection.found, detection.events)
    told = [*why, *({} for _ in detection.events[len(why) :])]
    events = [{**event.record(), **one} for event, one in zip(detection.events, told, strict=True)]
    return Section("Anomalies", text, [("Anomalies on the series.", figure)], events=events)


def _learning(tested: Backtest) -> Section:
    curve = plots.learning_curve(tested.model.forecaster.history)
    return Section("Training", "", [("Loss by epoch.", curve)])
