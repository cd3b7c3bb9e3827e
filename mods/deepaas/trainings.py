"""DEEPaaS' train endpoints over the book of trainings, in place of its list in memory.

POST enters a job and answers at once, GET shows progress and, after a restart, the history; DELETE
cancels. `status` keeps the framework's words, so that its clients go on working; `state` is exact.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from aiohttp import web
from marshmallow import Schema, fields, validate

from mods.deepaas import guard, places
from mods.deepaas.described import ASKING, NO_TRAINING, TRAIN, refusals
from mods.errors import ModsError
from mods.jobs import control, queue
from mods.jobs.book import Book
from mods.jobs.job import (
    CANCELLED,
    DONE,
    ENDED,
    FAILED,
    INTERRUPTED,
    OPEN,
    Job,
    NoJobError,
    TakenError,
    stamp,
)

log = logging.getLogger(__name__)
OF_ONE = (*ASKING, "404")
PACE = 2.0
LONG = 32
NEWEST = 100
PLACES = (*queue.PLACES, "models", "path")
RUNNING, ERROR = "running", "error"
STATUS = {DONE: DONE, FAILED: ERROR, INTERRUPTED: ERROR, CANCELLED: CANCELLED}


class Progress(Schema):
    """How far a training is; null where that is not known yet."""

    epoch = fields.Integer()
    epochs = fields.Integer(metadata={"description": "At most so many; it may stop earlier."})
    percent = fields.Float()
    loss = fields.Float(
        allow_none=True, metadata={"description": "Of the last epoch, relative to persistence."}
    )
    val_loss = fields.Float(allow_none=True, metadata={"description": "On the validation part."})
    seconds_left = fields.Float(allow_none=True, metadata={"description": "At most so many."})


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
        validate=validate.OneOf(list(OPEN + ENDED)),
        metadata={"description": "Exactly; what was interrupted goes on at the next start."},
    )
    model_name = fields.String(required=True, metadata={"description": "Name of its model."})
    progress = fields.Nested(Progress, required=True)
    started = fields.String(allow_none=True)
    resumes = fields.Integer(metadata={"description": "How often it was taken up again."})
    args = fields.Dict(metadata={"description": "What it was asked with."})
    message = fields.String(metadata={"description": "What went wrong, and what to do."})
    result = fields.Dict(metadata={"description": "`output`, `finish_date` and `duration`."})


def described(job: Job) -> dict[str, Any]:
    """The answer about one training; where things lie on this machine is not told."""
    answer = {
        "uuid": job.id,
        "date": stamp(job.created),
        "status": STATUS.get(job.state, RUNNING),
        "state": job.state,
        "model_name": job.model_name,
        "progress": job.progress.record(),
        "started": stamp(job.started),
        "resumes": job.resumes,
        "args": _placeless(job.arguments),
    }
    if job.error is not None:
        told = {name: _hidden(job.error[name], job) for name in ("message", "where", "fix")}
        answer["message"] = str(ModsError(told.pop("message"), **told))
    if job.result is not None and job.started is not None and job.ended is not None:
        answer["result"] = {
            "output": _placeless(job.result),
            "finish_date": stamp(job.ended),
            "duration": str(timedelta(seconds=round(job.ended - job.started, 3))),
        }
    return answer


def _placeless(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name not in PLACES}


def _hidden(text: str, job: Job) -> str:
    """The text without places of this machine, those among them that the training was given."""
    given = (job.arguments.get(name) for name in PLACES)
    return places.hidden(text, [str(one) for one in given if one])


def durable(make: Callable[..., Any]) -> Callable[..., Any]:
    """Of DEEPaaS' maker of train handlers: ours where the model enters its trainings in a book."""

    @functools.wraps(make)
    def inside(name: str, wrapper: Any) -> Any:
        if not hasattr(wrapper.model_obj, "queue_train"):
            return make(name, wrapper)
        if wrapper._app is not None:
            wrapper._app.cleanup_ctx.append(_looked_after)
        return _handler(wrapper.model_obj)

    return inside


def _handler(model: Any) -> Any:
    """What DEEPaaS makes its routes from: `post`, `index`, `get` and `delete`."""
    import aiohttp_apispec
    import webargs.core
    from webargs import aiohttpparser

    schema = webargs.core.dict2schema(model.get_train_args())
    schema.opts.ordered = True

    async def post(request: web.Request, args: dict[str, Any]) -> web.Response:
        return web.json_response(described(await _done(model.queue_train, **args)))

    asking = aiohttp_apispec.querystring_schema(schema)(aiohttpparser.parser.use_args(schema)(post))
    return SimpleNamespace(
        post=_documented(asking, "Ask for a training; the answer comes at once", Training(), TRAIN),
        index=_documented(
            _index,
            f"The newest {NEWEST} trainings, also of earlier starts",
            Training(many=True),
            ASKING,
        ),
        get=_documented(_get, "How far a training is, or how it ended", Training(), OF_ONE),
        delete=_documented(_delete, "Cancel a training that has not ended", Training(), OF_ONE),
    )


def _documented(
    function: Callable[..., Any], summary: str, answer: Schema, refused: tuple[str, ...]
) -> Callable[..., Any]:
    """The function with what /swagger.json says of it, `refused` the statuses of its refusals."""
    import aiohttp_apispec

    told: Callable[..., Any] = aiohttp_apispec.response_schema(answer, 200)(function)
    told = aiohttp_apispec.docs(responses=refusals(*refused, s404=NO_TRAINING))(told)
    told = aiohttp_apispec.docs(tags=["models"], summary=summary)(told)
    return told


async def _index(request: web.Request) -> web.Response:
    found = await _done(lambda: Book().jobs(newest=NEWEST))
    return web.json_response([described(job) for job in found])


async def _get(request: web.Request) -> web.Response:
    return web.json_response(described(await _done(_found, _key(request))))


async def _delete(request: web.Request) -> web.Response:
    return web.json_response(described(await _done(_cancelled, _key(request))))


def _key(request: web.Request) -> str:
    return str(request.match_info["uuid"])


def _found(key: str) -> Job:
    """The training of that id, also as a UUID with hyphens; no beginning will do."""
    plain = key.replace("-", "").lower()
    if len(plain) != LONG:
        raise NoJobError("no such training", where=key, fix="List all trainings")
    return Book().find(plain)


def _cancelled(key: str) -> Job:
    """The training, cancelled unless it has ended: to ask twice is to ask once."""
    job = _found(key)
    with contextlib.suppress(TakenError):
        return control.cancel(Book(), job.id)
    return _found(job.id)


async def _done(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Run what waits for files and processes in a thread; every error is one of ours."""
    try:
        return await asyncio.to_thread(function, *args, **kwargs)
    except ModsError as error:
        raise guard.answer(error) from error


async def _looked_after(app: web.Application) -> AsyncIterator[None]:
    """While the server is up: interrupted trainings go on, and the queue is looked after."""
    task = asyncio.create_task(_look_after())
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def _look_after() -> None:
    look: Callable[[Book], None] = queue.resume_all
    while True:
        try:
            await asyncio.to_thread(look, Book())
            look = queue.look_after
        except ModsError as error:
            log.warning("%s", error)
        await asyncio.sleep(PACE)
