"""Trainings in words: a row of a table, a page, a line."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from mods.errors import ModsError
from mods.jobs.job import CANCELLED, DONE, FAILED, RUNNING, Job, stamp

SHORT = 8
BARS = "▁▂▃▄▅▆▇█"
WIDTH = 60
WORDS = {DONE: "is done", FAILED: "has failed", CANCELLED: "was cancelled"}
LIMITS = {
    "at_once": "trainings run at a time",
    "waiting": "may wait, further ones are refused",
    "resumes": "times a server that starts takes up one whose process died",
}


def begun(job: Job) -> str:
    """What is said of a training that was just asked for."""
    short = job.id[:SHORT]
    how = "runs in the background" if job.state == RUNNING else f"is {job.standing}"
    return f"training {short} to {job.model_name} {how}\nsee mods jobs show {short} --follow"


def ended(job: Job) -> str:
    """How a training stands, in one line."""
    how = WORDS.get(job.state, f"is {job.standing}")
    said = f"{job.id[:SHORT]} to {job.model_name} {how}"
    return f"{said}: {reason(job)}" if job.error else said


def cancelled(job: Job) -> str:
    """What is said of a training that was asked to end."""
    short, epoch = job.id[:SHORT], job.progress.epoch
    if job.state == RUNNING:
        return f"{short} will end as soon as it looks into its book"
    goes = f"go on from epoch {epoch}" if epoch else "begin it anew"
    return f"{ended(job)}\nmods jobs resume {short} would {goes}"


def limits(limited: dict[str, int]) -> str:
    """The limits of the queue, a line each."""
    return "\n".join(f"{name:<8} {n:>6}  {LIMITS[name]}" for name, n in limited.items())


def removed(count: int) -> str:
    """How many trainings are forgotten now."""
    return f"removed {count} training{'' if count == 1 else 's'} that had ended"


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
        "status": job.standing,
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
        "status": job.standing,
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
