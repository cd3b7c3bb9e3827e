"""Limits: the size of a body, its kind, how many may wait, and for how long."""

from __future__ import annotations

import asyncio
import math
import time

from aiohttp import web

from mods.serve import gate, told
from mods.serve.state import State

MEBIBYTE = 2**20
LATER = 5  # seconds until a service that ends may be up again
KINDS = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")
MEMORY = 0.1  # weight of the newest prediction in the mean of their times


class Limiter:
    """Refuses what is too large, too much or too late, before it costs anything."""

    def __init__(self, state: State, opened: frozenset[str]) -> None:
        self.state, self.opened = state, opened
        self.predicting = 0
        self._mean = 0.1  # seconds of a prediction

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
        kind = request.content_type
        if not request.body_exists or kind in KINDS or kind.endswith("+json"):
            return None
        self.state.metrics.refused.labels("type").inc()
        fix = f"Send one of {', '.join(KINDS)}"
        return told.refusal(415, f"a body of the type {kind!r} is not read", fix=fix)

    async def _queued(self, request: web.Request, handler: told.Handler) -> web.StreamResponse:
        """A prediction, if there is a worker or a place in the queue."""
        if self.predicting >= self.state.pool.size + self.state.request.max_queue:
            wait = math.ceil(self.predicting * self._mean / self.state.pool.size)
            return self._refused("queue", 503, "too many predictions are waiting", max(wait, 1))
        self.predicting += 1
        began = time.monotonic()
        try:
            return await self._timed(request, handler)
        finally:
            self.predicting -= 1
            self._mean += MEMORY * (time.monotonic() - began - self._mean)

    async def _timed(self, request: web.Request, handler: told.Handler) -> web.StreamResponse:
        """The answer before the deadline; what works on it is ended with it."""
        limit = self.state.request.timeout
        try:
            async with asyncio.timeout(limit) as clock:
                return await handler(request)
        except TimeoutError:
            if not clock.expired():
                raise
        self.state.metrics.refused.labels("deadline").inc()
        fix = "Ask for a shorter range, or let the operator raise --timeout"
        late = told.refusal(504, f"no answer within {limit:g} s", fix=fix, kind="resource")
        late.force_close()
        return late

    def _refused(self, reason: str, status: int, message: str, wait: int) -> web.Response:
        self.state.metrics.refused.labels(reason).inc()
        headers = {"Retry-After": str(wait)}
        fix = f"Try again in {wait} s"
        return told.refusal(status, message, fix=fix, kind="resource", headers=headers)
