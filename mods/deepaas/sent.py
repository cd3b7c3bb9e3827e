"""What a request sent: known fields alone, each once and where it may stand."""

from __future__ import annotations

from collections import Counter
from typing import Any

from aiohttp import web

from mods.deepaas import guard
from mods.errors import UsageError

FORM = "form"


def check(parser: Any, argmap: Any, req: web.Request) -> None:
    """Raise the JSON 422 for a field nobody knows, that is sent twice, or that is no file.

    parser:  one that has read this request
    """
    form: Any = parser._cache.get("post") or {}
    body = parser._cache.get("json")
    if body is not None and not isinstance(body, dict):
        raise _refused("request body", "the JSON is no object", 'Send {"model_name": "..."}')
    known = {name: one for name, one in argmap().fields.items() if name != "accept"}
    everywhere = (req.query, form, body or {})
    sent = Counter(name for place in everywhere for name, _ in place.items())
    if next(iter(form), "").lstrip()[:1] in ("{", "["):
        fix = "Send it with -H 'Content-Type: application/json'"
        raise _refused("request body", "is JSON, sent as a form", fix)
    for name in sorted(sent.keys() - known.keys()):
        raise _refused(name, "is no field", f"Known are {', '.join(sorted(known))}")
    for name, field in known.items():
        _formed(name, field, {**(body or {}), **req.query})
        places = sum(name in place for place in everywhere)
        if places > 1 or (sent[name] > 1 and not _many(field)):
            raise _refused(name, "is sent more than once", "Give it once, in one place")


def _formed(name: str, field: Any, outside: dict[str, Any]) -> None:
    """Refuse what only a form can bring where it stands in the query or in JSON."""
    if field.metadata.get("location") == FORM and outside.get(name) not in (None, ""):
        fix = f"Send it as multipart/form-data: curl -F {name}=@FILE"
        raise _refused(name, "is not a file", fix)


def _many(field: Any) -> bool:
    return hasattr(field, "inner")


def _refused(name: str, message: str, fix: str) -> guard.Failure:
    return guard.answer(UsageError(message, where=name, fix=fix))
