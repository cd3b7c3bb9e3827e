"""What became of every request: its number, its line in the log, its place in the figures."""

from __future__ import annotations

import logging
import time

from aiohttp import web

from mods.deepaas import trace
from mods.serve import pages, told
from mods.serve.gate import ROLE
from mods.serve.state import State

log = logging.getLogger(__name__)
KNOWN = frozenset({"GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT", "PATCH"})
UNKNOWN = "unknown"


class Account:
    """The outermost of all: it sees what the client will see."""

    def __init__(self, state: State) -> None:
        self.state = state

    @web.middleware
    async def door(self, request: web.Request, handler: told.Handler) -> web.StreamResponse:
        """Number the request, count it and tell it."""
        trace.begin(request.headers.get("X-Request-ID"))
        began, status = time.monotonic(), 499
        try:
            with self.state.metrics.in_flight.track_inprogress():
                response = await handler(request)
            status = response.status
            return response
        except web.HTTPException as error:
            status = error.status
            raise
        finally:
            resource = request.match_info.route.resource
            route = UNKNOWN if resource is None else resource.canonical
            self._tell(request, route, status, time.monotonic() - began)

    def malformed(self, request: web.BaseRequest, response: web.Response, reason: str) -> None:
        """Do the same for what never became a request, which passes none of the doors."""
        response.headers.update(pages.SAFE)
        response.headers["X-Request-ID"] = trace.current.get()
        self.state.metrics.refused.labels("malformed").inc()
        self._tell(request, UNKNOWN, response.status, 0.0)

    def _tell(self, request: web.BaseRequest, route: str, status: int, seconds: float) -> None:
        method = request.method if request.method in KNOWN else "other"
        metrics = self.state.metrics
        metrics.requests.labels(method, route, str(status)).inc()
        metrics.seconds.labels(route).observe(seconds)
        told_of = {
            "method": method,
            "path": request.path,
            "status": status,
            "seconds": round(seconds, 4),
            "client": request.remote,
            "role": request.get(ROLE, ""),
        }
        log.info("answered", extra=told_of)
