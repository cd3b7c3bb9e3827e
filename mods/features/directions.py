"""Which way a record goes: one regular expression over the local networks, on any engine.

Addresses are tested as the text Zeek writes (IPv4 dotted, IPv6 compressed, with `::` anywhere);
upper case, zone ids (`fe80::1%eth0`) and IPv4 addresses mapped into IPv6 (`::ffff:10.0.0.1`) are
understood. A test of numbers would need arithmetic that engines do not share, and is slower.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

import ibis
from ibis.expr import types as ir

from mods.errors import SettingError

PRIVATE = (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16",
    "127.0.0.0/8", "fc00::/7", "fe80::/10", "::1/128",
)  # fmt: skip
EXTERNAL, LOCAL = "external_host", "local_host"
MAPPED = int(ipaddress.IPv6Address("::ffff:0:0"))
NIBBLE = "[0-9a-f]"
GROUP = f"{NIBBLE}{{1,4}}"
ANYTHING = "[0-9a-f:.]*"
OCTET = "[0-9]{1,3}"
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks(texts: Iterable[str]) -> tuple[str, ...]:
    """The networks of `10.0.0.0/8,2001:db8::/32` in canonical form, each once.

    >>> networks(["10.1.2.3/8, 2001:DB8::/32"])
    ('10.0.0.0/8', '2001:db8::/32')
    """
    parts = [part.strip() for text in texts for part in text.split(",")]
    return tuple(dict.fromkeys(str(_network(part)) for part in parts if part))


def _network(text: str) -> Network:
    try:
        found = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise SettingError(
            f"{text!r} is no network",
            where="local_networks",
            fix="Write networks as in 10.0.0.0/8,192.168.0.0/16,2001:db8::/32",
        ) from None
    if found.version == 6 and found.prefixlen >= 96 and int(found.network_address) >> 32 == 0xFFFF:
        return ipaddress.IPv4Network(
            (int(found.network_address) - MAPPED, found.prefixlen - 96), strict=False
        )
    return found


def label(records: ir.Table, local: Sequence[str] = ()) -> ir.Table:
    """Add `flow_direction`: `in`, `out`, `internal`, NULL between two external hosts.

    Local is what lies in the networks `local`; without any, what Zeek says in `local_orig` and
    `local_resp`, and where it says nothing what lies in a private range.
    """
    expression = pattern(local or PRIVATE)
    orig = records["id.orig_h"].re_search(expression).coalesce(False)
    resp = records["id.resp_h"].re_search(expression).coalesce(False)
    if not local:
        orig, resp = _zeek(records, "local_orig", orig), _zeek(records, "local_resp", resp)
    # a step of its own: within one expression engines would test addresses several times
    told = records.mutate(orig_is_local=orig, resp_is_local=resp)
    orig, resp = told.orig_is_local, told.resp_is_local
    direction = ibis.cases((orig & resp, "internal"), (orig, "out"), (resp, "in"))
    return told.mutate(flow_direction=direction).drop("orig_is_local", "resp_is_local")


def end(records: ir.Table, which: str) -> Any:
    """The `external_host` or the `local_host` of records with their directions; NULL without one.

    Where both ends are local there is no external host, and the local one is the originator.
    """
    orig, resp = records["id.orig_h"], records["id.resp_h"]
    inward, outward = (records.flow_direction == way for way in ("in", "out"))
    if which == EXTERNAL:
        return ibis.cases((inward, orig), (outward, resp))
    return ibis.cases((inward, resp), (outward | (records.flow_direction == "internal"), orig))


def _zeek(records: ir.Table, column: str, otherwise: Any) -> Any:
    known = column in records.columns and records[column].type().is_boolean()
    return records[column].coalesce(otherwise) if known else otherwise


def pattern(local: Sequence[str]) -> str:
    """The regular expression (RE2 and Java alike) that the text of every local address matches.

    >>> import re
    >>> matches = re.compile(pattern(["10.0.0.0/8", "2001:db8::/32"])).search
    >>> [bool(matches(a)) for a in ("10.1.2.3", "110.1.2.3", "2001:db8::1", "2001:db9::1")]
    [True, False, True, False]
    """
    alternatives: list[str] = []
    for one in map(_network, local):
        if isinstance(one, ipaddress.IPv4Network):
            alternatives += [f"(?:::ffff:)?{_ipv4(one)}", _mapped(one)]
        else:
            alternatives += _ipv6(one) + _ipv6_dotted(one)
    return f"(?i)^(?:{'|'.join(dict.fromkeys(alternatives))})(?:%.*)?$"


def _ipv4(network: ipaddress.IPv4Network) -> str:
    whole, bits = divmod(network.prefixlen, 8)
    octets = list(network.network_address.packed)
    parts = [str(octet) for octet in octets[:whole]]
    if bits:
        parts.append(_octets(octets[whole], octets[whole] + (1 << (8 - bits))))
    return r"\.".join(parts + [OCTET] * (4 - len(parts)))


def _mapped(network: ipaddress.IPv4Network) -> str:
    """IPv4 addresses as some write them in IPv6: `::ffff:a00:1`."""
    whole = ipaddress.IPv6Network((MAPPED + int(network.network_address), 96 + network.prefixlen))
    texts = [_hex(first, bits) for first, bits in _groups(whole)[6:]]
    return "::ffff:" + ":".join(texts + [GROUP] * (2 - len(texts)))


def _octets(first: int, end: int) -> str:
    """The decimal numbers from `first` to before `end`: `17[2-9]|18[0-9]`."""
    tens = [(ten, list(ones)) for ten, ones in groupby(range(first, end), lambda n: n // 10)]
    return (
        "(?:" + "|".join(f"{ten or ''}[{ones[0] % 10}-{ones[-1] % 10}]" for ten, ones in tens) + ")"
    )


def _ipv6(network: ipaddress.IPv6Network) -> list[str]:
    """All ways in which an address of the network can be written, by where its `::` stands."""
    bounds = _groups(network)
    texts = [_hex(first, bits) for first, bits in bounds]
    rest = "" if len(bounds) == 8 else ":" + ANYTHING
    return [(":".join(texts) or "[0-9a-f]*") + rest, *_compressed(bounds, texts)]


def _groups(network: ipaddress.IPv6Network) -> list[tuple[int, int]]:
    """The first value and the number of fixed bits of each 16-bit group that the prefix touches."""
    whole, bits = divmod(network.prefixlen, 16)
    packed = network.network_address.packed
    values = [int.from_bytes(packed[i : i + 2], "big") for i in range(0, 16, 2)]
    touched = [(value, 16) for value in values[:whole]]
    return touched + ([(values[whole], bits)] if bits else [])


def _compressed(bounds: list[tuple[int, int]], texts: list[str]) -> list[str]:
    """The `::` stands for some of the fixed groups, zero then, and perhaps for free ones."""
    found = []
    for start in range(len(bounds)):
        head = ":".join(texts[:start]) + "::"
        for end in range(start + 1, len(bounds) + 1):
            if bounds[end - 1][0] != 0:
                break
            if end == len(bounds):
                found.append(head + _up_to(8 - end))
            else:
                tail = [*texts[end:], *[GROUP] * (8 - len(bounds))]
                found.append(head + ":".join(tail))
    return found


def _up_to(count: int) -> str:
    """At most so many groups, separated by colons."""
    return f"(?:{GROUP}(?::{GROUP}){{0,{count - 1}}})?" if count > 0 else ""


def _hex(first: int, bits: int) -> str:
    """Hexadecimal numbers whose first `bits` of 16 are those of `first`, leading zeros or not."""
    digits = f"{first:04x}"
    whole, part = divmod(bits, 4)
    fixed, free = digits[:whole].lstrip("0"), 4 - whole - bool(part)
    low = int(digits[whole], 16) if part else 0
    some = _nibbles(low, low + (1 << (4 - part))) if part else ""
    if fixed or low:
        return "0*" + fixed + some + NIBBLE * free
    if not part:
        return f"0*{NIBBLE}{{1,{free}}}" if free else "0+"
    return f"(?:0*{some}{NIBBLE * free}|{NIBBLE}{{1,{free}}})" if free else f"0*{some}"


def _nibbles(first: int, end: int) -> str:
    return "[" + "".join(f"{n:x}" for n in range(first, end)) + "]"


def _ipv6_dotted(network: ipaddress.IPv6Network) -> list[str]:
    """Addresses such as `::1.2.3.4`, as systems write those whose first 96 bits are zero."""
    if int(network.network_address) >> 32 != 0:
        return []
    low = int(network.network_address) & 0xFFFFFFFF
    inside = ipaddress.IPv4Network((low, max(network.prefixlen - 96, 0)), strict=False)
    return ["::" + _ipv4(inside)]
