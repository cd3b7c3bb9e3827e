"""JSON answers made in the worker: the server passes bytes on, and stays free for others."""

from __future__ import annotations

import contextvars
import functools
from collections.abc import Callable
from typing import Any

import orjson
from aiohttp import web

from mods.deepaas import accept, remembered
from mods.features.datapool import held
from mods.plain import plain

JSON = "application/json"
HOW = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS
ROOM = 32 * 2**20  # bytes of series that a worker keeps between two questions
READ = web.RequestKey("READ", functools.partial)
wanted: contextvars.ContextVar[bool] = contextvars.ContextVar("wanted", default=False)


class Encoded(bytes):
    """The JSON text of an answer."""


def work(predict: Callable[..., Any], **arguments: Any) -> Any:
    """What a worker does for a prediction: its answer, JSON as bytes.

    orjson writes NaN and infinity as null, and arrays of NumPy as they are.
    """
    asked = remembered.key(arguments)
    found = remembered.find(asked)
    if found is not None:
        return found
    held.keep(ROOM)
    wanted.set(True)
    answer = predict(**arguments)
    if not isinstance(answer, dict | list):
        return answer
    made = Encoded(orjson.dumps(answer, plain, HOW))
    remembered.keep(asked, made)
    return made


def suited(record: dict[str, Any]) -> dict[str, Any]:
    """The record as whoever asks takes it: a worker as it is, anyone else in plain lists."""
    if wanted.get():
        return record
    answer: dict[str, Any] = plain(record)
    return answer


def sending(make: Callable[..., Any]) -> Callable[..., Any]:
    """Give the handler of predictions a POST that sends what the worker has encoded.

    It calls what the request holds under `READ` once its body has been read.
    """

    @functools.wraps(make)
    def inside(name: str, model: Any) -> Any:
        from webargs.aiohttpparser import parser

        handler = make(name, model)
        (declared,) = handler.post.__apispec__["schemas"]

        @functools.wraps(handler.post)
        async def post(request: web.Request) -> web.Response:
            arguments = await parser.parse(type(declared["schema"]), request)
            seat = request.get(READ)
            if seat is not None:
                seat()
            answer = (await model.predict(**arguments))["output"]
            if isinstance(answer, Encoded):
                return web.Response(body=answer, content_type=JSON)
            return web.Response(body=answer, content_type=arguments.get("accept", accept.JSON))

        handler.post = post
        return handler

    return inside
