"""Trainings in words: a row of a table, a page, a line."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from mods.errors import ModsError
from mods.jobs.job import OPEN, RUNNING, Job, stamp

SHORT = 8
BARS = "▁▂▃▄▅▆▇█"
WIDTH = 60


def begun(job: Job) -> str:
    """What is said of a training that was just asked for."""
    short = job.id[:SHORT]
    how = "runs in the background" if job.state == RUNNING else f"is {job.state}"
    return f"training {short} to {job.model_name} {how}\nsee mods jobs show {short} --follow"


def ended(job: Job) -> str:
    """How a training stands, in one line."""
    said = f"{job.id[:SHORT]} to {job.model_name} {'' if job.state in OPEN else 'is '}{job.state}"
    return f"{said}: {reason(job)}" if job.error else said


def reason(job: Job) -> str:
    """The error of a training on one line."""
    told = job.error or {}
    return str(ModsError(told["message"], where=told["where"], fix=told["fix"])) if told else ""


def line(job: Job) -> dict[str, Any]:
    """A row of the table of trainings."""
    left = job.progress.seconds_left
    return {
        "id": job.id[:SHORT],
        "name": job.model_name,
        "status": job.state,
        "epoch": f"{job.progress.epoch}/{job.progress.epochs}",
        "val_loss": job.progress.val_loss,
        "left": None if left is None else f"{timedelta(seconds=round(left))}",
        "started (UTC)": minute(job.started),
    }


def minute(moment: float | None) -> str | None:
    """A moment as a person reads it in a table."""
    told = stamp(moment)
    return None if told is None else f"{told[:10]} {told[11:19]}"


def page(job: Job, points: list[tuple[int, float | None, float | None]], tail: str) -> list[str]:
    """What `show` says."""
    told = {name: value for name, value in job.arguments.items() if value not in (None, [])}
    given = "  ".join(f"{name}={value}" for name, value in told.items())
    times = (("asked for", job.created), ("started", job.started), ("ended", job.ended))
    facts = {
        "model": job.model_name,
        "status": job.state,
        "why": reason(job),
        "epoch": standing(job),
        **{name: minute(moment) for name, moment in times},
        "resumed": f"{job.resumes} times by itself" if job.resumes else "",
        "arguments": given,
        "saved": (job.result or {}).get("path", ""),
    }
    lines = [f"training {job.id}", *(f"  {k:<10} {v}" for k, v in facts.items() if v)]
    columns = {"loss": [one for _, one, _ in points], "val_loss": [one for *_, one in points]}
    for name, column in columns.items():
        curve = [one for one in column if one is not None]
        if curve:
            lines += [f"  {name:<10} {drawn(curve)}  {curve[0]:.4f} -> {curve[-1]:.4f}"]
    return [*lines, "", "end of the log:", tail] if tail else lines


def standing(job: Job) -> str:
    """How far a training is, in words."""
    left = job.progress.seconds_left
    rest = "" if left is None else f", at most {timedelta(seconds=round(left))} left"
    return f"{job.progress.epoch} of at most {job.progress.epochs}{rest}"


def drawn(curve: Iterable[float]) -> str:
    """A curve in a line of text, of a long one every so many epochs.

    >>> drawn([8, 4, 2, 1])
    '█▄▂▁'
    """
    points = list(curve)
    shown = points[:: -(-len(points) // WIDTH)]
    low, high = min(shown), max(shown)
    scale = (len(BARS) - 1) / (high - low) if high > low else 0.0
    return "".join(BARS[round((one - low) * scale)] for one in shown)
