"""A connection of a client: what is no HTTP is refused in JSON, half a request is closed.

aiohttp answers what its parser refuses in plain text that repeats the client's bytes, and waits an
hour for a request of which only the beginning came.
"""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

from aiohttp import hdrs, web, web_server, web_urldispatcher
from aiohttp import http_exceptions as http
from aiohttp.http import HttpVersion11
from aiohttp.streams import EMPTY_PAYLOAD
from aiohttp.web_protocol import RequestHandler, _ErrInfo

from mods.deepaas import guard, trace
from mods.errors import UsageError

log = logging.getLogger(__name__)
Sent = tuple[web.StreamResponse, bool]
HEAD = 20.0  # seconds for request line and headers, from their first byte on
TAKE = 300.0  # seconds for a client to take its answer, of 26 MB at most: 90 kB a second
REST = 1.0  # seconds for the rest of a body that is not unpacked
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

    __slots__ = ("_dropping", "_late")
    told: ClassVar[Callable[[web.BaseRequest, web.Response, str], None]] = staticmethod(
        lambda request, response, reason: log.info("refused: %s", reason)
    )

    def __init__(self, manager: web.Server, **options: Any) -> None:
        super().__init__(manager, **{"keepalive_timeout": IDLE, **options})
        self._late: asyncio.TimerHandle | None = None
        self._dropping = False

    def data_received(self, data: bytes) -> None:
        """Take bytes; from the first of a head on its time runs."""
        if self._dropping:
            return
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

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> Sent:
        """Answer; of a packed body unpack no more then: a few bytes of it unpack for seconds."""
        left = hdrs.CONTENT_ENCODING in request.headers and not request.content.is_eof()
        if left:
            resp.force_close()
            self._lingering_time = 0.0
        ended = await self._taken(super().finish_response(request, resp, start_time))
        if left and self.transport is not None:
            self._dropping = True
            self.transport.resume_reading()
            await asyncio.sleep(REST)  # who closes at once takes the answer away from the client
        return ended

    async def _taken(self, sending: Awaitable[Sent]) -> Sent:
        """Send an answer; who does not take it in time gets no more of it, and memory is free."""
        try:
            async with asyncio.timeout(TAKE):
                return await sending
        except TimeoutError:
            if self.transport is not None:
                self.transport.abort()
            raise ConnectionError("the client does not take its answer") from None

    def _refuse_late(self) -> None:
        self._late = None
        if self._waiter is not None and not self._waiter.done():
            late = SlowHeadError("only a part of a request came in time", fix=SLOW)
            self._messages.append((_ErrInfo(408, late, ""), EMPTY_PAYLOAD))
            self._waiter.set_result(None)


def _refusal(error: BaseException | None) -> Exception:
    """What to say to the client; the error itself where that is no fault of the client."""
    if isinstance(error, http.LineTooLong) or long_name(error):
        return LongHeadError("the request line or a header is too long", fix=LINE)
    if isinstance(error, http.HttpProcessingError):
        return MalformedError("the request is no proper HTTP", fix=PLAIN)
    return error if isinstance(error, Exception) else TimeoutError()


def long_name(error: BaseException | None) -> bool:
    """Whether a path was longer than the file system takes, which `static/` asks it for."""
    return isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG


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
