"""Dimensions: by which columns of a log the records of a departure are told apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import ibis
from ibis.expr import types as ir

LONGEST = 300
UNSET = "(unset)"
ORIGINATOR, RESPONDER, NETWORK = "originator", "responder", "network"
PORT, DOMAIN = "port", "domain"


@dataclass(frozen=True)
class Dimension:
    """What its values are called, the columns they are made of, and how."""

    name: str
    columns: tuple[str, ...]
    made: Callable[..., Any] | None = None

    def is_plain(self, column: str | None) -> bool:
        """Whether it is this column as it stands."""
        return self.made is None and self.columns == (column,)

    def value(self, records: ir.Table) -> Any:
        """The text of each record, `(unset)` where it has none; cut where it is endless."""
        parts = [records[name].cast("string") for name in self.columns]
        found = self.made(*parts) if self.made is not None else parts[0]
        return found.left(LONGEST).coalesce(UNSET)


def _port(port: Any, proto: Any) -> Any:
    return ibis.ifelse(proto.isnull(), port, port + "/" + proto)


def domain(query: Any) -> Any:
    """The last two labels of a name: `a.b.example.org` -> `example.org`."""
    parent = query.re_extract(r"([^.]+\.[^.]+?)\.?$", 1)
    return ibis.ifelse(parent == "", query, parent).lower()


def _network(host: Any) -> Any:
    """The /24 of an IPv4 originator; nothing for others."""
    head = host.re_extract(r"^([0-9]+[.][0-9]+[.][0-9]+)[.][0-9]+$", 1)
    return ibis.ifelse(head == "", ibis.null("string"), head + ".0/24")


HOSTS = (
    Dimension(ORIGINATOR, ("id.orig_h",)),
    Dimension(RESPONDER, ("id.resp_h",)),
    Dimension(NETWORK, ("id.orig_h",), _network),
)
PORTS = (Dimension(PORT, ("id.resp_p", "proto"), _port),)
PLAIN_PORT = (Dimension(PORT, ("id.resp_p",)),)


def _plain(*names: str, **columns: str) -> tuple[Dimension, ...]:
    named = {name: name for name in names} | columns
    return tuple(Dimension(name.replace("_", " "), (column,)) for name, column in named.items())


DIMENSIONS = {
    "conn": (*HOSTS, *PORTS, *_plain("service", state="conn_state")),
    "dns": (
        *HOSTS,
        Dimension(DOMAIN, ("query",), domain),
        *_plain("query", query_type="qtype_name", answer="rcode_name"),
    ),
    "http": (*HOSTS, *PLAIN_PORT, *_plain("host", "user_agent", status="status_code")),
    "ssl": (*HOSTS, *PLAIN_PORT, *_plain("server_name", "version")),
    "ssh": (*HOSTS, *PLAIN_PORT, *_plain("client", success="auth_success")),
    "sip": (*HOSTS, *PLAIN_PORT, *_plain("user_agent", "method", status="status_code")),
}


def of(protocol: str) -> tuple[Dimension, ...]:
    """The dimensions of a log; of one that is not known those that all connections have."""
    return DIMENSIONS.get(protocol, (*HOSTS, *PLAIN_PORT))


def columns(protocol: str) -> tuple[str, ...]:
    """The columns that the dimensions of a log are made of."""
    return tuple(dict.fromkeys(_flat(one.columns for one in of(protocol))))


def _flat(parts: Iterable[Iterable[str]]) -> Iterable[str]:
    return (name for part in parts for name in part)
