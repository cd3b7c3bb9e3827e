"""Limits: the size of a body, its kind, how many may wait, and for how long."""

from __future__ import annotations

import asyncio
import functools
import math

from aiohttp import web

from mods.deepaas import encoded
from mods.serve import gate, told
from mods.serve.state import State

MEBIBYTE = 2**20
LATER = 5  # seconds until a service that ends may be up again
KINDS = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")
PACKED = ("", "identity", "gzip", "deflate")
SOONEST = 1  # seconds after which a client may come again
READERS = 4  # bodies that may be on their way for each prediction that may wait or run


class FullError(Exception):
    """The body has been read, and there is no place in the queue."""


class Limiter:
    """Refuses what is too large, too much or too late, before it costs anything."""

    def __init__(self, state: State, opened: frozenset[str]) -> None:
        self.state, self.opened = state, opened
        self.reading: set[object] = set()
        self.predicting: set[object] = set()

    @web.middleware
    async def door(self, request: web.Request, handler: told.Handler) -> web.StreamResponse:
        """Answer in time, or say why not."""
        if request.path in self.opened:
            return await handler(request)
        if self.state.ending:
            return self._refused("ending", 503, "the service is ending", LATER)
        refused = self._body(request)
        if refused is not None:
            refused.force_close()  # nobody reads the rest of the body
            return refused
        if gate.predicts(request):
            return await self._queued(request, handler)
        return await self._timed(request, handler)

    def _body(self, request: web.Request) -> web.Response | None:
        """Refuse a body by what its headers tell."""
        limit = self.state.request.max_body
        if (request.content_length or 0) > limit * MEBIBYTE:
            self.state.metrics.refused.labels("body").inc()
            fix = "Send less, or let the operator raise --max_body"
            return told.refusal(413, f"the body is larger than {limit:g} MiB", fix=fix)
        if not request.body_exists:
            return None
        kind, packed = request.content_type, request.headers.get("Content-Encoding", "").lower()
        if kind not in KINDS and not kind.endswith("+json"):
            message, known = f"a body of the type {kind!r} is not read", KINDS
        elif packed not in PACKED:
            message, known = f"a body packed as {packed!r} is not read", PACKED[1:]
        else:
            return None
        self.state.metrics.refused.labels("type").inc()
        return told.refusal(415, message, fix=f"Send one of {', '.join(known)}")

    async def _queued(self, request: web.Request, handler: told.Handler) -> web.StreamResponse:
        """A prediction, if there is a worker or a place in the queue once its body has been read.

        A slow upload holds no place; how many bodies are on their way at once is bounded, too.
        """
        arriving = request.body_exists and not request.content.is_eof()
        if arriving and len(self.reading) >= READERS * self._places():
            return self._full("too many bodies are on their way")
        ticket = object()
        self.reading.add(ticket)
        request[encoded.READ] = functools.partial(self._seat, ticket)
        try:
            return await self._timed(request, handler)
        except FullError:
            return self._full("too many predictions are waiting")
        finally:
            self.reading.discard(ticket)
            self.predicting.discard(ticket)

    def _places(self) -> int:
        return self.state.pool.size + self.state.request.max_queue

    def _seat(self, ticket: object) -> None:
        """Give whose body has been read a place; FullError where there is none."""
        self.reading.discard(ticket)
        if len(self.predicting) >= self._places():
            raise FullError
        self.predicting.add(ticket)

    def _full(self, message: str) -> web.Response:
        """Told to come again when those before it have had their turn, at their recent pace."""
        pool = self.state.pool
        wait = math.ceil(len(self.predicting) * (pool.pace or 0.0) / pool.size)
        latest = math.ceil(self.state.request.timeout)  # by then all of them are answered
        return self._refused("queue", 503, message, max(min(wait, latest), SOONEST))

    async def _timed(self, request: web.Request, handler: told.Handler) -> web.StreamResponse:
        """The answer before the deadline; what works on it is ended with it."""
        limit = self.state.request.timeout
        try:
            async with asyncio.timeout(limit) as clock:
                return await handler(request)
        except TimeoutError:
            if not clock.expired():
                raise
        if request.body_exists and not request.content.is_eof():
            return self._slow(limit)
        self.state.metrics.refused.labels("deadline").inc()
        fix = "Ask for a shorter range, or let the operator raise --timeout"
        late = told.refusal(504, f"no answer within {limit:g} s", fix=fix, kind="resource")
        late.force_close()
        return late

    def _slow(self, limit: float) -> web.Response:
        """The client has not sent the rest of the body: nothing here was late."""
        self.state.metrics.refused.labels("slow").inc()
        fix = "Send it faster, or packed, or let the operator raise --timeout"
        slow = told.refusal(408, f"the body did not come within {limit:g} s", fix=fix)
        slow.force_close()
        return slow

    def _refused(self, reason: str, status: int, message: str, wait: int) -> web.Response:
        self.state.metrics.refused.labels(reason).inc()
        headers = {"Retry-After": str(wait)}
        fix = f"Try again in {wait} s"
        return told.refusal(status, message, fix=fix, kind="resource", headers=headers)
