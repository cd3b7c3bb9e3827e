"""Zeek's JSON logs: one object per line, keys left out where unset, no types said.

The columns and types are those that Zeek documents for the log; for others the first lines tell.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mods.dataset import zeek_fields
from mods.dataset.packing import bare
from mods.dataset.zeek import Header
from mods.errors import LogError

FORM = "json"
NAME = re.compile(r"(?:json_streaming_)?(.+?)(?=\.|-\d|_\d|__|$)")
WIDER = {("count", "double"): "double", ("double", "count"): "double"}


def log_name(path: Path) -> str:
    """Which log a file is by its name, as Zeek and its tools name rotated files.

    >>> log_name(Path("json_streaming_conn.1.log")), log_name(Path("conn.00:00:00-01:00:00.log.gz"))
    ('conn', 'conn')
    >>> log_name(Path("open_conn.log")), log_name(Path("dns_20191203_10:00:00-11:00:00+0000.log"))
    ('open_conn', 'dns')
    """
    match = NAME.match(bare(path).name)
    return match[1] if match else ""


def header(name: str, lines: Iterable[str]) -> Header:
    """What the first lines say; LogError where the first of them is no JSON object.

    The key `_path`, which Zeek's JSON streaming writes, goes before the name of the file.

    >>> header("ssh", ['{"ts":1.5,"id.orig_h":"10.0.0.1","level":7}']).type_of("level")
    'count'
    """
    guesses: dict[str, str] = {}
    path = None
    for number, line in enumerate(lines):
        found = _object(line)
        if found is None:
            if number == 0:
                raise LogError("begins with '{', but its first line is no JSON object")
            continue
        path = path or found.get("_path")
        for key, value in _flat(found):
            if (kind := _guess(value)) is not None:
                guesses[key] = wider(guesses.get(key, kind), kind)
    name = path if isinstance(path, str) and path else name
    types = zeek_fields.known(name)
    guessed = frozenset(guesses.keys() - types.keys())
    types |= {key: guesses[key] for key in sorted(guessed)}
    return Header(name, tuple(types), tuple(types.values()), form=FORM, guessed=guessed)


def _object(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _flat(found: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Keys and values; a key inside an object is named as in Zeek's TSV: `id.orig_h`."""
    for key, value in found.items():
        if isinstance(value, dict):
            if not before:
                yield from _flat(value, f"{key}.")
        else:
            yield before + key, value


def _guess(value: Any) -> str | None:
    """Zeek's type of a JSON value; None where it tells nothing."""
    match value:
        case None:
            return None
        case bool():
            return "bool"
        case int():
            return "count"
        case float():
            return "double"
        case list():
            return "vector[string]"
    return "string"


def wider(known: str, other: str) -> str:
    """The type that holds the values of both.

    >>> wider("count", "double"), wider("bool", "count")
    ('double', 'string')
    """
    return known if known == other else WIDER.get((known, other), "string")


def pointers(column: str) -> list[str]:
    """Where a column may stand in an object: under its own name, or nested at its dots.

    >>> pointers("id.orig_h")
    ['/id.orig_h', '/id/orig_h']
    """
    whole = "/" + column.replace("~", "~0").replace("/", "~1")
    return [whole, whole.replace(".", "/")] if "." in column else [whole]
