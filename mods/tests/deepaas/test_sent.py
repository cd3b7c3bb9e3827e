"""What a request sent, in query, form and JSON, over a real connection."""

import asyncio
import warnings

import pytest
from aiohttp import FormData, web
from aiohttp.test_utils import TestClient, TestServer
from marshmallow import Schema, fields

from mods.deepaas import sent, uploads
from mods.deepaas.fields import Item

FIELDS = {
    "model_name": fields.String(),
    "quantiles": fields.List(Item()),
    "data": uploads.field(),
    "accept": fields.String(),
}


def asked(query="", **sending):
    """Status and JSON of a request that is read as DEEPaaS does it."""
    with warnings.catch_warnings():  # of what others wrote, for others
        warnings.simplefilter("ignore", DeprecationWarning)
        from webargs.aiohttpparser import AIOHTTPParser
    schema = Schema.from_dict(FIELDS)

    async def handler(request):
        parser = AIOHTTPParser()
        read = await parser.parse(schema, request)
        sent.check(parser, schema, request)
        return web.json_response(sorted(read))

    async def scene():
        app = web.Application()
        app.router.add_post("/", handler)
        async with TestClient(TestServer(app)) as client:
            answer = await client.post(f"/?{query}", **sending)
            return answer.status, await answer.json()

    return asyncio.run(scene())


def form(*parts):
    body = FormData(quote_fields=False)
    for name, value, file in parts:
        body.add_field(name, value, filename=file or None)
    return body


@pytest.mark.parametrize(
    ("query", "sending"),
    [
        ("model_name=a&quantiles=0.1&quantiles=0.9", {}),
        ("model_name=a", {"json": {"quantiles": [0.1], "data": None}}),
        ("model_name=a&data=", {}),
        ("", {"data": form(("data", "1", "a.csv"), ("model_name", "a", ""))}),
        ("quantiles=1", {"data": {"model_name": "a"}}),
    ],
)
def test_each_field_once_is_read(query, sending):
    status, names = asked(query, **sending)
    assert status == 200
    assert "model_name" in names


@pytest.mark.parametrize(
    ("query", "sending", "where", "reason"),
    [
        ("data=/etc/passwd", {}, "data", "is not a file"),
        ("", {"json": {"data": "recent.csv"}}, "data", "is not a file"),
        ("model_name=a&model_name=b", {}, "model_name", "more than once"),
        ("model_name=a", {"json": {"model_name": "b"}}, "model_name", "more than once"),
        ("model_name=a", {"data": {"model_name": "b"}}, "model_name", "more than once"),
        ("quantiles=1", {"json": {"quantiles": [0.5]}}, "quantiles", "more than once"),
        ("", {"data": form(("data", "1", "a"), ("data", "2", "b"))}, "data", "more than once"),
        ("", {"json": {"modelname": "b"}}, "modelname", "is no field"),
        ("", {"json": []}, "request body", "no object"),
        ("", {"json": 5}, "request body", "no object"),
        ("", {"data": {'{"model_name": "a"}': ""}}, "request body", "is JSON, sent as a form"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_name(query, sending, where, reason):
    status, answer = asked(query, **sending)
    assert (status, answer["where"]) == (422, where)
    assert reason in answer["message"]
    assert answer["fix"]
