"""A training as REST tells it: its record in DEEPaaS' words and ours, and its log.

Where things lie on this machine is not told, in neither of them.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from marshmallow import Schema, fields, validate

import mods
from mods.deepaas import places
from mods.errors import ModsError
from mods.jobs import queue
from mods.jobs.job import (
    CANCELLED,
    CANCELLING,
    DONE,
    ENDED,
    FAILED,
    INTERRUPTED,
    OPEN,
    Job,
    stamp,
)

PLACES = (*queue.PLACES, "models", "path")
RUNNING, ERROR = "running", "error"
STATUS = {DONE: DONE, FAILED: ERROR, INTERRUPTED: ERROR, CANCELLED: CANCELLED}
AGAIN = (FAILED, INTERRUPTED, CANCELLED)


class Progress(Schema):
    """How far a training is; null where that is not known yet."""

    epoch = fields.Integer()
    epochs = fields.Integer(metadata={"description": "At most so many; it may stop earlier."})
    percent = fields.Float()
    loss = fields.Float(
        allow_none=True, metadata={"description": "Of the last epoch, relative to persistence."}
    )
    val_loss = fields.Float(allow_none=True, metadata={"description": "On the validation part."})
    seconds_left = fields.Float(
        allow_none=True, metadata={"description": "At most so many; null before there is a pace."}
    )


class Training(Schema):
    """A training; times are ISO 8601, UTC."""

    uuid = fields.String(required=True, metadata={"description": "Its identifier."})
    date = fields.String(required=True, metadata={"description": "When it was asked for."})
    status = fields.String(
        required=True,
        validate=validate.OneOf([RUNNING, ERROR, DONE, CANCELLED]),
        metadata={"description": "In DEEPaaS' words; what waits is running, too."},
    )
    state = fields.String(
        required=True,
        validate=validate.OneOf([*OPEN, CANCELLING, *ENDED]),
        metadata={"description": "Exactly; what was interrupted goes on at the next start."},
    )
    model_name = fields.String(required=True, metadata={"description": "Name of its model."})
    progress = fields.Nested(Progress, required=True)
    started = fields.String(allow_none=True)
    finish_date = fields.String(
        allow_none=True, metadata={"description": "When it ended, however it did."}
    )
    resumes = fields.Integer(metadata={"description": "How often it was taken up by itself."})
    args = fields.Dict(metadata={"description": "What it was asked with."})
    message = fields.String(
        metadata={"description": "Why it is not done: what went wrong, and what to do."}
    )
    result = fields.Dict(
        metadata={
            "description": "`output` (of what is not done: its `message`), `finish_date`, and the"
            " `duration` since it was last started."
        }
    )
    resume = fields.String(
        allow_none=True,
        metadata={"description": "The path to POST to, and it goes on from its last epoch."},
    )
    log = fields.List(
        fields.String(),
        metadata={"description": "Its last lines, in the answer about one training."},
    )


class Log(Schema):
    """The end of the log of a training."""

    uuid = fields.String(required=True)
    state = fields.String(required=True)
    lines = fields.List(fields.String(), required=True)


def described(job: Job, place: str) -> dict[str, Any]:
    """The answer about one training; place: the path of all of them."""
    answer = {
        "uuid": job.id,
        "date": stamp(job.created),
        "status": STATUS.get(job.state, RUNNING),
        "state": job.standing,
        "model_name": job.model_name,
        "progress": job.progress.record(),
        "started": stamp(job.started),
        "finish_date": stamp(job.ended),
        "resumes": job.resumes,
        "args": _placeless(job.arguments),
        "resume": f"{place}/{job.id}/resume" if job.state in AGAIN else None,
    }
    why = _why(job)
    if why:
        answer["message"] = why
    if job.ended is not None:
        seconds = job.ended - (job.started or job.ended)
        answer["result"] = {
            "output": {"message": why} if job.result is None else _placeless(job.result),
            "finish_date": stamp(job.ended),
            "duration": str(timedelta(seconds=round(seconds, 3))),
        }
    return answer


def lines(log: str, job: Job) -> list[str]:
    """The lines of a log as whoever may read them gets them."""
    ours = (sys.prefix, sys.base_prefix, Path(mods.__file__).parents[1])
    return _hidden(log, job, tuple(map(str, ours))).splitlines()


def _why(job: Job) -> str:
    """In one line why a training is not done; '' where it is, or will be."""
    if job.error is not None:
        told = {name: _hidden(job.error[name], job) for name in ("message", "where", "fix")}
        return str(ModsError(told.pop("message"), **told))
    if job.standing == CANCELLING:
        return "it was asked to end, and does so within seconds"
    if job.state != CANCELLED:
        return ""
    far = job.progress
    return f"cancelled after {far.epoch} of at most {far.epochs} epochs"


def _placeless(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name not in PLACES}


def _hidden(text: str, job: Job, more: tuple[str, ...] = ()) -> str:
    """The text without places of this machine, those among them that the training was given."""
    given = (job.arguments.get(name) for name in PLACES)
    return places.hidden(text, [str(one) for one in (*given, *more) if one])
