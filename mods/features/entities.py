"""Whose traffic a record is: of a subnet, a sensor or a group of hosts (`--by`).

A record belongs to one entity at most: that of its local end, which is the originator where both
ends are local; so the records of all entities are disjoint. A sensor's are those that it wrote.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
from ibis.expr import types as ir

from mods.errors import SettingError
from mods.features import directions
from mods.features.directions import LOCAL, end

SENSOR_COLUMN = "_node_name"
PREFIXES = (24, 64)
FIX = "Give subnet:24, subnet:24,64 (IPv4, IPv6), sensor, sensor:COLUMN or groups:FILE.toml"
DOTTED = r"^(?:::ffff:)?([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})$"
Groups = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class By:
    """What tells entities apart: `subnet`, `sensor` or `groups`."""

    kind: str
    prefixes: tuple[int, int] = PREFIXES
    column: str = ""
    groups: Groups = ()

    @classmethod
    def parse(cls, text: str) -> By:
        """Read `subnet:24,64`, `sensor[:COLUMN]` or `groups:FILE.toml`; SettingError else.

        >>> str(By.parse("subnet:16"))
        'subnet:16,64'
        """
        kind, _, rest = text.strip().partition(":")
        if kind == "subnet":
            return cls(kind, prefixes=_prefixes(rest))
        if kind == "sensor":
            return cls(kind, column=rest.strip() or SENSOR_COLUMN)
        if kind == "groups" and rest.strip():
            return cls(kind, groups=_groups(Path(rest.strip())))
        raise SettingError(f"{text!r} is not known", where="by", fix=FIX)

    def __str__(self) -> str:
        if self.kind == "subnet":
            return f"subnet:{self.prefixes[0]},{self.prefixes[1]}"
        if self.kind == "sensor":
            return f"sensor:{self.column}"
        named = (f"{name}={','.join(networks)}" for name, networks in self.groups)
        return f"groups:{';'.join(named)}"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the logs that are read for it."""
        return (self.column,) if self.column else ()


def label(records: ir.Table, by: By | None) -> ir.Table:
    """Add `entity` to records with their directions: its name, '' where there is none."""
    if by is None:
        return records.mutate(entity=ibis.literal(""))
    if by.kind == "sensor":
        return records.mutate(entity=records[by.column].cast("string").coalesce(""))
    host = end(records, LOCAL).lower().re_replace("%.*$", "")
    name = _named(host, by.groups) if by.kind == "groups" else _subnet(host, by.prefixes)
    return records.mutate(entity=name.coalesce(""))


def _named(host: Any, groups: Groups) -> Any:
    return ibis.cases(
        *((host.re_search(directions.pattern(networks)), name) for name, networks in groups)
    )


def _subnet(host: Any, prefixes: tuple[int, int]) -> Any:
    """The network of an address, from its text alone, so that every engine can say it."""
    return ibis.cases(
        (host.re_search(DOTTED), _ipv4(host, prefixes[0])),
        (host.contains(":"), _ipv6(host, prefixes[1])),
    )


def _ipv4(host: Any, prefix: int) -> Any:
    whole, bits = divmod(prefix, 8)
    parts = []
    for place in range(4):
        octet = host.re_extract(DOTTED, place + 1)
        if place == whole and bits:
            number = octet.cast("int64")
            octet = (number - number % (1 << (8 - bits))).cast("string")
        parts.append(octet if place < whole + bool(bits) else ibis.literal("0"))
    return parts[0] + "." + parts[1] + "." + parts[2] + "." + parts[3] + f"/{prefix}"


def _ipv6(host: Any, prefix: int) -> Any:
    """`::` is written out as the zeros it stands for, then the first groups are kept."""
    colons = host.length() - host.replace(":", "").length()
    padded = host.re_replace("^::", "0::").re_replace("::$", "::0")
    zeros = 8 - (padded.length() - padded.replace(":", "").length())
    full = host.contains("::").ifelse(
        padded.re_extract("^(.*)::", 1) + ":" + ibis.literal("0:").repeat(zeros)
        + padded.re_extract("::(.*)$", 1),
        host,
    )  # fmt: skip
    whole, bits = divmod(prefix, 16)
    groups = [_group(full, place) for place in range(whole)]
    if bits:
        groups.append(_group(full, whole).left(bits // 4) + "0" * (4 - bits // 4))
    text = groups[0] if groups else ibis.literal("")
    for one in groups[1:]:
        text = text + ":" + one
    text = text + (f"::/{prefix}" if len(groups) < 8 else f"/{prefix}")
    return (colons >= 2).ifelse(text, ibis.null("string"))


def _group(full: Any, place: int) -> Any:
    return full.re_extract(f"^(?:[^:]*:){{{place}}}([^:]*)", 1).lpad(4, "0")


def _prefixes(text: str) -> tuple[int, int]:
    """The prefix lengths for IPv4 and IPv6."""
    try:
        lengths = [int(part) for part in text.split(",")] if text.strip() else []
    except ValueError:
        lengths = [-1]
    ipv4, ipv6 = (*lengths, *PREFIXES[len(lengths) :])[:2]
    if len(lengths) > 2 or not 1 <= ipv4 <= 32 or not (4 <= ipv6 <= 128 and ipv6 % 4 == 0):
        raise SettingError(
            f"{text!r} are no prefix lengths (1 to 32, and 4 to 128 in steps of 4)",
            where="by",
            fix=FIX,
        )
    return ipv4, ipv6


def _groups(path: Path) -> Groups:
    """The file's `NAME = ["10.0.1.0/24", ...]`, in its order."""
    try:
        found = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise SettingError(f"cannot be read: {error}", where=path, fix=FIX) from None
    for group, networks in found.items():
        if not isinstance(networks, list) or not all(isinstance(one, str) for one in networks):
            raise SettingError(
                f"{group!r} is no list of networks",
                where=path,
                fix='Write it as servers = ["10.0.1.0/24", "2001:db8:1::/48"]',
            )
    groups = ((group, directions.networks(networks)) for group, networks in found.items())
    kept = tuple((group, networks) for group, networks in groups if group and networks)
    if not kept:
        raise SettingError("names no group", where=path, fix=FIX)
    return kept
