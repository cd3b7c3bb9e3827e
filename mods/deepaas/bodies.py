"""JSON bodies as webargs reads them, in place of its own: no key of an object stands twice.

Of two the last would count in silence: whoever checks a request on its way may see the first.
"""

from __future__ import annotations

import json
from json import JSONDecodeError, dumps
from typing import Any

from mods import plain
from mods.deepaas import guard
from mods.errors import UsageError

__all__ = ["JSONDecodeError", "dumps", "loads"]
SHOWN = 100  # characters


def loads(text: str | bytes) -> Any:
    """The value of a JSON text; raises the JSON 422 that names a key which stands twice."""
    try:
        return json.loads(text, object_pairs_hook=plain.once)
    except plain.TwiceError as error:
        fix = "Give each key of an object once"
        where = error.key[:SHOWN]
        raise guard.answer(UsageError(plain.TWICE, where=where, fix=fix)) from None
