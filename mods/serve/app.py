"""The app: DEEPaaS' own, with our doors around it."""

from __future__ import annotations

import asyncio
import functools
import warnings
from typing import Any

from aiohttp import web

import mods
from mods.deepaas import wire
from mods.deepaas.worker import Worker
from mods.errors import ResourceError
from mods.request import ServeRequest
from mods.serve import gate, limits, logs, tokens, told
from mods.serve.account import Account
from mods.serve.health import Health
from mods.serve.metrics import Metrics
from mods.serve.pages import Headers
from mods.serve.state import State

NAME = "mods"
DESCRIPTION = "Forecasts of network traffic from Zeek logs, and alarms where reality departs."
TOKEN = {
    "type": "apiKey",
    "in": "header",
    "name": "Authorization",
    "description": "The token, of the role read or, to train, admin.",
}
LIVE, READY, METRICS = "/healthz/live", "/healthz", "/metrics"


async def build(request: ServeRequest, known: tokens.Tokens) -> tuple[web.Application, State]:
    """The app with everything on it, its workers begun and warm."""
    Worker.logs = functools.partial(logs.install, request.log_format)
    base = request.base_path or ""
    app, pool = await _deepaas(request, base)
    _describe(app["swagger_dict"], locked=bool(known))
    metrics = Metrics(pool)
    state = State(request, known, pool, metrics)
    opened = _routes(app, state, base)
    app[told.BASE] = base
    headers = Headers(request)
    app.on_response_prepare.append(headers.prepare)
    account = Account(state)
    wire.Connection.told = account.malformed
    doors = (
        account.door,
        told.errors,
        headers.preflight,
        gate.Gate(state, opened).door,
        limits.Limiter(state, opened).door,
    )
    for place, door in enumerate(doors):
        app.middlewares.insert(place, door)
    return app, state


async def _deepaas(request: ServeRequest, base: str) -> tuple[web.Application, Any]:
    """DEEPaaS' app as its own launcher makes it, told by our settings alone, and its workers."""
    from deepaas import api, config, model

    from mods.deepaas import mends

    options = {
        "workers": request.workers,
        "client-max-size": int(request.max_body * limits.MEBIBYTE),
        "model-name": NAME,
    }
    words = [f"--{name}={value}" for name, value in options.items()]
    warnings.simplefilter("ignore", DeprecationWarning)  # of what others wrote, for others
    config.prepare_logging()
    config.CONF(words, project="mods", default_config_files=[], default_config_dirs=[])
    mends.install()
    app = await api.get_app(base_path=base)
    served = model.V2_MODELS.get(NAME)
    if served is None:
        fix = "Install mods again, as with pip install -e ."
        raise ResourceError(
            "its entry point deepaas.v2.model cannot be loaded", where=NAME, fix=fix
        )
    return app, served._executor


def _describe(page: dict[str, Any], *, locked: bool) -> None:
    """What the page of the service says of it, and that it takes a token where it does."""
    page["info"].update(title=NAME, version=mods.__version__, description=DESCRIPTION)
    page.pop("externalDocs", None)
    if locked:
        page["securityDefinitions"] = {"token": TOKEN}
        page["security"] = [{"token": []}]


def _routes(app: web.Application, state: State, base: str) -> frozenset[str]:
    """Health and figures, at the root and below the base path; the paths that need no token."""
    health = Health(state.pool)

    async def ready(request: web.Request) -> web.Response:
        verdict = await health.verdict()
        state.metrics.healthy.set(verdict.ready)
        record: dict[str, Any] = {"status": verdict.status, "reason": verdict.reason}
        if state.ending:
            record = {"status": "failing", "reason": "the service is ending"}
        elif request.get(gate.ROLE):
            record["broken"] = verdict.broken
        good = verdict.ready and not state.ending
        return web.json_response(record, status=200 if good else 503)

    async def live(request: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def figures(request: web.Request) -> web.Response:
        kind = "text/plain; version=0.0.4; charset=utf-8"
        text = await asyncio.to_thread(state.metrics.text)  # it reads files
        return web.Response(body=text, headers={"Content-Type": kind})

    async def page(request: web.Request) -> web.Response:
        raise web.HTTPFound(f"{base}/api")

    if base:
        app.router.add_get(f"{base}/", page)
    for place in dict.fromkeys(("", base)):
        app.router.add_get(f"{place}{READY}", ready)
        app.router.add_get(f"{place}{LIVE}", live)
        app.router.add_get(f"{place}{METRICS}", figures)
    return frozenset(f"{place}{path}" for place in ("", base) for path in (READY, LIVE))
