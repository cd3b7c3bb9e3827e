"""Parts of a pool: those of single entities (--by), each a pool of its own under `by/`."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import quote

BY = "by"
LONGEST_NAME = 120
NETWORK = re.compile(r"[0-9a-f.-]+_[0-9]+")


def name(entity: str) -> str:
    """How people write the entity: a subnet in its shortest form.

    >>> name("2001:0db8:0000:0001::/64")
    '2001:db8:0:1::/64'
    """
    try:
        return str(ipaddress.ip_network(entity))
    except ValueError:
        return entity


def folder(entity: str) -> str:
    """A folder name for the entity that no other entity has, whatever its name holds.

    >>> folder("10.1.2.0/24"), folder("../x")
    ('10.1.2.0_24', '%2E%2E%2Fx')
    """
    shown = name(entity)
    if shown != entity or "/" in entity:
        try:
            return str(ipaddress.ip_network(shown)).replace("/", "_").replace(":", "-")
        except ValueError:
            pass
    text = quote(entity, safe="")
    if NETWORK.fullmatch(text):
        text = text.replace("_", "%5F")
    text = text.replace(".", "%2E") if text.startswith(".") else text
    if len(text) <= LONGEST_NAME:
        return text
    return f"{text[:80]}%{hashlib.sha256(entity.encode()).hexdigest()[:16]}"


def called(name: str, entities: Iterable[str]) -> str | None:
    """The entity of that name, or else of that folder's name; None where there is none.

    >>> called("10.1.2.0_24", ["10.1.2.0/24"]), called("10.1.3.0_24", ["10.1.2.0/24"])
    ('10.1.2.0/24', None)
    """
    there = tuple(entities)
    by_folder = (entity for entity in there if folder(entity) == name)
    return name if name in there else next(by_folder, None)


def place(entity: str) -> str:
    """Where the pool of an entity lies, below that of the whole."""
    return f"{BY}/{folder(entity)}"
