"""What the router says while its uplink is down: host unreachable (ICMP type 3, code 1; RFC 792).

One message to the inside for each connection that a client tries to make outwards.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from mods.dataset.demo_traffic import columns, connections, site
from mods.dataset.demo_traffic.columns import chosen, flag, number, text
from mods.dataset.demo_traffic.connections import Connections
from mods.dataset.demo_traffic.plan import Plan
from mods.dataset.demo_traffic.records import Records

AFTER, LINGER = 200, 60_000_000
TYPE, CODE, BYTES = 3, 1, 56


def told(conn: Records, drawn: Connections, plan: Plan, rng: np.random.Generator) -> Records:
    """The records of conn with those of the router, which come of the outage alone."""
    rows = drawn.take(_refused(drawn, plan))
    if not len(rows):
        return conn
    written = rows.start + LINGER
    return Records(
        pa.concat_tables([conn.table, _table(rows, rng)]), np.concatenate([conn.written, written])
    )


def _refused(drawn: Connections, plan: Plan) -> np.ndarray:
    """The connections that clients with an IPv4 address begin outwards while the uplink is down."""
    event = plan.event("outage")
    begin, end = (connections.microseconds(moment) for moment in (event.start, event.end))
    ways = np.array([service.direction for service in site.SERVICES])[drawn.service]
    old = np.array([":" not in address for address in site.ADDRESSES])[drawn.orig]
    return np.asarray((drawn.start >= begin) & (drawn.start < end) & (ways == "out") & old)


def _table(rows: Connections, rng: np.random.Generator) -> pa.Table:
    n = len(rows)
    alike = np.zeros(n, dtype=int)
    values = {
        "ts": columns.seconds(rows.start + AFTER),
        "uid": text(connections.uids(n, rng)),
        "id.orig_h": chosen((site.ROUTER,), alike),
        "id.orig_p": number(alike + TYPE),
        "id.resp_h": chosen(site.ADDRESSES, rows.orig),
        "id.resp_p": number(alike + CODE),
        "proto": chosen(("icmp",), alike),
        "conn_state": chosen(("OTH",), alike),
        "local_orig": flag(alike == 0),
        "local_resp": flag(alike == 0),
        "missed_bytes": number(alike),
        "orig_pkts": number(alike + 1),
        "orig_ip_bytes": number(alike + BYTES),
        "resp_pkts": number(alike),
        "resp_ip_bytes": number(alike),
    }
    return columns.table("conn", values, n)
