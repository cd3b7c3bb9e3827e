"""The number of the request at work: the same in the server, its worker and their logs."""

from __future__ import annotations

import contextvars
import re
import secrets

current: contextvars.ContextVar[str] = contextvars.ContextVar("request", default="")
SANE = re.compile(r"[A-Za-z0-9._-]{1,64}")


def begin(proposed: str | None) -> str:
    """The number of a new request: the one that the client or the proxy proposes, if it is sane.

    >>> begin("a-17")
    'a-17'
    >>> begin("a b") == "a b"
    False
    """
    number = proposed if proposed and SANE.fullmatch(proposed) else secrets.token_hex(8)
    current.set(number)
    return number
