"""How a request is read: by a parser of its own, and with nothing in it that nobody declared."""

from __future__ import annotations

import difflib
import functools
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from aiohttp import web

from mods.deepaas import guard
from mods.errors import UsageError


def alone(parse: Callable[..., Any]) -> Callable[..., Any]:
    """Parse each request with a copy of the parser, whose cache ends with the request.

    Unknown names are a 422 that tells the known, a body that cannot be read is one, too.
    """

    @functools.wraps(parse)
    async def inside(parser: Any, argmap: Any, req: Any = None, *args: Any, **more: Any) -> Any:
        own = parser._clone()
        try:
            parsed = await parse(own, argmap, req, *args, **more)
        except (LookupError, ValueError, RecursionError) as error:
            reason = f"cannot be read ({type(error).__name__})"
            fix = "Send fields in the query, as a form, or as a JSON object"
            raise guard.answer(UsageError(reason, where="request body", fix=fix)) from error
        if isinstance(req, web.Request):
            _known(_sent(req, own._cache), _fields(argmap))
        return parsed

    return inside


def _sent(request: web.Request, bodies: Mapping[str, Any]) -> list[str]:
    """The names in the query and in the body of a request."""
    told = [body for body in bodies.values() if isinstance(body, Mapping)]
    return [str(name) for part in (request.query, *told) for name in part]


def _fields(argmap: Any) -> dict[str, Any]:
    """The declared fields, however they were declared."""
    if isinstance(argmap, Mapping):
        return dict(argmap)
    return dict(argmap._declared_fields)


def _known(names: Iterable[str], fields: Mapping[str, Any]) -> None:
    """Raise 422 as the fields' own checks do: {name: [reason]}."""
    headers = {name for name, one in fields.items() if one.metadata.get("location") == "headers"}
    known = sorted(set(fields) - headers)
    wrong = {name: [_reason(name, known, headers)] for name in names if name not in known}
    if wrong:
        raise web.HTTPUnprocessableEntity(text=json.dumps(wrong), content_type="application/json")


def _reason(name: str, known: list[str], headers: set[str]) -> str:
    if name in headers:
        return "Is a header. Send it as one."
    near = difflib.get_close_matches(name, known, n=1)
    advice = f"Did you mean {near[0]}? " if near else ""
    return f"Is not known. {advice}Known are {', '.join(known)}."
