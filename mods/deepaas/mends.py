"""What DEEPaaS 2.6 and webargs 5.5 need to have mended; see docs/decisions.md.

- webargs keeps the fields of one request for the next: each request gets a parser of its own.
- The server turns an answer into JSON, for seconds if it is long: the worker does (`encoded`).
- A worker that dies hangs the service: `pool.WorkerPool` takes the place of `CancellablePool`.
- SIGTERM waits a minute for work in progress: the workers are ended first.
- DELETE of a running training answers 500 although it works.
- An uploaded file of any size is kept for ever: see `uploads`.
- The page does not say what is answered where: see `described`.
- Trainings live in memory, and a predict may wait for one: `trainings` keeps them as jobs.
- Of a key that stands twice in JSON the last counts in silence: see `bodies`.
- What is no HTTP is answered in plain text, half a request waits for an hour: see `wire`.
- A training begins before its arguments were checked together: `check_train` comes first.
"""

from __future__ import annotations

import asyncio
import functools
import signal
import sys
from collections.abc import Callable
from typing import Any

from aiohttp import web

from mods.deepaas import bodies, described, encoded, ending, guard, trainings, uploads, wire
from mods.deepaas.pool import WorkerPool
from mods.errors import UsageError

UNHANDLED = (signal.SIG_DFL, signal.SIG_IGN, signal.default_int_handler, None)


class NoTrainingError(UsageError):
    """No training has that uuid."""

    status = 404


def install_if_served() -> None:
    """Mend DEEPaaS where it is what imports us; anywhere else do nothing."""
    if "deepaas.api" in sys.modules:
        install()


def install() -> None:
    """Mend DEEPaaS in this process, before it makes its app; a second time changes nothing."""
    from aiohttp_apispec import AiohttpApiSpec
    from deepaas.api.v2 import predict, train
    from deepaas.model.v2 import wrapper
    from webargs import aiohttpparser
    from webargs.asyncparser import AsyncParser

    if wrapper.CancellablePool is WorkerPool:
        return
    wire.install()
    wrapper.CancellablePool = WorkerPool
    wrapper.ModelWrapper._setup_cleanup = _ending_first(wrapper.ModelWrapper._setup_cleanup)
    wrapper.ModelWrapper.train = _checked(wrapper.ModelWrapper.train)
    wrapper.ModelWrapper.predict_wrap = staticmethod(encoded.work)
    predict._get_handler = encoded.sending(predict._get_handler)
    predict._get_handler = described.predict(predict._get_handler)
    AiohttpApiSpec.swagger_dict = described.corrected(AiohttpApiSpec.swagger_dict)
    uploads.install(wrapper.ModelWrapper, AsyncParser)
    train.setup_routes = trainings.beside(train.setup_routes)
    train._get_handler = trainings.durable(_deleting(train._get_handler))
    aiohttpparser.json = bodies
    AsyncParser.parse = _unshared(AsyncParser.parse)


def _unshared(parse: Callable[..., Any]) -> Callable[..., Any]:
    """Parse each request with a copy of the parser, whose cache ends with the request."""

    @functools.wraps(parse)
    async def inside(parser: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return await parse(parser._clone(), *args, **kwargs)
        except (LookupError, ValueError, RecursionError) as error:
            reason = f"cannot be read ({type(error).__name__})"
            fix = "Send fields in the query, as a form, or as a JSON object"
            raise guard.answer(UsageError(reason, where="request body", fix=fix)) from error

    return inside


def _ending_first(setup: Callable[[Any], None]) -> Callable[[Any], None]:
    """Let the signals that end the server end its workers before it waits for their answers."""

    @functools.wraps(setup)
    def inside(wrapper: Any) -> None:
        setup(wrapper)
        pool = wrapper._executor
        pool.first = getattr(wrapper.model_obj, "warm", None)

        def end() -> None:
            ending.in_time()
            pool.shutdown()
            raise web.GracefulExit

        async def listen(app: web.Application) -> None:
            for number in (signal.SIGTERM, signal.SIGINT):
                if signal.getsignal(number) not in UNHANDLED:
                    asyncio.get_running_loop().add_signal_handler(number, end)

        wrapper._app.on_startup.append(listen)

    return inside


def _checked(train: Callable[..., Any]) -> Callable[..., Any]:
    """Refuse a training in the request that asks for it, not in its status later."""

    @functools.wraps(train)
    def inside(wrapper: Any, *args: Any, **kwargs: Any) -> Any:
        check = getattr(wrapper.model_obj, "check_train", None)
        if check is not None:
            check(**kwargs)
        return train(wrapper, *args, **kwargs)

    return inside


def _deleting(make: Callable[..., Any]) -> Callable[..., Any]:
    """Give the handler of trainings a DELETE that says `cancelled`."""

    @functools.wraps(make)
    def inside(*args: Any) -> Any:
        handler = make(*args)

        @functools.wraps(handler.delete)
        async def delete(request: web.Request) -> web.Response:
            key = request.match_info["uuid"]
            training = handler._trainings.pop(key, None)
            if training is None:
                raise guard.answer(NoTrainingError("no such training", where=key))
            training["task"].cancel()
            await asyncio.wait([training["task"]], timeout=5)
            return web.json_response(handler.build_train_response(key, training))

        handler.delete = delete
        return handler

    return inside
