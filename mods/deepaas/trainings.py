"""DEEPaaS' train endpoints over the book of trainings, in place of its list in memory.

POST enters a job and answers at once, GET shows progress and, after a restart, the history; DELETE
cancels. Beside them stand two of ours, for the log and to resume.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace
from typing import Any

from aiohttp import web
from marshmallow import Schema, fields, validate

from mods.deepaas import accept, guard, records
from mods.deepaas.described import ASKING, NO_TRAINING, TRAIN, refusals
from mods.deepaas.records import Log, Training, described
from mods.errors import ModsError
from mods.jobs import control, logs, queue
from mods.jobs.book import Book
from mods.jobs.job import Job, NoJobError, TakenError

log = logging.getLogger(__name__)
OF_ONE = (*ASKING, "404")
DONE = "What was asked for."
NOT_AGAIN = "It goes on already, is done, or its name is taken meanwhile."
PACE = 2.0
LONG = 32
NEWEST = 100
PATIENCE = 0.6  # seconds that DELETE waits for the end; it answers within one
TAIL, MOST = 20, 100_000
TEXT = "text/plain"


class Lines(Schema):
    """How much of a log is wanted."""

    lines = fields.Integer(
        load_default=TAIL,
        validate=validate.Range(1, MOST),
        metadata={"description": f"So many of its last lines, 1 to {MOST}."},
    )


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


def beside(setup: Callable[..., None]) -> Callable[..., None]:
    """DEEPaaS' routes for trainings, and after them those that it does not have."""

    @functools.wraps(setup)
    def inside(app: web.Application, enable: bool = True) -> None:
        setup(app, enable=enable)
        from deepaas import model

        for name, wrapper in model.V2_MODELS.items():
            if enable and hasattr(wrapper.model_obj, "queue_train"):
                place = f"/models/{name}/train/{{uuid}}"
                app.router.add_get(f"{place}/log", _log(), allow_head=False)
                app.router.add_post(f"{place}/resume", _again())

    return inside


def _again() -> Callable[..., Any]:
    summary = "Take up a training that was interrupted, cancelled or has failed"
    return _documented(_resume, summary, Training(), (*OF_ONE, "409"), s409=NOT_AGAIN)


def _handler(model: Any) -> Any:
    """What DEEPaaS makes its routes from: `post`, `index`, `get` and `delete`."""
    import aiohttp_apispec
    import webargs.core
    from webargs import aiohttpparser

    schema = webargs.core.dict2schema(model.get_train_args())
    schema.opts.ordered = True

    async def post(request: web.Request, args: dict[str, Any]) -> web.Response:
        return _answer(request, await _done(model.queue_train, **args))

    asking = aiohttp_apispec.querystring_schema(schema)(aiohttpparser.parser.use_args(schema)(post))
    return SimpleNamespace(
        post=_documented(asking, "Ask for a training; the answer comes at once", Training(), TRAIN),
        index=_documented(
            _index,
            f"The last {NEWEST} trainings, the newest last, also of earlier starts",
            Training(many=True),
            ASKING,
        ),
        get=_documented(_get, "How far a training is, or how it ended", Training(), OF_ONE),
        delete=_documented(_delete, "Cancel a training that has not ended", Training(), OF_ONE),
    )


def _log() -> Callable[..., Any]:
    """The handler of logs, as its query is read and described."""
    import aiohttp_apispec
    from webargs import aiohttpparser

    async def get(request: web.Request, args: dict[str, Any]) -> web.Response:
        job, told = await _done(_tail, _key(request), args["lines"])
        if accept.best(request.headers.get("Accept", "*/*"), (accept.JSON, TEXT)) == TEXT:
            return web.Response(text="".join(f"{line}\n" for line in told))
        return web.json_response({"uuid": job.id, "state": job.standing, "lines": told})

    asking = aiohttpparser.parser.use_args(Lines, locations=("query",))(get)
    asking = aiohttp_apispec.querystring_schema(Lines)(asking)
    asking = _documented(asking, "The end of the log of a training", Log(), (*OF_ONE, "422"))
    answer: Callable[..., Any] = aiohttp_apispec.docs(produces=[accept.JSON, TEXT])(asking)
    return answer


def _answer(request: web.Request, job: Job) -> web.Response:
    """A training, with where to ask for more of it."""
    return web.json_response(described(job, _place(request)))


def _place(request: web.Request) -> str:
    """The path of all trainings, as the client knows it."""
    return request.path.partition("/train/")[0] + "/train"


def _documented(
    function: Callable[..., Any],
    summary: str,
    answer: Schema,
    refused: tuple[str, ...],
    **words: str,
) -> Callable[..., Any]:
    """The function with what /swagger.json says of it, `refused` the statuses of its refusals."""
    import aiohttp_apispec

    good = aiohttp_apispec.response_schema(answer, 200, description=DONE)
    told: Callable[..., Any] = good(function)
    told = aiohttp_apispec.docs(responses=refusals(*refused, **{"s404": NO_TRAINING, **words}))(
        told
    )
    told = aiohttp_apispec.docs(tags=["models"], summary=summary)(told)
    return told


async def _index(request: web.Request) -> web.Response:
    return web.json_response(await _done(_newest, _place(request)))


async def _get(request: web.Request) -> web.Response:
    job, told = await _done(_tail, _key(request), TAIL)
    return web.json_response({**described(job, _place(request)), "log": told})


async def _delete(request: web.Request) -> web.Response:
    return _answer(request, await _done(_cancelled, _key(request)))


async def _resume(request: web.Request) -> web.Response:
    return _answer(request, await _done(_resumed, _key(request)))


def _key(request: web.Request) -> str:
    return str(request.match_info["uuid"])


def _found(key: str) -> Job:
    """The training of that id, also as a UUID with hyphens; no beginning will do."""
    plain = key.replace("-", "").lower()
    if len(plain) != LONG:
        raise NoJobError("no such training", where=key, fix="List all trainings")
    return Book().find(plain)


def _newest(place: str) -> list[dict[str, Any]]:
    """The last trainings, described; place: the path of all of them."""
    return [described(job, place) for job in Book().jobs(newest=NEWEST)]


def _tail(key: str, count: int) -> tuple[Job, list[str]]:
    """The training of that id, and the last lines of its log as a client is told them."""
    job = _found(key)
    return job, records.lines(logs.tail(Book().folder, job.id, count), job)


def _cancelled(key: str) -> Job:
    """The training, which has ended or soon will: to ask twice is to ask once."""
    job = _found(key)
    with contextlib.suppress(TakenError):
        return control.ask_to_end(Book(), job.id, PATIENCE)
    return _found(job.id)


def _resumed(key: str) -> Job:
    return control.resume(Book(), _found(key).id)


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
