"""A connection of a client: what is no HTTP is refused in JSON, half a request is closed.

aiohttp answers what its parser refuses in plain text that repeats the client's bytes, and waits an
hour for a request of which only the beginning came.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, ClassVar

from aiohttp import hdrs, web, web_server, web_urldispatcher
from aiohttp import http_exceptions as http
from aiohttp.http import HttpVersion11
from aiohttp.streams import EMPTY_PAYLOAD
from aiohttp.web_protocol import RequestHandler, _ErrInfo

from mods.deepaas import guard, trace
from mods.errors import UsageError

log = logging.getLogger(__name__)
HEAD = 20.0  # seconds for request line and headers, from their first byte on
IDLE = 75.0  # seconds between two requests: longer than a proxy keeps a connection (60)
LINE = "Send long values as a form or as JSON, not in the query or in a header"
PLAIN = "Send HTTP/1.1: a request line, headers, an empty line, and a body as long as they say"
SLOW = "Send request line and headers at once"


class MalformedError(UsageError):
    """What came is no request."""

    status = 400


class LongHeadError(MalformedError):
    """A line of the head is longer than is read."""

    status = 431


class SlowHeadError(MalformedError):
    """Only a part of a head came."""

    status = 408


class ExpectationError(UsageError):
    """The client waits for what will not come."""

    status = 417


class Connection(RequestHandler):
    """One connection of a client.

    told:  what is done with each refusal before it is sent
    """

    __slots__ = ("_late",)
    told: ClassVar[Callable[[web.BaseRequest, web.Response, str], None]] = staticmethod(
        lambda request, response, reason: log.info("refused: %s", reason)
    )

    def __init__(self, manager: web.Server, **options: Any) -> None:
        super().__init__(manager, **{"keepalive_timeout": IDLE, **options})
        self._late: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        """Take bytes; from the first of a head on its time runs."""
        super().data_received(data)
        waiting = self._waiter is not None and not self._waiter.done()
        if not waiting and self._late is not None:
            self._late.cancel()
            self._late = None
        elif waiting and self._late is None:
            self._late = asyncio.get_running_loop().call_later(HEAD, self._refuse_late)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to what never reached a handler, or left one as an error nobody planned.

        Nothing of what the client sent is in it, nor in the log.
        """
        if request.writer.output_size > 0:
            raise ConnectionError("a part of another answer is sent already")
        trace.begin(None)
        failure = guard.answer(_refusal(exc))
        response = web.Response(
            text=failure.text, status=failure.status, content_type=failure.content_type
        )
        response.force_close()
        type(self).told(request, response, type(exc).__name__)
        return response

    def _refuse_late(self) -> None:
        self._late = None
        if self._waiter is not None and not self._waiter.done():
            late = SlowHeadError("only a part of a request came in time", fix=SLOW)
            self._messages.append((_ErrInfo(408, late, ""), EMPTY_PAYLOAD))
            self._waiter.set_result(None)


def _refusal(error: BaseException | None) -> Exception:
    """What to say to the client; the error itself where that is no fault of the client."""
    if isinstance(error, http.LineTooLong):
        return LongHeadError("the request line or a header is too long", fix=LINE)
    if isinstance(error, http.HttpProcessingError):
        return MalformedError("the request is no proper HTTP", fix=PLAIN)
    return error if isinstance(error, Exception) else TimeoutError()


async def _continue(request: web.Request) -> None:
    """Tell who asks first that the body may come; raise for any other expectation."""
    if request.version < HttpVersion11:
        return
    if request.headers.get(hdrs.EXPECT, "").lower() != "100-continue":
        trace.begin(None)  # it passes none of the doors
        fix = "Send the body at once, or Expect: 100-continue"
        raise guard.answer(ExpectationError("cannot be met", where=hdrs.EXPECT, fix=fix))
    await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    request.writer.output_size = 0  # that was no part of the answer


def install() -> None:
    """Let every HTTP server of this process, made from now on, answer so."""
    web_server.RequestHandler = Connection  # type: ignore[attr-defined]
    web_urldispatcher._default_expect_handler = _continue
