"""Errors as HTTP answers in JSON that survive the way from a worker to the server.

An exception that does not unpickle in the server kills DEEPaaS' result thread: no request is ever
answered again. So nothing but the classes below leaves a worker.
"""

from __future__ import annotations

import functools
import json
import logging
import secrets
from collections.abc import Callable
from typing import Any

from aiohttp import web

from mods.deepaas import places, trace
from mods.errors import ModsError, ResourceError

log = logging.getLogger(__name__)


class Failure(web.HTTPException):
    """An HTTP error whose body is `{"kind", "message", "where", "fix"}`."""

    status_code = 500

    def __init__(self, record: dict[str, str]) -> None:
        super().__init__(text=json.dumps(record), content_type="application/json")
        self.record = record

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.record,)

    def __str__(self) -> str:
        """What the status of a failed training shows."""
        where, fix = self.record["where"], self.record["fix"]
        return str(ModsError(self.record["message"], where=where, fix=fix))


class BadRequest(Failure):
    """What came is no request."""

    status_code = 400


class NotFound(Failure):
    """Nothing of that name."""

    status_code = 404


class TooSlow(Failure):
    """The rest of the request did not come."""

    status_code = 408


class TooLarge(Failure):
    """More than the service takes."""

    status_code = 413


class Conflict(Failure):
    """Something else that goes on forbids it."""

    status_code = 409


class Unexpected(Failure):
    """The client expects what no server here does."""

    status_code = 417


class Unprocessable(Failure):
    """The request, the data or the model do not allow an answer."""

    status_code = 422


class TooMany(Failure):
    """Enough of that is under way; ask again later."""

    status_code = 429


class TooLong(Failure):
    """The request line or a header is longer than is read."""

    status_code = 431


class Unavailable(Failure):
    """Not now: the machine lacks something."""

    status_code = 503


KINDS: tuple[type[Failure], ...] = (Failure, *Failure.__subclasses__())
ANSWERS = {kind.status_code: kind for kind in KINDS}


def answer(error: Exception) -> Failure:
    """The HTTP error for any exception; one that nobody planned is logged, not shown."""
    if isinstance(error, Failure):
        return error
    if isinstance(error, MemoryError):
        error = ResourceError("memory ran out", fix="Ask for a shorter range, or a smaller batch")
    if isinstance(error, ModsError):
        record = {name: places.hidden(text) for name, text in error.record().items()}
        return ANSWERS.get(error.status, Failure)(record)
    return _unplanned(error)


def _unplanned(error: Exception) -> Failure:
    reference = trace.current.get() or secrets.token_hex(4)
    log.error("error %s", reference, exc_info=error)
    return Failure(
        {
            "kind": "internal",
            "message": f"something went wrong inside the service (reference {reference})",
            "where": "",
            "fix": "Look for the reference in the log of the service, and report it",
        }
    )


def guarded(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let nothing but a `Failure` leave the function."""

    @functools.wraps(function)
    def inside(**arguments: Any) -> Any:
        try:
            return function(**arguments)
        except Exception as error:  # noqa: BLE001 - the last door: anything else hangs the service
            raise answer(error) from error

    return inside
