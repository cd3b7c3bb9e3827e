"""One training as its record tells it: what was asked, how far it is, how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mods.errors import ResourceError, UsageError

QUEUED, RUNNING, INTERRUPTED = "queued", "running", "interrupted"
DONE, FAILED, CANCELLED = "done", "failed", "cancelled"
OPEN = (QUEUED, RUNNING, INTERRUPTED)
ENDED = (DONE, FAILED, CANCELLED)
CANCELLING = "cancelling"  # told of what runs and is to end; the book keeps it as running
LEAST = 2  # epochs after the first before there is a pace


class NoJobError(UsageError):
    """No training has that id."""

    status = 404


class TakenError(UsageError):
    """The state of another training, or of this one, forbids what was asked."""

    status = 409


class FullError(ResourceError):
    """Too many trainings wait."""

    status = 429


@dataclass(frozen=True)
class Progress:
    """How far a training is: its last epoch of how many, errors relative to persistence.

    seconds_left: at most so many, at the pace of the last epochs, the first after each start not
    counted; it may stop earlier; None before there is a pace, or where it does not run
    """

    epoch: int
    epochs: int
    loss: float | None
    val_loss: float | None
    seconds_left: float | None

    @property
    def share(self) -> float:
        """Part of the epochs that is done."""
        return min(self.epoch / self.epochs, 1.0)

    def record(self) -> dict[str, Any]:
        """As a program reads it."""
        left = None if self.seconds_left is None else round(self.seconds_left, 1)
        return {
            "epoch": self.epoch,
            "epochs": self.epochs,
            "percent": round(100 * self.share, 1),
            "loss": self.loss,
            "val_loss": self.val_loss,
            "seconds_left": left,
        }


@dataclass(frozen=True)
class Job:
    """A training; times are seconds since the epoch.

    models: the folder its model is saved in; ended: also when what was interrupted was found;
    resumes: how often it was taken up again by itself; pid, ticks: its process and when that began,
    in the kernel's clock; cancel: since when it is to end
    """

    id: str
    model_name: str
    models: str
    arguments: dict[str, Any]
    state: str
    progress: Progress
    created: float
    started: float | None
    ended: float | None
    resumes: int
    pid: int | None
    ticks: int | None
    cancel: float | None
    result: dict[str, Any] | None
    error: dict[str, str] | None

    @property
    def standing(self) -> str:
        """Its state; `cancelling` where it runs and is to end."""
        return CANCELLING if self.state == RUNNING and self.cancel else self.state

    def record(self) -> dict[str, Any]:
        """As a program reads it; times in ISO 8601, UTC."""
        return {
            "id": self.id,
            "model_name": self.model_name,
            "state": self.standing,
            "progress": self.progress.record(),
            "created": stamp(self.created),
            "started": stamp(self.started),
            "ended": stamp(self.ended),
            "resumes": self.resumes,
            "arguments": self.arguments,
            "result": self.result,
            "error": self.error,
        }


def stamp(moment: float | None) -> str | None:
    """A moment in ISO 8601, UTC.

    >>> stamp(1559381405.25), stamp(None)
    ('2019-06-01T09:30:05.250Z', None)
    """
    if moment is None:
        return None
    text = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def progress(row: dict[str, Any]) -> Progress:
    """Read from a row of the book, which has the last epoch and one that the pace is taken from.

    >>> ran = {"epoch": 5, "first": 2, "at": 70.0, "since": 40.0, "loss": 0.5, "val_loss": 0.6}
    >>> progress({**ran, "epochs": 25}).seconds_left
    200.0
    """
    left = None
    if row["first"] is not None and row["epoch"] - row["first"] >= LEAST:
        pace = (row["at"] - row["since"]) / (row["epoch"] - row["first"])
        left = max(pace * (row["epochs"] - row["epoch"]), 0.0)
    return Progress(row["epoch"] or 0, row["epochs"], row["loss"], row["val_loss"], left)
