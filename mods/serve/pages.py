"""Headers that every answer gets: what browsers may do with it, and which pages may read it."""

from __future__ import annotations

import base64
import functools
import hashlib
import re

from aiohttp import web

from mods.deepaas import trace
from mods.request import ServeRequest
from mods.serve import told

SAFE = {
    "Server": "mods",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
NOTHING = "default-src 'none'; frame-ancestors 'none'"
INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
ANSWERS = "X-Request-ID, Retry-After"
ASKS = "Authorization, Content-Type, Accept, X-Request-ID"
METHODS = "GET, POST, DELETE"


@functools.lru_cache(maxsize=8)
def policy(page: str) -> str:
    """The content security policy of a page: its own files, and the scripts that it holds.

    >>> "'sha256-" in policy("<script>go()</script>"), "unsafe" in policy("")
    (True, True)
    """
    digests = (hashlib.sha256(script.encode()).digest() for script in INLINE.findall(page))
    inline = "".join(f" 'sha256-{base64.b64encode(one).decode()}'" for one in digests)
    return (
        f"default-src 'none'; script-src 'self'{inline}; style-src 'self' 'unsafe-inline';"
        " img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


class Headers:
    """Puts the headers on whatever goes out; answers what browsers ask before they ask."""

    def __init__(self, request: ServeRequest) -> None:
        self.allowed = frozenset(request.cors)

    async def prepare(self, request: web.Request, response: web.StreamResponse) -> None:
        """The signal of aiohttp before the headers are sent."""
        response.headers.update(SAFE)
        response.headers["X-Request-ID"] = trace.current.get()
        response.headers.setdefault("Cache-Control", "no-store")
        page = isinstance(response, web.Response) and response.content_type == "text/html"
        response.headers["Content-Security-Policy"] = (
            policy(response.text or "") if page else NOTHING  # type: ignore[attr-defined]
        )
        for name, value in self._shared(request).items():
            response.headers[name] = value

    @web.middleware
    async def preflight(self, request: web.Request, handler: told.Handler) -> web.StreamResponse:
        """Answer a browser that asks whether it may ask: it has no token then."""
        asks = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        if not asks or not self._shared(request):
            return await handler(request)
        allowed = {"Access-Control-Allow-Methods": METHODS, "Access-Control-Allow-Headers": ASKS}
        return web.Response(status=204, headers={**allowed, "Access-Control-Max-Age": "600"})

    def _shared(self, request: web.Request) -> dict[str, str]:
        """The headers that let the page of an allowed origin read the answer."""
        origin = request.headers.get("Origin")
        if origin is None or not {origin, "*"} & self.allowed:
            return {"Vary": "Origin"} if self.allowed else {}
        return {
            "Access-Control-Allow-Origin": "*" if "*" in self.allowed else origin,
            "Access-Control-Expose-Headers": ANSWERS,
            "Vary": "Origin",
        }
