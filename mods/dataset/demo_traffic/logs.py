"""What Zeek would have written about the connections: conn, dns, http, ssl, ssh and sip."""

from __future__ import annotations

import numpy as np

from mods.dataset.demo_traffic import columns, protocols, site
from mods.dataset.demo_traffic.columns import chosen, flag, number, seconds, where
from mods.dataset.demo_traffic.connections import STATES, Connections
from mods.dataset.demo_traffic.records import Records, records

TCP_LINGER, UDP_LINGER = 5_000_000, 60_000_000
HISTORIES = {"tcp": ("ShADadFf", "S", "Sr", "ShADadR", "ShADad"), "udp": ("Dd", "D", "", "", "Dd")}
HEADER_BYTES = {"tcp": 40, "udp": 28}


def of(connections: Connections, rng: np.random.Generator) -> dict[str, Records]:
    """All six logs of some connections."""
    written = {"conn": _conn(connections)}
    kinds = np.array([service.log for service in site.SERVICES])[connections.service]
    for log, make in protocols.MAKERS.items():
        seen = connections.answered | (log == "dns")
        rows = connections.take((kinds == log) & seen)
        written[log] = make(rows, rng)
    return written


def _conn(rows: Connections) -> Records:
    """Written when the connection is over, so that the order of writing is not the order of ts."""
    protos = np.array([service.proto for service in site.SERVICES])[rows.service]
    udp = protos == "udp"
    answered = rows.answered
    recognised = [service.log or columns.UNSET for service in site.SERVICES]
    sent_packets = 1 + np.maximum(rows.sent, 0) // 1_200 + 2 * (answered & ~udp)
    back_packets = (rows.received >= 0) + np.maximum(rows.received, 0) // 1_200
    header = np.where(udp, HEADER_BYTES["udp"], HEADER_BYTES["tcp"])
    histories = HISTORIES["tcp"] + HISTORIES["udp"]
    values = {
        "proto": chosen(("tcp", "udp"), udp.astype(int)),
        "service": where(answered | (udp & (rows.resp_p == 53)), chosen(recognised, rows.service)),
        "duration": seconds(rows.duration),
        "orig_bytes": number(rows.sent),
        "resp_bytes": number(rows.received),
        "conn_state": chosen(STATES, rows.state),
        "local_orig": flag(site.LOCAL[rows.orig]),
        "local_resp": flag(site.LOCAL[rows.resp]),
        "missed_bytes": number(np.zeros(len(rows), dtype=int)),
        "history": chosen(histories, rows.state + len(STATES) * udp),
        "orig_pkts": number(sent_packets),
        "orig_ip_bytes": number(np.maximum(rows.sent, 0) + sent_packets * header),
        "resp_pkts": number(back_packets),
        "resp_ip_bytes": number(np.maximum(rows.received, 0) + back_packets * header),
    }
    return records("conn", rows, values, rows.end + np.where(udp, UDP_LINGER, TCP_LINGER))
