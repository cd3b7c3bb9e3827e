"""Errors of the service itself, as JSON of the one shape that all errors have."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from mods.deepaas import trace, wire

log = logging.getLogger(__name__)

BASE = web.AppKey("BASE", str)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
PAGE = "/api"
REASONS = {
    400: ("usage", "the request cannot be read", f"Send it as the page {PAGE} tells"),
    404: (
        "usage",
        "there is nothing at this path",
        f"The page {PAGE} tells the paths that there are",
    ),
    405: ("usage", "the path has no such method", "See the header Allow for those it has"),
    413: ("usage", "the body is too large", "Send less, or let the operator raise --max_body"),
    500: ("internal", "something went wrong inside the service", "Report the request's number"),
}


def refusal(
    status: int,
    message: str,
    *,
    fix: str = "",
    kind: str = "usage",
    headers: Mapping[str, str] | None = None,
) -> web.Response:
    """An answer that says what is wrong and what to do, with the number of the request."""
    record = {"kind": kind, "message": message, "where": "", "fix": fix}
    record["request"] = trace.current.get()
    return web.json_response(record, status=status, headers=headers)


def _stock(base: str, status: int, headers: Mapping[str, str]) -> web.Response:
    """What the framework answers in words of its own; `base` is the path before all of ours."""
    kind, message, fix = REASONS.get(status, ("usage", f"refused with status {status}", ""))
    fix = fix.replace(PAGE, f"{base}{PAGE}")
    return refusal(status, message, fix=fix, kind=kind, headers=headers)


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let no error leave as anything but JSON; what nobody planned goes to the log, with its trace.

    Redirections pass.
    """
    base = request.app.get(BASE, "")
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        if error.content_type == "application/json":
            return web.Response(
                body=error.body, status=error.status, content_type=error.content_type
            )
        if error.status >= 500:
            log.error("error %s", trace.current.get(), exc_info=error)
        kept = {name: error.headers[name] for name in ("Allow",) if name in error.headers}
        return _stock(base, error.status, kept)
    except OSError as error:
        if wire.long_name(error):
            return _stock(base, 404, {})
        return _unplanned(base, error)
    except Exception as error:  # noqa: BLE001 - the last door: the client gets no trace of it
        return _unplanned(base, error)


def _unplanned(base: str, error: Exception) -> web.Response:
    log.error("error %s", trace.current.get(), exc_info=error)
    return _stock(base, 500, {})
