"""The request to serve: where to listen, who may ask, and how much."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from mods.errors import UsageError
from mods.request.shared import Request
from mods.settings import setting

BASE_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*")
NAME = re.compile(r"[A-Za-z0-9._-]+")
ORIGIN = re.compile(r"\*|https?://[a-z0-9.-]+(:\d+)?|https?://\[[0-9a-f:]+\](:\d+)?", re.I)
LOG_FORMATS = ("json", "text")
LARGEST_BODY = 64.0  # MiB


def _base_path(text: str) -> None:
    if BASE_PATH.fullmatch(text) is None or {".", ".."} & set(text.split("/")):
        raise UsageError(
            f"{text!r} is no path",
            where="base_path",
            fix="Give one as in /mods, no slash at its end",
        )


def _host(text: str) -> None:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        if NAME.fullmatch(text) is None:
            raise UsageError(
                f"{text!r} is no name of a host",
                where="hosts",
                fix="Give one as in example.org, or an address, without scheme, port and brackets",
            ) from None


def _origin(text: str) -> None:
    if ORIGIN.fullmatch(text) is None:
        raise UsageError(
            f"{text!r} is no origin", where="cors", fix="Give one as in https://example.org"
        )


@dataclass(frozen=True)
class ServeRequest(Request):
    """How the REST service listens, whom it answers, and how much it takes on."""

    host: str = setting(
        "127.0.0.1", "Address to listen on; others than loopback need tokens.", rest=False
    )
    port: int = setting(
        5_000, "Port to listen on; 0 takes a free one.", low=0, high=65_535, rest=False
    )
    workers: int = setting(
        2, "Processes that compute predictions, one each at a time.", low=1, high=256, rest=False
    )
    max_queue: int = setting(
        32,
        "Predictions that may wait for a worker; any more are refused with 503.",
        low=0,
        high=100_000,
        rest=False,
    )
    timeout: float = setting(
        60.0, "Seconds until an answer, then 504.", low=0.1, high=86_400.0, rest=False
    )
    max_body: float = setting(
        LARGEST_BODY,
        "Largest body of a request, in MiB; a larger one is 413.",
        low=0.001,
        high=LARGEST_BODY,
        rest=False,
    )
    base_path: str | None = setting(
        None,
        "Path below which a proxy shows the service, as in /mods.",
        parse=_base_path,
        rest=False,
    )
    token_file: str | None = setting(
        None,
        "File of lines `read TOKEN` and `admin TOKEN`, readable by its owner alone. Default: the"
        " environment's MODS_TOKEN and MODS_ADMIN_TOKEN.",
        rest=False,
    )
    hosts: tuple[str, ...] = setting(
        (),
        "Without tokens: names under which it may be asked, beside loopback's.",
        parse=_host,
        separator=",",
        rest=False,
    )
    cors: tuple[str, ...] = setting(
        (),
        "Origins whose pages may ask it, as in https://example.org; * for all.",
        parse=_origin,
        separator=",",
        rest=False,
    )
    log_format: str = setting(
        "text", "Lines of the log on stderr.", choices=lambda: LOG_FORMATS, rest=False
    )

    def __post_init__(self) -> None:
        """Names as browsers send them: in lower case."""
        super().__post_init__()
        for name in ("hosts", "cors"):
            lower = tuple(one.lower() for one in getattr(self, name))
            object.__setattr__(self, name, lower)
