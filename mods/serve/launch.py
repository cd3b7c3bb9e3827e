"""From the command to the signal that ends it: the port, the app, the last answers."""

from __future__ import annotations

import asyncio
import errno
import logging
import signal
import socket
import time
from typing import Any

from aiohttp import web

from mods.deepaas import ending, memory
from mods.errors import ResourceError
from mods.request import ServeRequest
from mods.serve import gate, logs, tokens
from mods.serve.app import build
from mods.serve.state import State

log = logging.getLogger(__name__)
BACKLOG = 512
GRACE = 4.0  # seconds for predictions at work, from the signal on
SHORT = 1.0  # seconds for all other requests, after that, and again until they are cut off


def serve(request: ServeRequest) -> dict[str, Any]:
    """Serve until SIGTERM or SIGINT; what there was to do.

    Raises UsageError for an address that takes a token without one, ResourceError for a port that
    cannot be had.
    """
    known = tokens.load(request.token_file)
    gate.check(request, known)
    listening = _bound(request)
    logs.install(request.log_format)
    with listening:
        return asyncio.run(_run(request, known, listening))


def _bound(request: ServeRequest) -> socket.socket:
    """The socket, before anything else is begun: a port that is taken is told at once."""
    where = f"{request.host}:{request.port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            request.host, request.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:
        raise ResourceError(f"is no address of this machine: {error}", where=where) from None
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(address)
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            fix = "End what listens there, or give another --port (0 takes a free one)"
            raise ResourceError("the port is taken", where=where, fix=fix) from None
        fix = "Give another --host or --port"
        raise ResourceError(
            f"cannot be listened on: {error.strerror}", where=where, fix=fix
        ) from None
    return listening


async def _run(
    request: ServeRequest, known: tokens.Tokens, listening: socket.socket
) -> dict[str, Any]:
    ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    _listen(ended)
    began = time.monotonic()
    building = asyncio.ensure_future(build(request, known))
    waited: list[asyncio.Future[Any]] = [building, ended]
    await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
    if ended.done():
        building.cancel()
        return {"ended_by": ended.result(), "requests": 0}
    app, state = building.result()
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=SHORT)
    await runner.setup()
    _listen(ended)  # again: the app took the signals for itself
    await web.SockSite(runner, listening, backlog=BACKLOG).start()
    log.info("serving on %s", _address(listening, request), extra={"seconds": _since(began)})
    tidying = asyncio.ensure_future(memory.keep_small())
    by = await ended
    tidying.cancel()
    log.info("ending by %s", by)
    await _end(runner, state)
    return {"ended_by": by, "requests": _answered(state)}


def _listen(ended: asyncio.Future[str]) -> None:
    """Let the signals that end the service resolve the future."""

    def end(name: str) -> None:
        if not ended.done():
            ending.in_time()
            ended.set_result(name)

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, end, number.name)


async def _end(runner: web.AppRunner, state: State) -> None:
    """Take nothing more, let what is at work finish, then end the workers and answer the rest."""
    state.ending = True
    for site in tuple(runner.sites):
        await site.stop()
    deadline = time.monotonic() + GRACE
    while state.pool.computing + state.pool.waiting and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
    state.pool.shutdown()
    await runner.cleanup()


def _answered(state: State) -> int:
    samples = (one for family in state.metrics.requests.collect() for one in family.samples)
    return int(sum(one.value for one in samples if one.name.endswith("_total")))


def _address(listening: socket.socket, request: ServeRequest) -> str:
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}{request.base_path or ''}/api"


def _since(began: float) -> float:
    return round(time.monotonic() - began, 2)
