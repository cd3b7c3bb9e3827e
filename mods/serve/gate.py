"""The gate: who may ask, under which name of the service, and from which pages."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

from aiohttp import web
from multidict import CIMultiDict

from mods.errors import UsageError
from mods.request import ServeRequest
from mods.serve import tokens, told
from mods.serve.state import State

READING = ("GET", "HEAD", "OPTIONS")
ROLE = web.RequestKey("ROLE", str)
ASK = "WWW-Authenticate"
# A line each: browsers look at the first of a line alone, and ask for a password on Basic.
CHALLENGE = CIMultiDict([(ASK, 'Bearer realm="mods"'), (ASK, 'Basic realm="mods"')])
LOCAL = ("localhost", "127.0.0.1", "::1")


def check(request: ServeRequest, known: tokens.Tokens) -> None:
    """Raise UsageError where others than this machine could ask without a token."""
    if known or loopback(request.host):
        return
    raise UsageError(
        "other machines could ask it, and there is no token",
        where=f"--host {request.host}",
        fix="Put a token of 32 bytes or more into MODS_TOKEN and MODS_ADMIN_TOKEN, or give"
        " --token_file",
    )


def loopback(host: str) -> bool:
    """Whether the address is reached from this machine alone.

    >>> loopback("127.0.0.1"), loopback("::1"), loopback("0.0.0.0"), loopback("example.org")
    (True, True, False, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def predicts(request: web.Request) -> bool:
    """Whether the request asks for a prediction."""
    return request.method == "POST" and request.path.rstrip("/").endswith("/predict")


def needed(request: web.Request) -> str:
    """The role that a request needs: reading and predicting is the lesser one."""
    lesser = request.method in READING or predicts(request)
    return tokens.READ if lesser else tokens.ADMIN


def _parts(address: str) -> SplitResult:
    """The parts of an address, all empty where it is none: clients send what they like.

    >>> _parts("//[::1").netloc, _parts("http://[::1]:80").hostname
    ('', '::1')
    """
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


class Gate:
    """Lets a request through, or says why not."""

    def __init__(self, state: State, opened: frozenset[str]) -> None:
        self.state, self.opened = state, opened

    @web.middleware
    async def door(self, request: web.Request, handler: told.Handler) -> web.StreamResponse:
        """Check name and page, then the token; what is opened needs none."""
        refused = self._stranger(request) or self._unknown(request)
        return refused or await handler(request)

    def _stranger(self, request: web.Request) -> web.Response | None:
        """Refuse pages of other sites, and names that a hostile name server gave this machine."""
        host = (_parts(f"//{request.host}").hostname or "").lower()
        names = (*LOCAL, self.state.request.host.lower(), *self.state.request.hosts)
        if not self.state.tokens and host not in names:
            return self._refused(
                "host", 403, f"this service is not known as {host!r}", "Start it with --hosts NAME"
            )
        origin, allowed = request.headers.get("Origin"), self.state.request.cors
        if origin is None or request.method in READING or {origin, "*"} & set(allowed):
            return None
        own = _parts(origin).netloc.lower()
        if own and own == request.host.lower():
            return None
        return self._refused(
            "origin", 403, f"pages of {origin!r} may not ask", "Start it with --cors ORIGIN"
        )

    def _unknown(self, request: web.Request) -> web.Response | None:
        """Refuse who has no token, or not the one it takes."""
        if not self.state.tokens:
            request[ROLE] = tokens.ADMIN
            return None
        sent = request.headers.get("Authorization", "")
        role = self.state.tokens.role(sent)
        request[ROLE] = role or ""
        if request.path in self.opened:
            return None
        if role is None:
            fix = "Send the header `Authorization: Bearer TOKEN`"
            said = "the token is none of this service" if sent else "this takes a token"
            return self._refused("token", 401, said, fix)
        wanted = needed(request)
        if tokens.ROLES.index(role) < tokens.ROLES.index(wanted):
            fix = "Send a token of the role admin"
            return self._refused("token", 403, f"the token is of the role {role}", fix)
        return None

    def _refused(self, reason: str, status: int, message: str, fix: str) -> web.Response:
        self.state.metrics.refused.labels(reason).inc()
        headers = CHALLENGE if status == 401 else None
        return told.refusal(status, message, fix=fix, headers=headers)
